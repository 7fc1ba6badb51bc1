namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The guest's address space as this stub shows it: pages of guest RAM mapped where the guest's tables have them, with the tables'
/// rights. A page comes when the guest touches it (this part), and goes when the guest flushes (<c>AddressSpace.Flush.cs</c>). Changes of
/// one live page cost the most on a host that is a guest itself, so neighbours are taken along where that costs nothing. Safe: only
/// <see cref="Reservation.Holds"/> addresses are touched, and only pages of guest RAM mapped.
/// </summary>
internal static unsafe partial class AddressSpace
{
    private const ulong PageSize = 0x1000, PageMask = PageSize - 1;
    private const ulong KernelStart = 0x4000_0000_0000, WindowStart = 0x4000_0000, WindowEnd = 0x8000_0000;

    // Large pages of the kernel that are mapped with one call.
    private const uint LargeRun = 256;

    // What a page may have been to the host before it is mapped: nothing; the same page with fewer rights or none; another one.
    private enum Change
    {
        Fresh,
        Upgrade,
        Replace,
    }

    /// <summary>With <see cref="MapResult.Device"/>: the guest physical address.</summary>
    public static ulong DeviceAddress;

    /// <summary>Whether an address is the kernel's: mappings there are the same in every address space.</summary>
    public static bool IsKernel(ulong gva) => gva >= KernelStart || (gva >= WindowStart && gva < WindowEnd);

    /// <summary>Maps the page of an address for an access, if the guest's tables allow it.</summary>
    public static MapResult Map(Vcpu* cpu, ulong gva, uint access)
    {
        Translation translation;
        if (deferred != (gva & ~PageMask))
            ApplyDeferred();
        if (!PageWalk.Walk(cpu, gva, access, &translation))
            return MapResult.Fault;
        if (!PhysicalMemory.IsRam(cpu, translation.Gpa))
        {
            DeviceAddress = translation.Gpa;
            return MapResult.Device;
        }
        if (!Reservation.Holds(gva))
            return MapResult.Unmappable;
        if (Places.IsFull)
            DropAll();
        // A kernel that writes in spite of a page's rights (CR0.WP clear) gets them until the next flush.
        bool writable = (access & AccessFlags.Write) != 0 || (translation.Writable && translation.Dirty);
        Place* place = Places.Get(gva);
        ulong piece = translation.Gpa & ~(Places.Size - 1);
        ulong key = KeptKernel.Mark(translation.User);
        bool fits = translation.Shift > PageWalk.PageShift && Reservation.Holds(place->Address)
            && PhysicalMemory.IsRam(cpu, piece + Places.Size - 1);
        if (fits)
            MapLarge(cpu, place, &translation, PlacedPage.Of(piece, writable, translation.Executable) | key);
        else
            MapSmall(cpu, place, gva, &translation, PlacedPage.Of(translation.Gpa, writable, translation.Executable) | key);
        return MapResult.Mapped;
    }

    private static void MapLarge(Vcpu* cpu, Place* place, Translation* translation, ulong word)
    {
        ulong old = place->Large;
        if (place->Live != 0 && !TakeAll(place->Address, Places.Size))
            return;
        if (PlacedPage.Gpa(old) == PlacedPage.Gpa(word) && (old & PlacedPage.Placed) != 0 && !ChangesHands(old, word))
        {
            if (Give(place->Address, Places.Size, word))
                place->Large = word;
            return;
        }
        if ((old & PlacedPage.Live) != 0 && !TakeAll(place->Address, Places.Size))
            return;
        ForgetSmall(place);
        deferred = 0;
        place->Large = word;
        uint more = IsKernel(place->Address) ? NeighboursOfLarge(cpu, place, translation, word) : 0;
        MapRam(place->Address, (more + 1) * Places.Size, word, populate: more == 0);
        This.Count(Counter.LargePages, more + 1);
    }

    // The kernel's direct map in one call: large pages behind this one that continue it, and that nothing is known of.
    private static uint NeighboursOfLarge(Vcpu* cpu, Place* place, Translation* translation, ulong word)
    {
        uint more = 0;
        while (more + 1 < LargeRun && !Places.IsFull)
        {
            ulong address = place->Address + (more + 1) * Places.Size, gpa = PlacedPage.Gpa(word) + (more + 1) * Places.Size, rights;
            bool isPage;
            if (!Reservation.Holds(address) || !RamChunks.IsReady(gpa) || !PhysicalMemory.IsRam(cpu, gpa + Places.Size - 1)
                || Places.Find(address) != null)
                break;
            ulong entry = PageWalk.Region(cpu, address, &rights, &isPage);
            bool writable = (rights & PageWalk.Writable) != 0 && (entry & PageWalk.Dirty) != 0;
            if (!isPage || (rights & PageWalk.Accessed) == 0 || (entry & PageWalk.Frame) != gpa
                || writable != ((word & PlacedPage.Writable) != 0)
                || ((rights & PageWalk.NoExecute) != 0) != translation->Executable || ((rights & PageWalk.User) != 0) != translation->User)
                break;
            Places.Get(address)->Large = PlacedPage.Of(gpa, writable, translation->Executable) | (word & PlacedPage.Kernel);
            more++;
        }
        return more;
    }

    private static void MapSmall(Vcpu* cpu, Place* place, ulong gva, Translation* translation, ulong word)
    {
        if (place->Large != 0)
        {
            if ((place->Large & PlacedPage.Live) != 0 && !TakeAll(place->Address, Places.Size))
                return;
            BreakUp(place);
        }
        ulong* words = Places.Words(place);
        uint index = (uint)(gva >> PageWalk.PageShift) & (Places.Pages - 1);
        ulong old = words[index];
        ulong gpa = PlacedPage.Gpa(word);
        if (IsCode(word) && translation->User && (Patches.Has(cpu, gpa) || Patches.Look(cpu, translation, gpa)))
            word = Patches.CopyOf(cpu, gpa);
        if (old == word)
            return; // another stub's signal, or the guest's tables were made laxer meanwhile and the access tried again
        Change change = ChangeOf(old, word);
        if (change == Change.Replace && (old & PlacedPage.Live) != 0 && !TakeAll(gva & ~PageMask, PageSize))
            return;
        uint first = index, last = index;
        if (translation->Shift == PageWalk.PageShift)
            Widen(cpu, translation, words, word, change, index, &first, &last);
        ulong start = place->Address + first * PageSize, bytes = (last - first + 1) * PageSize;
        bool done = change == Change.Upgrade
            ? Give(start, bytes, word)
            : MapRam(start, bytes, word - (index - first) * PageSize, populate: true);
        if (!done)
            return;
        deferred = 0;
        for (uint i = first; i <= last; i++)
        {
            if ((words[i] & PlacedPage.Live) == 0)
                place->Live++;
            words[i] = change == Change.Upgrade ? PlacedPage.Given(words[i], word) : word + (i - (ulong)index) * PageSize;
        }
        This.Count(Counter.PagesMapped, last - first + 1);
    }

    private static Change ChangeOf(ulong old, ulong word)
    {
        if ((old & PlacedPage.Placed) == 0)
            return Change.Fresh;
        return PlacedPage.Gpa(old) == PlacedPage.Gpa(word) && !ChangesHands(old, word) ? Change.Upgrade : Change.Replace;
    }

    // Neighbours which need the same call: rights like this one's, or to be mapped where their frames continue its.
    private static void Widen(
        Vcpu* cpu, Translation* translation, ulong* words, ulong word, Change change, uint index, uint* first, uint* last)
    {
        uint around = This.Machine->MapAround, low = index & ~(around - 1), high = low + around - 1;
        ulong* entries = translation->Place - index;
        while (*first > low && IsAlike(cpu, translation, entries, words, word, change, index, *first - 1))
            (*first)--;
        while (*last < high && IsAlike(cpu, translation, entries, words, word, change, index, *last + 1))
            (*last)++;
    }

    private static bool IsAlike(
        Vcpu* cpu, Translation* translation, ulong* entries, ulong* words, ulong word, Change change, uint index, uint other)
    {
        const ulong Alike = PageWalk.Present | PageWalk.Writable | PageWalk.User | PageWalk.NoExecute;
        ulong entry = entries[other], frame = entry & PageWalk.Frame, old = words[other];
        if (((entry ^ translation->Entry) & Alike) != 0 || !PhysicalMemory.IsRam(cpu, frame))
            return false;
        // A page is dirty only once it was written; and a clean one of a writable mapping is about to be copied.
        if ((word & PlacedPage.Writable) != 0 ? (entry & PageWalk.Dirty) == 0 : (entry & PageWalk.Dirty) != 0)
            return false;
        bool isAlike = change == Change.Upgrade
            ? MayHaveRights(cpu, frame, old, word)
            : ContinuesPlaced(cpu, frame, old, word + (other - (ulong)index) * PageSize, change);
        if (isAlike)
            entries[other] = entry | PageWalk.Accessed;
        return isAlike;
    }

    // The page is there and may be given a neighbour's rights, or has them.
    private static bool MayHaveRights(Vcpu* cpu, ulong frame, ulong old, ulong word)
    {
        if ((old & PlacedPage.Placed) == 0 || (old & PlacedPage.Rights & ~word) != 0 || Patches.Original(cpu, old) != frame
            || ChangesHands(old, word))
            return false;
        return (old & PlacedPage.Patched) != 0 ? IsCode(word) && Patches.Has(cpu, frame) : !IsCode(word) || !Patches.MayHave(frame);
    }

    // The same call would place what is wanted, and nothing that is in use lies there.
    private static bool ContinuesPlaced(Vcpu* cpu, ulong frame, ulong old, ulong wanted, Change change)
    {
        if (old == wanted || ChangeOf(old, wanted) != change || (change == Change.Replace && (old & PlacedPage.Live) != 0))
            return false;
        if ((wanted & PlacedPage.Patched) != 0)
            return Patches.Has(cpu, frame) && Patches.CopyOf(cpu, frame) == wanted;
        return PlacedPage.Gpa(wanted) == frame && (!IsCode(wanted) || (!Patches.MayHave(frame) && Patches.IsLookedAt(cpu, frame)));
    }

    private static bool IsCode(ulong word) => (word & PlacedPage.Executable) != 0 && (word & PlacedPage.Writable) == 0;

    // What was a large page and is parked is now 512 pages of it.
    private static void BreakUp(Place* place)
    {
        ulong* words = Places.Words(place);
        ulong word = (place->Large & ~PlacedPage.Rights) | PlacedPage.Placed;
        for (uint i = 0; i < Places.Pages; i++)
            words[i] = word + i * PageSize;
        place->Large = 0;
        place->Live = 0;
    }

    private static void ForgetSmall(Place* place)
    {
        if (place->Table == 0)
            return;
        ulong* words = Places.TableOf(place);
        for (uint i = 0; i < Places.Pages; i++)
            words[i] = 0;
        place->Live = 0;
    }
}
