using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Guest;

namespace LilyVM.Tests.Hypervisor;

/// <summary>Descriptors and gates of the tests' own.</summary>
internal sealed unsafe partial class SimulatedMachine
{
    /// <summary>Selectors of free GDT entries, and one beyond the table.</summary>
    public const uint Free = 0x48, Free2 = 0x50, Beyond = 0x200;

    /// <summary>The TSS of <see cref="TaskState"/>, and the stacks that <see cref="EnterUser"/> puts there.</summary>
    public const uint Tss = 0x5000, KernelStack = 0x7800, UserStack = 0x6800;

    /// <summary>Access bytes: present, level 0.</summary>
    public const uint CodeSegment = 0x9B, ConformingCode = 0x9F, DataSegment = 0x93, LdtSegment = 0x82, AvailableTask = 0x89,
        BusyTask = 0x8B;

    /// <summary>
    /// Writes a descriptor with an access byte (bits 8 to 15 of the second word), a limit in bytes, and widens the GDT to the free entries.
    /// </summary>
    public void Describe(uint selector, uint access, uint start = 0, uint limit = 0xFFFF_FFFF)
    {
        Cpu->Page->GdtLimit = 0xFF;
        uint granularity = limit > 0xF_FFFF ? 0x80_0000u : 0, field = granularity != 0 ? limit >> 12 : limit;
        Write(Gdt + (selector & 0xFFF8), field & 0xFFFF | start << 16,
            start >> 16 & 0xFF | access << 8 | field & 0xF_0000 | 0x40_0000 | granularity | start & 0xFF00_0000);
    }

    /// <summary>Writes a gate of the IDT.</summary>
    public void Gate(uint vector, uint selector, uint offset, uint access) =>
        Write(Idt + 8 * vector, selector << 16 | offset & 0xFFFF, offset & 0xFFFF_0000 | access << 8);

    /// <summary>The vCPU runs at level 3, with a TSS for level 0.</summary>
    public void EnterUser()
    {
        (Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss, Cpu->Sp) = (3, UserCode, UserData, UserStack);
        (Cpu->TssBase, Cpu->TssLimit, Cpu->Page->Tr) = (Tss, 0x67, TaskState);
        Write(Tss + 4, KernelStack, KernelData);
    }

    /// <summary>Raises an exception.</summary>
    public Outcome Raise(uint vector, uint error = 0)
    {
        (Cpu->Fault.Vector, Cpu->Fault.ErrorCode) = (vector, error);
        return Events.RaiseFault(Cpu);
    }

    /// <summary>
    /// The guest is at the handler of a fault with this error code, which was met at <see cref="Code"/>.
    /// </summary>
    public void AssertRefused(uint vector, uint error)
    {
        Assert.Equal((Handler(vector), error, Code),
            (Cpu->Ip, Word(Cpu->Sp), Word(Cpu->Sp + 4)));
    }
}
