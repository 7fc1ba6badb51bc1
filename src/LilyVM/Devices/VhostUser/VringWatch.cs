using LilyVM.Memory;

namespace LilyVM.Devices.VhostUser;

/// <summary>
/// Follows a queue that a back end works on, so that the driver can be told of its requests when the back end ends: which are in its hands
/// is written nowhere else. It looks at the rings whenever the back end calls, before the driver hears of it. If more than a ring of
/// requests came and went between two looks it has lost count, until it finds the queue empty.
/// </summary>
/// <remarks>
/// Unsafe: the rings are pointers into guest RAM, checked as a whole; indexes stay below the queue's size. Both sides may write anything.
/// </remarks>
internal sealed unsafe class VringWatch
{
    private const int RingHeader = 4, UsedElement = 8;

    private readonly Lock gate = new();
    private readonly bool[] inHand;
    private readonly byte* available, used;
    private readonly uint size;
    private ushort seenAvailable, seenUsed;
    private bool hasLostCount;

    /// <summary>Begins with a queue that no request was put into.</summary>
    internal VringWatch(GuestRam ram, Vring ring)
    {
        size = ring.Size;
        inHand = new bool[size];
        available = ram.Pointer(ring.Available, RingHeader + 2 * size);
        used = ram.Pointer(ring.Used, RingHeader + UsedElement * size);
    }

    /// <summary>Takes note of what changed; requests that are done are named by their heads.</summary>
    internal void Look(Action<ushort>? done = null)
    {
        lock (gate)
        {
            ushort usedNow = Volatile.Read(ref *(ushort*)(used + 2)); // first, so that what was used is known to have been available
            ushort availableNow = Volatile.Read(ref *(ushort*)(available + 2));
            if ((ushort)(availableNow - seenAvailable) > size || (ushort)(usedNow - seenUsed) > size)
                hasLostCount = true;
            else
                Follow(availableNow, usedNow, done);
            seenAvailable = availableNow;
            seenUsed = usedNow;
            if (availableNow != usedNow)
                return;
            Array.Clear(inHand);
            hasLostCount = false;
        }
    }

    /// <summary>
    /// The heads of requests that the back end had and has not done; and how many requests were ever put in and given back. If count was
    /// lost, they are taken for those that were put in last, as if all were done in order; a driver that is told another one gives its
    /// queue up, with errors to all.
    /// </summary>
    internal (IReadOnlyList<ushort> Heads, ushort Available, ushort Used) InHand()
    {
        lock (gate)
        {
            Look();
            var count = (ushort)(seenAvailable - seenUsed);
            if (count > size)
                return ([], seenUsed, seenUsed); // whoever goes on from there finds what the driver did wrong
            if (hasLostCount)
                return ([.. Enumerable.Range(0, count).Select(i => Head((ushort)(seenUsed + i))).Distinct()], seenAvailable, seenUsed);
            return ([.. Enumerable.Range(0, (int)size).Where(i => inHand[i]).Select(i => (ushort)i)], seenAvailable, seenUsed);
        }
    }

    private void Follow(ushort availableNow, ushort usedNow, Action<ushort>? done)
    {
        for (; seenAvailable != availableNow; seenAvailable++)
            Mark(Head(seenAvailable), true);
        for (; seenUsed != usedNow; seenUsed++)
        {
            uint head = Volatile.Read(ref *(uint*)(used + RingHeader + UsedElement * (seenUsed & (size - 1))));
            Mark(head, false);
            if (head < size)
                done?.Invoke((ushort)head);
        }
    }

    private ushort Head(ushort index) => Volatile.Read(ref *(ushort*)(available + RingHeader + 2 * (index & (size - 1))));

    private void Mark(uint head, bool isInHand)
    {
        if (head < size)
            inHand[head] = isInHand;
    }
}
