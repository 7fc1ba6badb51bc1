using System.Globalization;
using CsCheck;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Mmu;
using static LilyVM.Tests.Hypervisor.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest;

/// <summary>
/// Whatever a guest does to its tables between two entries of its kernel, the short way does what <see cref="Events"/> does.
/// </summary>
public sealed unsafe class ProgramEntryTests
{
    private const uint PageFault = 14, SystemCall = 0x80, UserGate = 0xEE, Edge = 0x7010; // the last: a stack whose frame crosses a page

    private static readonly Action<SimulatedMachine>[] Changes =
    [
        _ => { },
        m => m.Gate(SystemCall, KernelCode, 0x9000, UserGate),
        m => m.Gate(SystemCall, KernelCode, 0xA000, UserGate + 1), // a trap gate
        m => m.Gate(SystemCall, KernelCode, 0x9000, 0x8E), // not for programs
        m => m.Gate(SystemCall, KernelCode, 0x9000, 0x6E), // not present
        m => m.Gate(SystemCall, Free, 0x9000, UserGate),
        m => m.Gate(PageFault, KernelCode, 0xB000, 0x8E),
        m => m.Gate(PageFault, Free, 0xB000, 0x8F),
        m => m.Gate(PageFault, KernelCode, 0xB000, 0x0E),
        m => m.Describe(Free, CodeSegment),
        m => m.Describe(Free, 0x9A), // not accessed yet
        m => m.Describe(Free, 0x1B), // not present
        m => m.Describe(Free, CodeSegment, limit: 0x8FFF),
        m => m.Describe(Free2, DataSegment),
        m => m.Describe(Free2, 0x91), // read-only
        m => m.Write(Tss + 4, KernelStack, KernelData),
        m => m.Write(Tss + 4, KernelStack - 64, KernelData),
        m => m.Write(Tss + 4, KernelStack, Free2),
        m => m.Write(Tss + 4, Edge, KernelData),
        m => m.Cpu->TssLimit ^= 0x60, // 7: no stack
        m => m.Cpu->Page->IdtLimit ^= 0x400, // no gate for system calls
        m => m.Cpu->Page->GdtLimit ^= 0xC0,
        m => GuestMemory.FlushPage(m.Cpu, Gdt),
        m => m.Cpu->Flags ^= Flags.Trap | 0x55,
        m => m.Cpu->Page->InterruptFlag ^= Flags.Interrupt,
        m => m.Cpu->VirtualFlags ^= Flags.NestedTask,
    ];

    [Fact]
    public void Any_changes_between_entries_are_noticed() =>
        Gen.Select(Gen.Int[0, Changes.Length - 1], Gen.Bool, Gen.Int[0, 9]).Array[1, 30].Sample(steps =>
        {
            using var quick = new SimulatedMachine();
            using var slow = new SimulatedMachine();
            SimulatedMachine[] both = [quick, slow];
            foreach (SimulatedMachine machine in both)
                machine.EnterUser();
            foreach ((int change, bool isFault, int ofKernel) in steps)
            {
                foreach (SimulatedMachine machine in both)
                {
                    Vcpu* cpu = machine.Cpu;
                    (cpu->Ip, cpu->Sp, cpu->Shutdown) = (Code, UserStack, default);
                    (cpu->Cpl, cpu->Page->Cs, cpu->Page->Ss) = ofKernel == 0 ? (0u, KernelCode, KernelData) : (3u, UserCode, UserData);
                    (cpu->Fault.Vector, cpu->Fault.ErrorCode, cpu->Fault.Address) = (PageFault, 6, 0x1234_5678);
                    Changes[change](machine);
                }
                Outcome one = isFault ? ProgramEntry.PageFault(quick.Cpu) : ProgramEntry.SystemCall(quick.Cpu, Code + 2, Code);
                Outcome other = isFault ? Events.RaiseFault(slow.Cpu) : Events.Software(slow.Cpu, SystemCall, Code + 2, Code);
                Assert.Equal(other, one);
                Assert.Equal(State(slow), State(quick));
            }
        }, iter: 2000);

    private static string State(SimulatedMachine machine)
    {
        Vcpu* cpu = machine.Cpu;
        uint[] registers =
        [
            cpu->Ip, cpu->Sp, cpu->Cpl, cpu->Page->Cs, cpu->Page->Ss, cpu->Page->Cr2, cpu->Page->InterruptFlag, cpu->Flags,
            cpu->VirtualFlags,
            (uint)cpu->Shutdown,
        ];
        IEnumerable<uint> frame = Enumerable.Range(0, 6).Select(i => machine.Word(machine.Cpu->Sp + 4 * (uint)i)).ToArray();
        return string.Join(' ', registers.Concat(frame).Select(w => w.ToString("x8", CultureInfo.InvariantCulture)));
    }
}
