using LilyVM.Abi;
using LilyVM.Hypervisor.Mmu;

namespace LilyVM.Hypervisor.Kernel;

/// <summary>
/// Copies of the guest's GDT and LDT for the CPU. Only segments that are present are copied; those of privilege level 0 get level 1, where the guest's
/// kernel runs. The VM library compares the guest's entries with what was copied when it loads FS or GS (native/vmlib/deprivileged/real_segments.S).
/// </summary>
internal static unsafe class GuestTables
{
    private const uint Entries = 32, LdtEntries = 8192;
    private const uint Segment = 0x9000, Levels = 0x6000, Level1 = 0x2000, Accessed = 0x100, Long = 0x0020_0000; // of the second word (SDM vol. 3, 3.4.5)
    private const ulong BootCode = 0x00CF_BB00_0000_FFFF, BootData = 0x00CF_B300_0000_FFFF;

    // Behind the copies, for the library's IRET to a program: address and words of the one entry that it compares.
    private const uint WatchedAddress = 64, WatchedLow = 65, WatchedHigh = 66;

    private static uint copiedBase, copiedLimit, localSelector, watched;
    private static bool watchesMany;

    private static ulong* Gdt => (ulong*)Native.Address(AssemblyAddress.Gdt);

    private static ulong* Seen => (ulong*)(KernelLayout.VmArea + (VmArea.Private - VmArea.Base));

    /// <summary>What a guest starts with: flat code and data at 0x10 and 0x18.</summary>
    public static void Initialize()
    {
        Gdt[2] = BootCode;
        Gdt[3] = BootData;
    }

    /// <summary>Copies the GDT if another one is in force.</summary>
    public static void Follow(Vcpu* cpu)
    {
        if (cpu->Page->GdtBase != copiedBase || cpu->Page->GdtLimit != copiedLimit)
            CopyGdt(cpu);
    }

    /// <summary>Copies the GDT if the entry of a selector changed; true if so.</summary>
    public static bool Check(Vcpu* cpu, uint selector)
    {
        uint index = (selector & 0xFFFF) >> 3;
        if ((selector & 4) != 0 || index >= Entries || Seen[index] == Read(cpu, index))
            return false;
        CopyGdt(cpu);
        return true;
    }

    /// <summary>
    /// The guest goes back to a program, which loads segments without asking. Entries that were empty when they were copied fault there (<see cref="Check"/>);
    /// the others that the guest is known to change are compared here, and by the library if it is one.
    /// </summary>
    public static void CheckWatched(Vcpu* cpu)
    {
        if (watchesMany ? AnyChanged(cpu) : watched != 0 && Seen[watched] != Read(cpu, watched))
            CopyGdt(cpu);
    }

    /// <summary>Copies the GDT.</summary>
    public static void CopyGdt(Vcpu* cpu)
    {
        This.Count(KernelCounter.GdtCopies);
        bool another = copiedBase != cpu->Page->GdtBase || copiedLimit != cpu->Page->GdtLimit;
        copiedBase = cpu->Page->GdtBase;
        copiedLimit = cpu->Page->GdtLimit;
        This.Machine->FastCode = 0;
        ulong* own = Gdt;
        for (uint i = 1; i < Entries; i++)
        {
            ulong raw = Read(cpu, i), copy = Convert(raw);
            if (!another && Seen[i] != raw && (IsOfPrograms(raw) || IsOfPrograms(Seen[i])))
                Watch(i);
            Seen[i] = raw;
            if (copy != 0 || i is not (2 or 3)) // the selectors that a guest starts with outlive its first LGDT in the CPU's hidden registers
                own[i] = copy;
        }
        uint* words = (uint*)Seen;
        words[WatchedAddress] = copiedBase + watched * 8;
        words[WatchedLow] = watchesMany ? ~words[watched * 2] : words[watched * 2];
        words[WatchedHigh] = words[watched * 2 + 1];
    }

    // Another entry than the one that was: from now on each IRET to a program comes here, where all are compared.
    private static void Watch(uint index)
    {
        if (watched == 0)
            watched = index;
        else if (watched != index)
            watchesMany = true;
    }

    private static bool AnyChanged(Vcpu* cpu)
    {
        for (uint i = 1; i < Entries; i++)
        {
            if (Seen[i] != Read(cpu, i))
                return true;
        }
        return false;
    }

    private static bool IsOfPrograms(ulong raw) => ((uint)(raw >> 32) & (Segment | Levels)) == (Segment | Levels);

    /// <summary>The guest has loaded LDTR.</summary>
    public static void CopyLdt(Vcpu* cpu)
    {
        uint count = (cpu->Page->Ldtr & 0xFFFC) == 0 ? 0 : (cpu->LdtLimit + 1) / 8;
        if (count > LdtEntries)
            count = LdtEntries;
        ulong* own = (ulong*)Native.Address(AssemblyAddress.Ldt);
        for (uint i = 0; i < count; i++)
        {
            ulong raw;
            own[i] = GuestMemory.Read64(cpu, cpu->LdtBase + i * 8, AccessFlags.Read, &raw) ? Convert(raw) : 0;
        }
        if (count != 0)
        {
            ulong address = (ulong)own;
            ulong* descriptor = Gdt + KernelLayout.Ldt / 8;
            descriptor[0] = (count * 8 - 1) | (address & 0xFF_FFFF) << 16 | 0x82ul << 40 | (address >> 24 & 0xFF) << 56;
            descriptor[1] = address >> 32;
        }
        uint selector = count == 0 ? 0u : KernelLayout.Ldt;
        if (selector != 0 || localSelector != 0)
            Native.LoadLdt(selector);
        localSelector = selector;
    }

    private static ulong Read(Vcpu* cpu, uint index)
    {
        ulong raw;
        return index * 8 + 7 <= cpu->Page->GdtLimit && GuestMemory.Read64(cpu, cpu->Page->GdtBase + index * 8, AccessFlags.Read, &raw) ? raw : 0;
    }

    private static ulong Convert(ulong raw)
    {
        uint high = (uint)(raw >> 32);
        if ((high & Segment) != Segment)
            return 0;
        if ((high & Levels) == 0)
            high |= Level1;
        high = (high | Accessed) & ~Long;
        return (uint)raw | (ulong)high << 32;
    }
}
