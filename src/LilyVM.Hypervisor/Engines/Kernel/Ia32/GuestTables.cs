using System.Numerics;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// Copies of the guest's GDT and LDT for the CPU. Only segments are copied; those of privilege level 0 get level 1, where the guest's
/// kernel runs. Of the GDT the first entries are copied at LGDT: the VM library compares them with what was copied when it loads FS or GS
/// (native/vmlib/ia32/deprivileged/real_segments.S). The others, up to all 8,192, are copied when they are first loaded, which faults or is
/// a hypercall until then. A few are the hypervisor's; what the guest has there is shown to the CPU elsewhere (<see cref="HiddenParts"/>).
/// </summary>
internal static unsafe class GuestTables
{
    private const uint First = 32, Entries = 8192, LdtEntries = 8192;
    private const ulong AccessedBit = 1ul << 40; // the core sets it, as a CPU would
    // Of the second word (SDM vol. 3, 3.4.5)
    private const uint IsSegment = 0x1000, Segment = 0x9000, Levels = 0x6000, Level1 = 0x2000, Accessed = 0x100, Long = 0x0020_0000;

    /// <summary>All of the address space, for privilege level 1.</summary>
    public const ulong FlatCode = 0x00CF_BB00_0000_FFFF, FlatData = 0x00CF_B300_0000_FFFF;

    private const uint Code = 0xF800, Level1Code = 0xB800, WritableData = 0xFA00, Level1Data = 0xB200; // mask and value of the second word

    // Behind the copies, for the library's IRET to a program: address and words of the one entry that it compares.
    private const uint WatchedAddress = 64, WatchedLow = 65, WatchedHigh = 66;

    private static uint copiedBase, copiedLimit, localSelector, watched;
    private static bool watchesMany;

    private static ulong* Gdt => (ulong*)Native.Address(AssemblyAddress.Gdt);

    private static ulong* Seen => (ulong*)(KernelLayout.VmArea + (VmArea.Private - VmArea.Base));

    /// <summary>Makes the hypervisor's own segments for the guest.</summary>
    public static void Initialize()
    {
        Gdt[KernelLayout.FlatCode / 8] = FlatCode;
        Gdt[KernelLayout.FlatData / 8] = FlatData;
    }

    /// <summary>
    /// The guest kernel's CS for the CPU: its own selector with privilege level 1, or the flat one if that is no code segment now.
    /// </summary>
    public static uint RealCode(uint selector) => Has(selector, Code, Level1Code) ? selector | 1 : KernelLayout.FlatCode | 1;

    /// <summary>The same for SS, DS and ES.</summary>
    public static uint RealData(uint selector) => Has(selector, WritableData, Level1Data) ? selector | 1 : KernelLayout.FlatData | 1;

    /// <summary>Whether there is a segment at all.</summary>
    public static bool IsPresent(uint selector) => Has(selector & 0xFFFF, Segment, Segment);

    /// <summary>Whether a selector names an entry that is the hypervisor's.</summary>
    public static bool IsOwn(uint selector) =>
        (selector & 4) == 0 && (selector & 0xFFF8) - KernelLayout.Code < KernelLayout.OwnEnd - KernelLayout.Code;

    private static bool Has(uint selector, uint mask, uint value) =>
        (selector & 4) != 0 || (!IsOwn(selector) && ((uint)(Gdt[selector >> 3] >> 32) & mask) == value);

    /// <summary>The descriptor that the CPU has for a selector of the GDT.</summary>
    public static ulong Copied(uint selector) => Gdt[(selector & 0xFFFF) >> 3];

    /// <summary>The one that it would have, by what the guest's table says now; 0 for none.</summary>
    public static ulong Now(Vcpu* cpu, uint selector) => Convert(Read(cpu, (selector & 0xFFFF) >> 3));

    /// <summary>Writes one of the hypervisor's entries.</summary>
    public static void SetOwn(uint selector, ulong descriptor) => Gdt[selector >> 3] = descriptor;

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
        if ((selector & 4) != 0)
            return CheckLocal(cpu, index);
        if (index >= First)
            return CheckHigher(cpu, index);
        if (Seen[index] == Read(cpu, index))
            return false;
        CopyGdt(cpu);
        return true;
    }

    /// <summary>
    /// The guest goes back to a program, which loads segments without asking. Entries that were empty when they were copied fault there
    /// (<see cref="Check"/>); the others that the guest is known to change are compared here, and by the library if it is one.
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
        if (another)
            HiddenParts.Keep(cpu);
        copiedBase = cpu->Page->GdtBase;
        copiedLimit = cpu->Page->GdtLimit;
        byte* place;
        uint count = copiedLimit < First * 8 - 1 ? (copiedLimit + 1) / 8 : First;
        ulong* guest = GuestMemory.Place(cpu, copiedBase, count * 8, AccessFlags.Read, &place) ? (ulong*)place : null;
        for (uint i = 1; i < First; i++)
        {
            ulong raw = i >= count ? 0 : guest != null ? guest[i] : Read(cpu, i);
            if (another || raw != Seen[i])
                Copy(i, raw, another);
        }
        CopyHigher(cpu);
        uint* words = (uint*)Seen;
        words[WatchedAddress] = copiedBase + watched * 8;
        words[WatchedLow] = watchesMany ? ~words[watched * 2] : words[watched * 2];
        words[WatchedHigh] = words[watched * 2 + 1];
    }

    private static void Copy(uint index, ulong raw, bool another)
    {
        ulong copy = Convert(raw);
        if (!another && ((Seen[index] ^ raw) & ~AccessedBit) != 0 && (IsOfPrograms(raw) || IsOfPrograms(Seen[index])))
            Watch(index);
        Seen[index] = raw;
        Set(index, copy);
    }

    private static void Set(uint index, ulong copy)
    {
        KernelMachine* machine = This.Machine;
        if (Gdt[index] != copy && (index == machine->FastCode >> 3 || index == machine->FastStack >> 3))
            machine->FastCode = machine->FastGate = 0;
        Gdt[index] = copy;
    }

    // An entry that was never copied is empty, and so is one that the guest emptied.
    private static bool CheckHigher(Vcpu* cpu, uint index)
    {
        if (IsOwn(index * 8))
            return false;
        ulong copy = Convert(Read(cpu, index)), old = Gdt[index];
        if (old == copy)
            return false;
        if (old != 0 && (IsOfPrograms(copy) || IsOfPrograms(old)))
            watchesMany = true;
        This.Machine->HigherEntries[index >> 6] |= 1ul << (int)(index & 63);
        Set(index, copy);
        return true;
    }

    private static void CopyHigher(Vcpu* cpu)
    {
        for (uint word = 0; word < Entries / 64; word++)
        {
            for (ulong bits = This.Machine->HigherEntries[word]; bits != 0; bits &= bits - 1)
                CheckHigher(cpu, word * 64 + (uint)BitOperations.TrailingZeroCount(bits));
        }
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
        for (uint i = 1; i < First; i++)
        {
            if (Seen[i] != Read(cpu, i))
                return true;
        }
        for (uint word = 0; word < Entries / 64; word++)
        {
            for (ulong bits = This.Machine->HigherEntries[word]; bits != 0; bits &= bits - 1)
            {
                uint index = word * 64 + (uint)BitOperations.TrailingZeroCount(bits);
                if (Gdt[index] != Convert(Read(cpu, index)))
                    return true;
            }
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

    private static bool CheckLocal(Vcpu* cpu, uint index)
    {
        ulong* own = (ulong*)Native.Address(AssemblyAddress.Ldt);
        ulong raw;
        if (localSelector == 0 || index * 8 + 7 > cpu->LdtLimit
            || !GuestMemory.Read64(cpu, cpu->LdtBase + index * 8, AccessFlags.Read, &raw))
            return false;
        ulong copy = Convert(raw);
        bool changed = own[index] != copy;
        own[index] = copy;
        return changed;
    }

    private static ulong Read(Vcpu* cpu, uint index)
    {
        ulong raw;
        return index * 8 + 7 <= cpu->Page->GdtLimit && GuestMemory.Read64(cpu, cpu->Page->GdtBase + index * 8, AccessFlags.Read, &raw)
            ? raw : 0;
    }

    private static ulong Convert(ulong raw)
    {
        uint high = (uint)(raw >> 32);
        if ((high & IsSegment) == 0)
            return 0; // gates and the like are the core's; an absent segment faults as it should
        if ((high & Levels) == 0)
            high |= Level1;
        high = (high | Accessed) & ~Long;
        return (uint)raw | (ulong)high << 32;
    }
}
