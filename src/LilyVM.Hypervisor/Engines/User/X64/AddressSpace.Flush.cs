using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <content>
/// Flushes. What is mapped is compared with the guest's tables, and loses what they do not give any more. Programs' pages are compared
/// when the guest loads CR3 or this stub gets the baton. The kernel's are the same for all stubs: who flushes one leaves its address in a
/// log, and the other stubs catch up.
/// </content>
internal static unsafe partial class AddressSpace
{
    private const ulong All = 1; // in the log of the kernel's addresses

    private static uint kernelSeen;

    /// <summary>CR3 was loaded, or this stub got the baton: takes from programs' pages what the tables do not give.</summary>
    public static void FlushPrograms(Vcpu* cpu) => Scan(cpu, ofKernel: false);

    /// <summary>All translations are to be forgotten, global ones too.</summary>
    public static void FlushAll(Vcpu* cpu)
    {
        This.Count(Counter.FullFlushes);
        Scan(cpu, ofKernel: false);
        Scan(cpu, ofKernel: true);
        Log(All);
    }

    /// <summary>CR0.WP or other bits changed what rights mean.</summary>
    public static void Reset() => FlushAll(This.Vcpu);

    /// <summary>
    /// INVLPG. A kernel that takes many pages away clears all their entries first and flushes one by one then. A CPU may forget
    /// translations at any time, so the pages around that have no entry any more go with the first one, in the same call.
    /// </summary>
    public static void FlushPage(Vcpu* cpu, ulong gva)
    {
        This.Count(Counter.PageFlushes);
        ApplyDeferred();
        FlushOne(cpu, gva, withNeighbours: true);
        if (TryDefer(gva))
            return;
        ApplyChanges();
        if (IsKernel(gva))
            Log(gva & ~PageMask);
    }

    /// <summary>This stub got the baton: forgets what other stubs flushed of the kernel's addresses meanwhile.</summary>
    public static void CatchUp(Vcpu* cpu)
    {
        Machine* machine = This.Machine;
        uint end = machine->KernelLogEnd;
        bool all = end - kernelSeen > Machine.KernelLogCapacity;
        for (; !all && kernelSeen != end; kernelSeen++)
        {
            ulong entry = machine->KernelLog[kernelSeen & (Machine.KernelLogCapacity - 1)];
            all = entry == All;
            if (!all)
                FlushOne(cpu, entry, withNeighbours: false);
        }
        kernelSeen = end;
        if (all)
            Scan(cpu, ofKernel: true);
        else
            ApplyChanges();
    }

    private static void Log(ulong entry)
    {
        Machine* machine = This.Machine;
        machine->KernelLog[machine->KernelLogEnd & (Machine.KernelLogCapacity - 1)] = entry;
        Volatile.Write(ref machine->KernelLogEnd, machine->KernelLogEnd + 1);
        kernelSeen = machine->KernelLogEnd;
    }

    private static void FlushOne(Vcpu* cpu, ulong gva, bool withNeighbours)
    {
        Place* place = Places.Find(gva);
        if (place == null)
            return;
        ulong rights;
        bool isPage;
        ulong entry = PageWalk.Region(cpu, gva, &rights, &isPage);
        if (place->Large != 0)
        {
            CompareLarge(place, entry, rights, isPage);
            return;
        }
        if (place->Live == 0)
            return;
        uint index = (uint)(gva >> PageWalk.PageShift) & (Places.Pages - 1);
        if (!CompareSmall(cpu, place, index, entry, rights, isPage) || !withNeighbours)
            return;
        for (uint i = index + 1; i < Places.Pages && CompareSmall(cpu, place, i, entry, rights, isPage); i++)
        {
        }
        for (uint i = index; i-- > 0 && CompareSmall(cpu, place, i, entry, rights, isPage);)
        {
        }
    }

    private static void Scan(Vcpu* cpu, bool ofKernel)
    {
        This.Count(Counter.Scans);
        ApplyDeferred();
        bool isEmptied = true;
        for (uint number = 0; number < Places.Count; number++)
        {
            Place* place = Places.At(number);
            bool isLive = place->Live != 0 || (place->Large & PlacedPage.Live) != 0;
            if (!isLive || IsKernel(place->Address) != ofKernel)
                continue;
            This.Count(Counter.TablesScanned);
            ulong rights;
            bool isPage;
            ulong entry = PageWalk.Region(cpu, place->Address, &rights, &isPage);
            if (place->Large != 0)
                CompareLarge(place, entry, rights, isPage);
            else
                CompareAllSmall(cpu, place, entry, rights, isPage);
            isEmptied &= place->Live == 0 && (place->Large & PlacedPage.Live) == 0;
        }
        if (isEmptied && !ofKernel)
            ParkPrograms();
        else
            ApplyChanges();
    }

    private static void CompareAllSmall(Vcpu* cpu, Place* place, ulong entry, ulong rights, bool isPage)
    {
        ulong* words = Places.TableOf(place);
        uint left = place->Live;
        for (uint i = 0; left != 0 && i < Places.Pages; i++)
        {
            if ((words[i] & PlacedPage.Live) == 0)
                continue;
            left--;
            CompareSmall(cpu, place, i, entry, rights, isPage);
        }
    }

    // What the guest's tables give for one page now, as a word without marks; 0 for nothing.
    private static ulong Given(Vcpu* cpu, uint index, ulong entry, ulong rights, bool isPage)
    {
        if (entry == 0)
            return 0;
        if (isPage && (rights & PageWalk.Accessed) == 0)
            return 0;
        if (isPage)
            return Given((entry & PageWalk.Frame) + index * PageSize, rights, entry);
        ulong* entries = PageWalk.Table(cpu, entry);
        if (entries == null || (entries[index] & PageWalk.Present) == 0)
            return 0;
        ulong word = entries[index], both = rights & (word ^ PageWalk.NoExecute);
        if ((both & PageWalk.Accessed) == 0)
            return 0; // the guest wants to see the next access
        return Given(word & PageWalk.Frame, both, word);
    }

    // The word of a page with the rights of all levels together; one that is not dirty is not writable yet.
    private static ulong Given(ulong gpa, ulong rights, ulong entry) =>
        PlacedPage.Of(gpa, (rights & PageWalk.Writable) != 0 && (entry & PageWalk.Dirty) != 0, (rights & PageWalk.NoExecute) != 0)
            | KeptKernel.Mark((rights & PageWalk.User) != 0);

    // True if the page lost something.
    private static bool CompareSmall(Vcpu* cpu, Place* place, uint index, ulong entry, ulong rights, bool isPage)
    {
        ulong* word = Places.TableOf(place) + index;
        if ((*word & PlacedPage.Live) == 0)
            return false;
        ulong given = Given(cpu, index, entry, rights, isPage);
        bool same = given != 0 && PlacedPage.Gpa(given) == Patches.Original(cpu, *word) && !PlacedPage.IsTaken(*word, given);
        ulong left = same ? *word & (given | ~PlacedPage.Rights) : *word & ~PlacedPage.Rights;
        if (left == *word)
            return false;
        if (!same)
            place->Live--;
        lost = *word;
        *word = left;
        Note(place, index);
        return true;
    }

    private static void CompareLarge(Place* place, ulong entry, ulong rights, bool isPage)
    {
        if ((place->Large & PlacedPage.Live) == 0)
            return;
        ulong given = !isPage || (rights & PageWalk.Accessed) == 0 ? 0 : Given(entry & PageWalk.Frame, rights, entry);
        bool same = given != 0 && PlacedPage.Gpa(given) == PlacedPage.Gpa(place->Large) && !PlacedPage.IsTaken(place->Large, given);
        ulong left = same ? place->Large & (given | ~PlacedPage.Rights) : place->Large & ~PlacedPage.Rights;
        if (left == place->Large)
            return;
        place->Large = left;
        Note(place, 0);
    }
}
