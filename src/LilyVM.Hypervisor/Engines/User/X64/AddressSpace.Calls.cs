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

    private static bool MapRam(ulong start, ulong bytes, ulong word, bool populate)
    {
        This.Count(Counter.Mmaps);
        RamChunks.MakeReady(PlacedPage.Gpa(word), bytes);
        ulong flags = (uint)(Host.Shared | Host.Fixed | (populate ? Host.Populate : 0));
        nint result = Host.Call(Host.Mmap, start, bytes, (ulong)PlacedPage.Protection(word), flags, Layout.RamFile, PlacedPage.Gpa(word));
        if ((ulong)result != start)
            return MakeRoom(start, result);
        isEmpty = false;
        return (word & PlacedPage.Kernel) == 0 || Give(start, bytes, word); // new mappings have key 0
    }

    // Rights to what is placed, and its key; a loss of rights leaves the key as it is.
    private static bool Give(ulong start, ulong bytes, ulong word)
    {
        int protection = PlacedPage.Protection(word);
        if (!KeptKernel.IsOn)
            return Protect(start, bytes, protection);
        This.Count(Counter.KeyedMprotects);
        ulong key = (word & PlacedPage.Kernel) != 0 ? ProtectionKeys.Kernel : 0;
        nint result = Host.Call(Host.PkeyMprotect, start, bytes, (ulong)protection, key);
        return result == 0 || MakeRoom(start, result);
    }

    private static bool Protect(ulong start, ulong bytes, int protection)
    {
        This.Count(Counter.Mprotects);
        nint result = Host.Call(Host.Mprotect, start, bytes, (ulong)protection);
        return result == 0 || MakeRoom(start, result);
    }

    private static bool MakeRoom(ulong start, nint error)
    {
        if (error != Host.NoMemory || isEmpty)
            Failure.Report(FailureCode.MapFailed, start, (ulong)-error);
        DropAll();
        return false;
    }

    // Too much is mapped for the tables here or for the host.
    private static void DropAll()
    {
        This.Count(Counter.Drops);
        if (!Reservation.Renew())
            Failure.Report(FailureCode.MapFailed, Reservation.Lowest, 0);
        Places.Forget();
        drops++;
        deferred = 0;
        isEmpty = true;
    }
}
