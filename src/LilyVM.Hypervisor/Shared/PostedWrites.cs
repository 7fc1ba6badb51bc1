using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared;

/// <summary>
/// Writes that the guest made and that did not stop it, on their way to the VM process: a ring with one writer, the engine, and one reader.
/// Each side may find anything here that the other wrote: indices are used as numbers within the ring only.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PostedWrites
{
    /// <summary>Room for writes; a power of two.</summary>
    public const int Capacity = 256;

    /// <summary>Room for ranges.</summary>
    public const int RangeCapacity = 16;

    private const int EntryWords = 3, RangeWords = 3; // an entry: kind and width, address, value; a range: kind, start, length

    private uint end, begin, rangeCount; // entries ever put in, and ever taken out

    private fixed ulong ranges[RangeCapacity * RangeWords];
    private fixed ulong entries[Capacity * EntryWords];

    /// <summary>For the VM process, before the start: writes to this range may be posted. False if there is no room.</summary>
    public static bool Allow(PostedWrites* posted, AccessKind kind, ulong start, ulong length)
    {
        uint index = posted->rangeCount;
        if (index >= RangeCapacity)
            return false;
        ulong* range = posted->ranges + index * RangeWords;
        range[0] = (ulong)kind;
        range[1] = start;
        range[2] = length;
        posted->rangeCount = index + 1;
        return true;
    }

    /// <summary>For the engine: whether writes wait.</summary>
    public static bool Any(PostedWrites* posted) => posted->end != Volatile.Read(ref posted->begin);

    /// <summary>For the engine: posts a write; false if it may not be, or finds no room.</summary>
    /// <param name="posted">The ring.</param>
    /// <param name="kind"><see cref="AccessKind.PortWrite"/> or <see cref="AccessKind.DeviceWrite"/>.</param>
    /// <param name="access">The write.</param>
    public static bool TryPost(PostedWrites* posted, AccessKind kind, Access* access)
    {
        uint count = Volatile.Read(ref posted->rangeCount), end = posted->end;
        ulong* range = posted->ranges;
        while (count != 0 && count <= RangeCapacity && !(range[0] == (ulong)kind && access->Address - range[1] < range[2]))
        {
            range += RangeWords;
            count--;
        }
        if (count is 0 or > RangeCapacity || end - Volatile.Read(ref posted->begin) >= Capacity)
            return false;
        ulong* entry = posted->entries + (end & (Capacity - 1)) * EntryWords;
        entry[0] = (ulong)kind | (ulong)access->Width << 32;
        entry[1] = access->Address;
        entry[2] = access->Value;
        Volatile.Write(ref posted->end, end + 1);
        return true;
    }

    /// <summary>For the VM process: takes the oldest write out; false if there is none.</summary>
    public static bool TryTake(PostedWrites* posted, Access* access)
    {
        uint begin = posted->begin;
        if (begin == Volatile.Read(ref posted->end))
            return false;
        ulong* entry = posted->entries + (begin & (Capacity - 1)) * EntryWords;
        access->Kind = (AccessKind)(uint)entry[0];
        access->Width = (uint)(entry[0] >> 32);
        access->Address = entry[1];
        access->Value = entry[2];
        Volatile.Write(ref posted->begin, begin + 1);
        return true;
    }
}
