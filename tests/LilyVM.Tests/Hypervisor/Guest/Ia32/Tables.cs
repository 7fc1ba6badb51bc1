using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Guest;
using LilyVM.Tests.Hypervisor.Emulation;

namespace LilyVM.Tests.Hypervisor.Guest;

/// <summary>Descriptors and gates of the tests' own in a <see cref="SimulatedMachine"/>.</summary>
internal static unsafe class Tables
{
    /// <summary>Selectors of free GDT entries, and one beyond the table.</summary>
    public const uint Free = 0x48, Free2 = 0x50, Beyond = 0x200;

    /// <summary>The TSS of <see cref="SimulatedMachine.TaskState"/>, and the stacks that <see cref="EnterUser"/> puts there.</summary>
    public const uint Tss = 0x5000, KernelStack = 0x7800, UserStack = 0x6800;

    /// <summary>Access bytes: present, level 0.</summary>
    public const uint CodeSegment = 0x9B, ConformingCode = 0x9F, DataSegment = 0x93, LdtSegment = 0x82, AvailableTask = 0x89,
        BusyTask = 0x8B;

    /// <summary>
    /// Writes a descriptor with an access byte (bits 8 to 15 of the second word), a limit in bytes, and widens the GDT to the free entries.
    /// </summary>
    public static void Describe(this SimulatedMachine machine, uint selector, uint access, uint start = 0, uint limit = 0xFFFF_FFFF)
    {
        machine.Cpu->Page->GdtLimit = 0xFF;
        uint granularity = limit > 0xF_FFFF ? 0x80_0000u : 0, field = granularity != 0 ? limit >> 12 : limit;
        machine.Write(SimulatedMachine.Gdt + (selector & 0xFFF8), field & 0xFFFF | start << 16,
            start >> 16 & 0xFF | access << 8 | field & 0xF_0000 | 0x40_0000 | granularity | start & 0xFF00_0000);
    }

    /// <summary>Writes a gate of the IDT.</summary>
    public static void Gate(this SimulatedMachine machine, uint vector, uint selector, uint offset, uint access) =>
        machine.Write(SimulatedMachine.Idt + 8 * vector, selector << 16 | offset & 0xFFFF, offset & 0xFFFF_0000 | access << 8);

    /// <summary>The vCPU runs at level 3, with a TSS for level 0.</summary>
    public static void EnterUser(this SimulatedMachine machine)
    {
        Vcpu* cpu = machine.Cpu;
        (cpu->Cpl, cpu->Page->Cs, cpu->Page->Ss, cpu->Sp) = (3, SimulatedMachine.UserCode, SimulatedMachine.UserData, UserStack);
        (cpu->TssBase, cpu->TssLimit, cpu->Page->Tr) = (Tss, 0x67, SimulatedMachine.TaskState);
        machine.Write(Tss + 4, KernelStack, SimulatedMachine.KernelData);
    }

    /// <summary>Raises an exception.</summary>
    public static Outcome Raise(this SimulatedMachine machine, uint vector, uint error = 0)
    {
        (machine.Cpu->Fault.Vector, machine.Cpu->Fault.ErrorCode) = (vector, error);
        return Events.RaiseFault(machine.Cpu);
    }

    /// <summary>
    /// The guest is at the handler of a fault with this error code, which was met at <see cref="SimulatedMachine.Code"/>.
    /// </summary>
    public static void AssertRefused(this SimulatedMachine machine, uint vector, uint error)
    {
        Vcpu* cpu = machine.Cpu;
        Assert.Equal((SimulatedMachine.Handler(vector), error, SimulatedMachine.Code),
            (cpu->Ip, machine.Word(cpu->Sp), machine.Word(cpu->Sp + 4)));
    }
}
