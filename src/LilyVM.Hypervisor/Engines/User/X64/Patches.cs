namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// System calls of programs without the host's kernel: places where a program executes SYSCALL are patched in a copy of their page of
/// code, which stubs map instead of the page. The two bytes become a short jump to padding of the compiler's behind a RET or JMP nearby,
/// which leads into the VM library (<see cref="PatchWriter"/>). All addresses stay what they were: that behind the call, and that of the
/// instruction, to which a restarted call goes back. A copy belongs to a page of RAM, not to an address, so all processes that share the
/// page share it, wherever they have it. It is compared with the page whenever it is mapped. The code around a patched page is copied
/// with it, so that stubs map all of it by one call. Safe: copies lie behind the guest's RAM, in memory that is for them.
/// </summary>
internal static unsafe class Patches
{
    /// <summary>Bytes of SYSCALL.</summary>
    public const ulong InstructionBytes = 2;

    private const ushort SystemCall = 0x050F;

    private const ulong PageSize = 0x1000;
    private const uint Page = 0x1000;
    private const ulong GroupMask = PatchTable.Group * PageSize - 1;

    // Where Linux keeps the dirty bit of a page that may not be written any more (_PAGE_SAVED_DIRTY); to other kernels it says nothing.
    private const ulong KeptDirty = 1ul << 58;

    /// <summary>Whether a page of programs' code has a patched copy that is still true.</summary>
    public static bool Has(Vcpu* cpu, ulong gpa)
    {
        uint copy = PatchTable.Find(gpa);
        if (copy == PatchTable.None)
            return false;
        if (IsTrue(cpu, copy))
            return true;
        PatchTable.Forget(copy); // the page of RAM has another use now
        return false;
    }

    /// <summary>
    /// Reads code that programs begin to use, once: where there is a CPUID that can be patched, the code around is copied. True if the
    /// page has a copy now.
    /// </summary>
    public static bool Look(Vcpu* cpu, Translation* code, ulong gpa)
    {
        if (IsLookedAt(cpu, gpa) || code->Shift != PageWalk.PageShift || !IsUnwritten(code))
            return false;
        gpa &= ~(PageSize - 1);
        ulong group = gpa & ~GroupMask;
        Hopeless.Add(cpu, group);
        if (KeptKernel.IsOn || Programs.AreApart || !PhysicalMemory.IsRam(cpu, group) || !PhysicalMemory.IsRam(cpu, group + GroupMask)
            || !Identifications.AreIn(cpu->Ram + group, GroupMask + 1))
            return false;
        uint copy = Add(cpu, gpa);
        if (copy == PatchTable.None)
            return false;
        Copy(cpu, copy);
        CopyNeighbours(cpu, code, gpa);
        PatchIdentifications(cpu, copy);
        return true;
    }

    /// <summary>Whether the code around was read for CPUIDs.</summary>
    public static bool IsLookedAt(Vcpu* cpu, ulong gpa) => Hopeless.Is(cpu, gpa & ~GroupMask);

    /// <summary>Whether it may have one.</summary>
    public static bool MayHave(ulong gpa) => PatchTable.Find(gpa) != PatchTable.None;

    /// <summary>The copy of a page that has one, as the word of a placed page.</summary>
    public static ulong CopyOf(Vcpu* cpu, ulong gpa) =>
        PlacedPage.Of(cpu->RamEnd + PatchTable.Find(gpa) * PageSize, writable: false, executable: true) | PlacedPage.Patched;

    /// <summary>The page of RAM that a placed page is or is a copy of.</summary>
    public static ulong Original(Vcpu* cpu, ulong word) =>
        (word & PlacedPage.Patched) == 0 ? PlacedPage.Gpa(word) : PatchTable.Gpa(NumberOf(cpu, word));

    /// <summary>
    /// Patches the SYSCALL at an address if that can be done, and maps the copy: its page must be code that the program cannot write,
    /// with padding nearby.
    /// </summary>
    public static void Try(Vcpu* cpu, ulong at)
    {
        Translation code;
        uint offset = (uint)at & (Page - 1);
        if (offset > Page - InstructionBytes || AddressSpace.IsKernel(at)
            || !PageWalk.Walk(cpu, at, AccessFlags.User | AccessFlags.Fetch, &code)
            || !IsUnwritten(&code) || code.Shift != PageWalk.PageShift
            || !PhysicalMemory.IsRam(cpu, code.Gpa) || *(ushort*)(cpu->Ram + code.Gpa) != SystemCall)
            return;
        ulong gpa = code.Gpa & ~(PageSize - 1);
        uint copy = Has(cpu, gpa) ? PatchTable.Find(gpa) : PatchTable.None;
        if (copy == PatchTable.None || !PatchTable.HasSite(copy, offset))
        {
            if (Hopeless.Is(cpu, gpa + offset))
                return;
            if (!Patch(cpu, &code, gpa, offset, &copy))
            {
                Hopeless.Add(cpu, gpa + offset);
                return;
            }
            This.Count(Counter.SystemCallsPatched);
        }
        AddressSpace.Map(cpu, at, AccessFlags.User | AccessFlags.Fetch);
    }

    /// <summary>
    /// If a program was interrupted on its way from a SYSCALL to the library, it is before the patched instruction again, for whoever
    /// looks at it now.
    /// </summary>
    public static PatchPosition Rewind(Vcpu* cpu)
    {
        Place* place = Places.Find(cpu->Ip);
        if (place == null || place->Table == 0)
            return PatchPosition.Outside;
        ulong word = Places.TableOf(place)[(uint)(cpu->Ip >> PageWalk.PageShift) & (Places.Pages - 1)];
        if ((word & PlacedPage.Patched) == 0)
            return PatchPosition.Outside;
        uint copy = NumberOf(cpu, word), offset = (uint)cpu->Ip & (Page - 1);
        PatchPiece piece;
        if (!PatchTable.Find(copy, offset, &piece))
            return PatchPosition.Outside;
        byte* code = CopyAt(cpu, copy);
        switch (piece.Kind)
        {
            case PatchKind.NumberedCall or PatchKind.Call or PatchKind.Identification:
                return PatchPosition.Outside; // before it
            case PatchKind.Hop when piece.Other == 0:
                cpu->Cx = PatchWriter.CodeAt(code, PatchWriter.Target(code, piece.At));
                break;
            case PatchKind.ShortLoad or PatchKind.NearLoad when offset == piece.At:
                *(piece.Way == PatchWay.Call ? &cpu->Cx : &cpu->Bx) = PatchWriter.CodeAt(code, offset);
                break;
        }
        if (piece.Way == PatchWay.Identification)
        {
            IdentificationCode.Rewind(cpu, (uint)cpu->Bx, (cpu->Ip & ~(PageSize - 1)) + IdentificationCode.Behind((uint)cpu->Bx));
            return PatchPosition.Identification;
        }
        return PatchCode.Rewind(cpu, cpu->Ip & ~(PageSize - 1));
    }

    // A dirty page is a process's own (written once, or by a debugger, whose kernel writes again without any change of the tables).
    private static bool IsUnwritten(Translation* code) => !code->Writable && (code->Entry & (PageWalk.Dirty | KeptDirty)) == 0;

    private static byte* CopyAt(Vcpu* cpu, uint copy) => cpu->Ram + cpu->RamEnd + copy * PageSize;

    private static uint NumberOf(Vcpu* cpu, ulong word) => (uint)((PlacedPage.Gpa(word) - cpu->RamEnd) >> PageWalk.PageShift);

    private static bool Patch(Vcpu* cpu, Translation* code, ulong gpa, uint offset, uint* copy)
    {
        if ((*copy != PatchTable.None && !PatchTable.HasRoom(*copy)) || !Padding.List(cpu->Ram + gpa, offset, *copy))
            return false;
        bool isNew = *copy == PatchTable.None;
        if (isNew)
        {
            *copy = Add(cpu, gpa);
            if (*copy == PatchTable.None)
                return false;
            Copy(cpu, *copy);
        }
        if (PatchTable.TailOf(*copy, PatchWay.Call) == 0 && !PatchWriter.WriteTail(CopyAt(cpu, *copy), *copy, PatchWay.Call))
        {
            if (isNew)
                PatchTable.Forget(*copy);
            return false;
        }
        if (isNew)
            CopyNeighbours(cpu, code, gpa);
        bool done = PatchWriter.WriteCall(CopyAt(cpu, *copy), *copy, offset, (uint)cpu->Ax);
        if (isNew)
            PatchIdentifications(cpu, *copy);
        return done;
    }

    // An entry of the table; copies of pages that have another use now make room.
    private static uint Add(Vcpu* cpu, ulong gpa)
    {
        uint copy = PatchTable.Add(gpa);
        uint first = 0;
        for (uint i = 0; copy == PatchTable.None && (first = PatchTable.InTheWay(gpa, i)) != PatchTable.None; i++)
        {
            for (uint other = first; other < first + PatchTable.Group; other++)
            {
                if (PatchTable.Has(other) && !IsTrue(cpu, other))
                    PatchTable.Forget(other);
            }
            copy = PatchTable.Add(gpa);
        }
        return copy;
    }

    // Code that continues the page in RAM and for the program.
    private static void CopyNeighbours(Vcpu* cpu, Translation* code, ulong gpa)
    {
        const ulong Alike = PageWalk.Present | PageWalk.Writable | PageWalk.Dirty | PageWalk.User | PageWalk.NoExecute;
        uint index = (uint)((ulong)code->Place >> 3) & (Places.Pages - 1),
            number = (uint)(gpa >> PageWalk.PageShift) & (PatchTable.Group - 1);
        for (uint other = 0; other < PatchTable.Group; other++)
        {
            int distance = (int)other - (int)number;
            if ((uint)((int)index + distance) >= Places.Pages)
                continue; // in another table
            ulong entry = code->Place[distance], its = gpa + (ulong)distance * PageSize;
            if (((entry ^ code->Entry) & Alike) == 0 && (entry & PageWalk.Frame) == its && PhysicalMemory.IsRam(cpu, its) && !MayHave(its))
                Copy(cpu, PatchTable.Add(its)); // the group is there
        }
    }

    // Of the pages that were copied together: after the system call, which comes first where padding is scarce.
    // With protection keys they stay: the answers have the kernel's. Programs in processes of their own have no copies at all.
    private static void PatchIdentifications(Vcpu* cpu, uint copy)
    {
        if (KeptKernel.IsOn)
            return;
        for (uint other = copy & ~(PatchTable.Group - 1); (other ^ copy) < PatchTable.Group; other++)
        {
            if (PatchTable.Has(other))
                Identifications.Patch(cpu->Ram + PatchTable.Gpa(other), CopyAt(cpu, other), other);
        }
    }

    private static void Copy(Vcpu* cpu, uint copy)
    {
        ulong* from = (ulong*)(cpu->Ram + PatchTable.Gpa(copy)), to = (ulong*)CopyAt(cpu, copy);
        for (uint i = 0; i < PageSize / 8; i++)
            to[i] = from[i];
        This.Count(Counter.CodePagesCopied);
    }

    // All but the patched bytes are those of the page.
    private static bool IsTrue(Vcpu* cpu, uint copy)
    {
        ulong* original = (ulong*)(cpu->Ram + PatchTable.Gpa(copy)), patched = (ulong*)CopyAt(cpu, copy);
        for (uint i = 0; i < PageSize / 8; i++)
        {
            ulong difference = original[i] ^ patched[i];
            for (uint k = 0; difference != 0; k++, difference >>= 8)
            {
                if ((difference & 0xFF) != 0 && !PatchTable.IsPatched(copy, i * 8 + k, i * 8 + k + 1))
                    return false;
            }
        }
        return true;
    }
}
