namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Places of SYSCALL that cannot be patched, and pieces of RAM that were read for CPUIDs, so that nobody searches again. Each has one
/// place to be remembered in, with the code behind it: who forgets, or mistakes another use of the page for the same, only takes longer.
/// Safe: one of <see cref="Slots"/> entries in memory of the engine.
/// </summary>
internal static unsafe class Hopeless
{
    private const int Bits = 12;
    private const uint Slots = 1 << Bits;

    /// <summary>Bytes of memory behind the lists of <see cref="Padding"/>.</summary>
    public const ulong Bytes = Slots * 16;

    /// <summary>Whether the place is one of them.</summary>
    public static bool Is(Vcpu* cpu, ulong gpa) => Slot(gpa)[0] == gpa && Slot(gpa)[1] == Code(cpu, gpa);

    /// <summary>Remembers it.</summary>
    public static void Add(Vcpu* cpu, ulong gpa)
    {
        Slot(gpa)[0] = gpa;
        Slot(gpa)[1] = Code(cpu, gpa);
    }

    // The eight bytes of the page that hold the instruction.
    private static ulong Code(Vcpu* cpu, ulong gpa) => *(ulong*)(cpu->Ram + (gpa & ~7ul));

    // The multiplier spreads pieces of 64 KiB as well as bytes (Knuth, TAOCP vol. 3, 6.4).
    private static ulong* Slot(ulong gpa) => (ulong*)(Layout.Patches + PatchTable.Bytes + Padding.Bytes) +
        (gpa * 0x9E37_79B9_7F4A_7C15 >> 64 - Bits) * 2;
}
