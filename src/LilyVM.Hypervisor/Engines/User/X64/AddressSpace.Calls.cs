namespace LilyVM.Hypervisor.Engines.User;

/// <content>
/// The calls that change what the host has mapped here. Where it has no room for one mapping more (vm.max_map_count, memory for its
/// tables), all is given back, and comes again when it is touched: the call returns false, and whoever made it goes on as after a flush of
/// everything, with no place that it found before.
/// </content>
internal static unsafe partial class AddressSpace
{
    private static uint drops;
    private static bool isEmpty; // nothing was mapped since everything was given back
    private static bool haveKernelAddresses; // programs have, or had, pages among the kernel's addresses

    private static bool MapRam(ulong start, ulong bytes, ulong word, bool populate)
    {
        This.Count(Counter.Mmaps);
        RamChunks.MakeReady(PlacedPage.Gpa(word), bytes);
        ulong flags = (uint)(Host.Shared | Host.Fixed | (populate ? Host.Populate : 0));
        nint result = Host.Call(Host.Mmap, start, bytes, (ulong)PlacedPage.Protection(word), flags, Layout.RamFile, PlacedPage.Gpa(word));
        if ((ulong)result != start)
            return MakeRoom(start, result);
        isEmpty = false;
        uint before = drops;
        if (IsPrograms(start, word))
            Programs.Map(start, bytes, ProgramProtection(word), flags, PlacedPage.Gpa(word));
        if (drops != before)
            return false;
        return !KeptKernel.IsOn || (word & PlacedPage.Kernel) == 0 || Give(start, bytes, word); // new mappings have key 0
    }

    // Rights to what is placed, and its key; a loss of rights leaves the key as it is.
    private static bool Give(ulong start, ulong bytes, ulong word)
    {
        int protection = PlacedPage.Protection(word);
        if (!KeptKernel.IsOn)
            return Protect(start, bytes, protection, ProgramProtection(word));
        This.Count(Counter.KeyedMprotects);
        ulong key = (word & PlacedPage.Kernel) != 0 ? ProtectionKeys.Kernel : 0;
        nint result = Host.Call(Host.PkeyMprotect, start, bytes, (ulong)protection, key);
        return result == 0 || MakeRoom(start, result);
    }

    // What is placed keeps the rights of its word, and no others.
    private static bool Take(ulong start, ulong bytes, ulong word) =>
        Protect(start, bytes, PlacedPage.Protection(word), ProgramProtection(word));

    private static bool TakeAll(ulong start, ulong bytes) => Protect(start, bytes, Host.NoAccess, Host.NoAccess);

    private static bool Protect(ulong start, ulong bytes, int protection, int programs)
    {
        This.Count(Counter.Mprotects);
        nint result = Host.Call(Host.Mprotect, start, bytes, (ulong)protection);
        if (result != 0)
            return MakeRoom(start, result);
        uint before = drops;
        if (Programs.AreApart && (!IsKernel(start) || haveKernelAddresses))
            Programs.Protect(start, bytes, programs);
        return drops == before;
    }

    // Whether programs that have a process of their own have a page there: the kernel may give them some of its own addresses.
    private static bool IsPrograms(ulong start, ulong word)
    {
        if (!Programs.AreApart)
            return false;
        bool isKernel = IsKernel(start);
        haveKernelAddresses |= isKernel && (word & PlacedPage.Kernel) == 0;
        return !isKernel || haveKernelAddresses;
    }

    // Whether a page that is placed has changed hands: where programs have a process of their own, it is another page there.
    private static bool ChangesHands(ulong old, ulong word) => Programs.AreApart && ((old ^ word) & PlacedPage.Kernel) != 0;

    // Where programs have a process of their own: there.
    private static int ProgramProtection(ulong word) => (word & PlacedPage.Kernel) != 0 ? Host.NoAccess : PlacedPage.Protection(word);

    private static bool MakeRoom(ulong start, nint error)
    {
        if (error != Host.NoMemory || isEmpty)
            Failure.Report(FailureCode.MapFailed, start, (ulong)-error);
        DropAll();
        return false;
    }

    /// <summary>Too much is mapped for the tables here, or for the host: all is given back.</summary>
    public static void DropAll()
    {
        This.Count(Counter.Drops);
        if (!Reservation.Renew())
            Failure.Report(FailureCode.MapFailed, Reservation.Lowest, 0);
        if (Programs.AreApart)
            Programs.Renew();
        Places.Forget();
        drops++;
        deferred = 0;
        isEmpty = true;
    }
}
