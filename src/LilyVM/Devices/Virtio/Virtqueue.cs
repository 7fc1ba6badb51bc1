using System.Diagnostics.CodeAnalysis;
using LilyVM.Memory;

namespace LilyVM.Devices.Virtio;

/// <summary>
/// A split virtqueue (virtio 1.2, 2.7), the device's side. The guest, on another CPU, may change every byte of the rings at any time, so
/// each field is read once, checked, and never read again. What is wrong ends in <see cref="Fault"/>, after which the queue gives nothing
/// more.
/// </summary>
/// <remarks>
/// Unsafe: the three areas are pointers into guest RAM. <see cref="TryEnable"/> checks all of each area, indexes stay below <see
/// cref="Size"/>, and guest RAM outlives its devices.
/// </remarks>
internal sealed unsafe class Virtqueue(GuestRam ram, uint sizeMax)
{
    // A driver's chain is no longer than the queue, or than an indirect table that Linux allocates; more is a loop.
    private const int LongestChain = 1024;
    private const ulong MostBytes = 1UL << 32; // 2.7.4.2: a chain never has more
    private const int DescriptorSize = 16, UsedElementSize = 8;
    private const ushort Next = 1, Write = 2, Indirect = 4; // descriptor flags
    private const ushort NoInterrupt = 1; // flag of the available ring

    /// <summary>
    /// Feature bits of queues of this kind (2.7.7.1, 2.7.5.3): the driver may say when it wants to be told, and use indirect descriptors.
    /// </summary>
    internal const ulong Features = EventIndex | IndirectDescriptors;

    /// <inheritdoc cref="Features"/>
    internal const ulong EventIndex = 1UL << 29, IndirectDescriptors = 1UL << 28;

    private readonly VirtqueueChain chain = new(ram);
    private byte* descriptors, available, used;
    private ushort nextAvailable, nextUsed;
    private uint unsignalled;
    private bool eventIndex, indirect;
    private volatile bool closed;

    /// <summary>Largest size that the driver may choose.</summary>
    internal uint SizeMax => sizeMax;

    /// <summary>Entries, as the driver set it.</summary>
    internal uint Size { get; set; }

    /// <summary>Guest physical addresses of the descriptor table, the available ring and the used ring, as the driver set them.</summary>
    internal ulong DescriptorArea { get; set; }

    /// <inheritdoc cref="DescriptorArea"/>
    internal ulong DriverArea { get; set; }

    /// <inheritdoc cref="DescriptorArea"/>
    internal ulong DeviceArea { get; set; }

    /// <summary>Whether the queue is in use.</summary>
    internal bool Ready { get; private set; }

    /// <summary>What the driver did wrong; null while nothing.</summary>
    internal string? Fault { get; private set; }

    /// <summary>Puts the queue to use; false, with <see cref="Fault"/>, if its areas are not right.</summary>
    internal bool TryEnable(bool withEventIndex, bool withIndirect)
    {
        if (Size == 0 || Size > sizeMax || (Size & (Size - 1)) != 0)
            return Fail($"a queue of {Size} entries");
        if (DescriptorArea % 16 != 0 || DriverArea % 2 != 0 || DeviceArea % 4 != 0)
            return Fail("queue areas that are not aligned");
        descriptors = ram.Pointer(DescriptorArea, Size * DescriptorSize);
        available = ram.Pointer(DriverArea, 6 + 2 * Size);
        used = ram.Pointer(DeviceArea, 6 + UsedElementSize * Size);
        if (descriptors is null || available is null || used is null)
            return Fail("queue areas outside RAM");
        nextAvailable = nextUsed = 0;
        unsignalled = 0;
        eventIndex = withEventIndex;
        indirect = withIndirect;
        Ready = true;
        return true;
    }

    /// <summary>Gives requests again after a fault.</summary>
    internal void Forgive() => Fault = null;

    /// <summary>Takes the queue out of use.</summary>
    internal void Disable() => Ready = false;

    /// <summary>Takes the queue out of use and forgets all the driver set.</summary>
    internal void Reset()
    {
        Ready = false;
        Fault = null;
        Size = 0;
        DescriptorArea = DriverArea = DeviceArea = 0;
    }

    /// <summary>Gives no more requests, for ever: the machine ends. Any thread may call it.</summary>
    internal void Close() => closed = true;

    /// <summary>A place for a request, for those who take several at a time.</summary>
    internal VirtqueueChain NewChain() => new(ram);

    /// <summary>
    /// Takes the next request, valid until the next call. If there is none, the driver notifies the device of the next one.
    /// </summary>
    internal bool TryPop([NotNullWhen(true)] out VirtqueueChain? request)
    {
        request = TryPop(chain) ? chain : null;
        return request is not null;
    }

    /// <summary>The same into a place of the caller's.</summary>
    internal bool TryPop(VirtqueueChain request)
    {
        if (!Ready || closed || Fault is not null)
            return false;
        ushort waiting = Waiting();
        if (waiting == 0 && eventIndex)
        {
            // Ask for a notification, then look again: the driver may have missed the question (2.7.10).
            Volatile.Write(ref *(ushort*)(used + 4 + UsedElementSize * Size), nextAvailable);
            Interlocked.MemoryBarrier();
            waiting = Waiting();
        }
        if (waiting == 0)
            return false;
        if (waiting > Size)
            return Fail($"an available index that runs {waiting} entries ahead in a queue of {Size}");
        ushort head = Volatile.Read(ref *(ushort*)(available + 4 + 2 * (nextAvailable & (Size - 1))));
        request.Clear(head);
        if (!TryWalk(request, head))
            return false;
        nextAvailable++;
        return true;
    }

    /// <summary>The last so many requests were not taken after all; the driver may have changed them when they are taken again.</summary>
    internal void PutBack(int count) => nextAvailable -= (ushort)count;

    /// <summary>
    /// Goes on where somebody else, who worked on the queue, has stopped: so many requests were taken, and so many given back.
    /// </summary>
    internal void GoOnFrom(ushort taken, ushort returned)
    {
        nextAvailable = taken;
        nextUsed = returned;
    }

    /// <summary>A request that was taken before, by its head; valid until the next call. Null, with a fault, if it is none.</summary>
    internal VirtqueueChain? Take(ushort head)
    {
        chain.Clear(head);
        return Ready && !closed && Fault is null && TryWalk(chain, head) ? chain : null;
    }

    /// <summary>
    /// Gives a request back to the driver. It learns of that by looking, or by the interrupt that <see cref="TakeSignal"/> asks for.
    /// </summary>
    internal void Complete(VirtqueueChain request) => Complete(new ReadOnlySpan<VirtqueueChain>(ref request));

    /// <summary>The same for several, which the driver sees all at once.</summary>
    internal void Complete(ReadOnlySpan<VirtqueueChain> requests)
    {
        foreach (VirtqueueChain request in requests)
        {
            uint* element = (uint*)(used + 4 + UsedElementSize * (nextUsed++ & (Size - 1)));
            element[0] = request.Head;
            element[1] = request.Written;
        }
        Volatile.Write(ref *(ushort*)(used + 2), nextUsed); // after the elements and the data
        unsignalled += (uint)requests.Length;
    }

    /// <summary>Whether the driver wants an interrupt for what was completed since the last call.</summary>
    internal bool TakeSignal()
    {
        uint count = unsignalled;
        unsignalled = 0;
        if (count == 0 || !Ready)
            return false;
        Interlocked.MemoryBarrier(); // the used index must be visible before the driver's wish is read (2.7.7.2)
        if (!eventIndex)
            return (Volatile.Read(ref *(ushort*)available) & NoInterrupt) == 0;
        ushort wanted = Volatile.Read(ref *(ushort*)(available + 4 + 2 * Size));
        return (ushort)(nextUsed - wanted - 1) < count;
    }

    private ushort Waiting() => (ushort)(Volatile.Read(ref *(ushort*)(available + 2)) - nextAvailable);

    private bool TryWalk(VirtqueueChain request, ushort index)
    {
        byte* table = descriptors;
        uint tableSize = Size;
        bool inTable = false;
        for (int count = 0; count < LongestChain; count++)
        {
            if (index >= tableSize)
                return Fail($"descriptor {index} in a table of {tableSize}");
            ulong* descriptor = (ulong*)(table + DescriptorSize * index);
            ulong address = Volatile.Read(ref descriptor[0]), rest = Volatile.Read(ref descriptor[1]);
            uint length = (uint)rest;
            var flags = (ushort)(rest >> 32);
            if ((flags & Indirect) != 0)
            {
                if (!indirect || inTable || (flags & Next) != 0 || length == 0 || length % DescriptorSize != 0)
                    return Fail("an indirect descriptor that is not allowed");
                table = ram.Pointer(address, length);
                if (table is null)
                    return Fail("an indirect table outside RAM");
                tableSize = length / DescriptorSize;
                inTable = true;
                index = 0;
                continue;
            }
            bool forWriting = (flags & Write) != 0;
            if (!forWriting && request.WritableLeft > 0)
                return Fail("a readable descriptor behind a writable one");
            if (!request.TryAdd(address, length, forWriting))
                return Fail($"a buffer outside RAM (0x{address:X}, {length} bytes)");
            if (request.ReadableLeft + request.WritableLeft > MostBytes)
                return Fail("a chain of more than 4 GiB");
            if ((flags & Next) == 0)
                return true;
            index = (ushort)(rest >> 48);
        }
        return Fail("a chain without end");
    }

    private bool Fail(string what)
    {
        Fault = what;
        return false;
    }
}
