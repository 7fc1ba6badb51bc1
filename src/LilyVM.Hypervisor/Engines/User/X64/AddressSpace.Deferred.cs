namespace LilyVM.Hypervisor.Engines.User;

/// <content>
/// A page that was copied because its program wrote to it: the guest flushes the old one, and returns to the write. Until then the old
/// page may stay as it is, readable and with the same contents, so that putting the copy in its place is one change of the host's and not
/// two. Whatever else changes or uses mappings takes it away first, and so does a return to the program that does not map the copy.
/// </content>
internal static unsafe partial class AddressSpace
{
    private static ulong deferred; // the page's address; 0: none
    private static ulong lost; // what was placed where a page lost rights last

    /// <summary>Before programs go on: nothing of the kind is left.</summary>
    public static void ApplyDeferred()
    {
        if (deferred == 0)
            return;
        ulong page = deferred;
        deferred = 0;
        TakeAll(page, PageSize);
    }

    // Of the one page that was flushed. A program never gets back what it could write.
    private static bool TryDefer(ulong gva)
    {
        if (changedPlaces != 1 || (lost & PlacedPage.Writable) != 0 || !Run.IsWriting(gva))
            return false;
        Place* place = Places.At(firstChanged);
        if (place->Changes != 1 || place->Large != 0)
            return false;
        place->Changes = 0;
        changedPlaces = 0;
        deferred = gva & ~PageMask;
        return true;
    }
}
