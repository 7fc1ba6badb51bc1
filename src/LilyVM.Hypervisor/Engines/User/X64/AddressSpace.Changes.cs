namespace LilyVM.Hypervisor.Engines.User;

/// <content>
/// Rights that a flush takes away, applied in as few calls as possible. On a host that is a guest of another one, each page that loses
/// rights by itself costs some microseconds, and a call that covers more than <see cref="FlushedAtOnce"/> pages is answered by one flush of
/// everything (Linux: tlb_single_page_flush_ceiling), which costs as much as <see cref="FlushedOneByOne"/> pages or more: the more tables
/// were written since the last. So where changes are dear, and are many, all pages between the first and the last one lose their rights in
/// one call, and those that keep them get them back, which costs nothing but the call.
/// </content>
internal static unsafe partial class AddressSpace
{
    private const uint FlushedAtOnce = 34, FlushedOneByOne = 8;

    private static uint changedPlaces;
    private static uint firstChanged, lastChanged; // numbers of places, roughly: what lies between them is looked at

    private static void Note(Place* place, uint index)
    {
        uint number = NumberOf(place);
        if (place->Changes == 0)
        {
            place->FirstChange = place->LastChange = index;
            firstChanged = changedPlaces == 0 || number < firstChanged ? number : firstChanged;
            lastChanged = changedPlaces == 0 || number > lastChanged ? number : lastChanged;
            changedPlaces++;
        }
        else if (index < place->FirstChange)
        {
            place->FirstChange = index;
        }
        else if (index > place->LastChange)
        {
            place->LastChange = index;
        }
        place->Changes++;
    }

    private static void ApplyChanges()
    {
        if (changedPlaces == 0)
            return;
        uint before = drops;
        for (uint number = firstChanged; number <= lastChanged && drops == before; number++)
        {
            Place* place = Places.At(number);
            if (place->Changes == 0)
                continue;
            if (place->Large != 0)
                Take(place->Address, Places.Size, place->Large);
            else if (place->Changes > FlushedOneByOne && This.Machine->ChangesAreDear != 0)
                ApplyByOneFlush(place);
            else
                ApplyRuns(place, place->FirstChange, place->LastChange, all: true);
            place->Changes = 0;
        }
        changedPlaces = 0;
    }

    // Another program's pages, or none: those of the last one go in one call on either side of the kernel's window.
    private static void ParkPrograms()
    {
        if (changedPlaces < 2)
        {
            ApplyChanges();
            return;
        }
        ulong lowStart = WindowStart, lowEnd = 0, highStart = KernelStart, highEnd = 0;
        for (uint number = firstChanged; number <= lastChanged; number++)
        {
            Place* place = Places.At(number);
            if (place->Changes == 0)
                continue;
            place->Changes = 0;
            ulong start = place->Address < Reservation.Lowest ? Reservation.Lowest : place->Address, end = place->Address + Places.Size;
            if (start < WindowStart)
                (lowStart, lowEnd) = (start < lowStart ? start : lowStart, end > lowEnd ? end : lowEnd);
            else
                (highStart, highEnd) = (start < highStart ? start : highStart, end > highEnd ? end : highEnd);
        }
        changedPlaces = 0;
        uint before = drops;
        if (lowEnd != 0)
            TakeAll(lowStart, lowEnd - lowStart);
        if (highEnd != 0 && drops == before)
            TakeAll(highStart, highEnd - highStart);
    }

    private static void ApplyByOneFlush(Place* place)
    {
        uint first = place->FirstChange, last = place->LastChange;
        if (last - first + 1 < FlushedAtOnce)
        {
            first = last >= FlushedAtOnce ? last + 1 - FlushedAtOnce : 0;
            if (last - first + 1 < FlushedAtOnce)
                last = first + FlushedAtOnce - 1;
        }
        if (TakeAll(place->Address + first * PageSize, (last - first + 1) * PageSize))
            ApplyRuns(place, first, last, all: false);
    }

    // Pages in a row with equal rights in one call; those without rights only if asked for, for they may have none already.
    private static void ApplyRuns(Place* place, uint first, uint last, bool all)
    {
        ulong* words = Places.TableOf(place);
        for (uint start = first; start <= last;)
        {
            uint end = start + 1;
            while (end <= last && ((words[end] ^ words[start]) & (PlacedPage.Rights | PlacedPage.Kernel)) == 0)
                end++;
            if ((all || (words[start] & PlacedPage.Live) != 0)
                && !Take(place->Address + start * PageSize, (end - start) * PageSize, words[start]))
                return;
            start = end;
        }
    }

    private static uint NumberOf(Place* place) => (uint)(((ulong)place - Layout.Places) / 64);
}
