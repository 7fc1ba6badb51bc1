extern alias X64;

using X64::LilyVM.Hypervisor;
using X64::LilyVM.Hypervisor.Guest;

namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>Descriptors and gates of the tests' own.</summary>
internal sealed unsafe partial class SimulatedMachine
{
    /// <summary>Selectors of free GDT entries, and one beyond the table.</summary>
    public const uint Free = 0x48, Free2 = 0x58, Beyond = 0x200;

    /// <summary>Stacks that <see cref="EnterUser"/> puts into the TSS, and the one of the program.</summary>
    public const uint KernelStack = 0x9800, InterruptStack = 0xA800, UserStack = 0xB800;

    /// <summary>Access bytes of gates.</summary>
    public const uint InterruptGate = 0x8E, OpenGate = 0xEE, TrapGate = 0x8F;

    /// <summary>Access bytes of segments: present, level 0.</summary>
    public const uint CodeSegment = 0x9B, ConformingCode = 0x9F, DataSegment = 0x93, LdtSegment = 0x82, AvailableTask = 0x89,
        BusyTask = 0x8B;

    /// <summary>
    /// Flags of a descriptor (bits 20 to 23 of the second word): 64-bit code, 32-bit code or data, both, which is nothing.
    /// </summary>
    public const uint Wide = 0xA, Narrow = 0xC, Both = 0xE;

    /// <summary>Writes a flat descriptor with an access byte, and its second half.</summary>
    public void Describe(uint selector, uint access, uint flags = Wide, ulong high = 0) =>
        Write(Gdt + (selector & 0xFFF8), (ulong)flags << 52 | 0x000F_0000_0000_FFFF | (ulong)access << 40, high);

    /// <summary>Writes a gate of the IDT.</summary>
    public void Gate(uint vector, uint selector, ulong offset, uint access,
        uint interruptStack = 0) => Write(
        Idt + 16 * vector,
        offset & 0xFFFF | selector << 16 | (ulong)interruptStack << 32 | (ulong)access << 40 | (offset & 0xFFFF_0000) << 32,
        offset >> 32);

    /// <summary>The vCPU runs at level 3, with a TSS that has a stack for level 0 and one for gates (IST 1).</summary>
    public void EnterUser()
    {
        (Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss, Cpu->Ip, Cpu->Sp) = (3, UserCode, UserData, Code, UserStack);
        WriteTask(KernelStack, InterruptStack);
    }

    /// <summary>RSP0 and IST1 of the TSS, which lie at addresses that are no multiples of 8.</summary>
    public void WriteTask(ulong level0, ulong interrupts)
    {
        *(ulong*)(Cpu->Ram + Tss + 4) = level0;
        *(ulong*)(Cpu->Ram + Tss + 0x24) = interrupts;
    }

    /// <summary>Raises an exception.</summary>
    public Outcome Raise(uint vector, uint error = 0)
    {
        (Cpu->Fault.Vector, Cpu->Fault.ErrorCode) = (vector, error);
        return Events.RaiseFault(Cpu);
    }

    /// <summary>The guest is at the handler of a fault with this error code, which was met at <see cref="Code"/>.</summary>
    public void AssertRefused(uint vector, uint error)
    {
        Assert.Equal((Handler(vector), error, Code), (Cpu->Ip, Word(Cpu->Sp), Word(Cpu->Sp + 8)));
    }
}
