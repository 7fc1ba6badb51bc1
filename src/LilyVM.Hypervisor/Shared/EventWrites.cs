using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared;

/// <summary>
/// Writes of the guest that signal an event file, and nothing else: a value at an address for each file, by its number. The VM process
/// writes it before the start; whatever a guest makes of it names another of the same files at most.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct EventWrites
{
    /// <summary>Room for files.</summary>
    public const int Capacity = 32;

    /// <summary>Bytes of such a write: devices have registers of 32 bits.</summary>
    public const uint Width = 4;

    /// <summary>No file.</summary>
    public const uint None = uint.MaxValue;

    private const int EntryWords = 2; // address, value

    private uint count;

    private fixed ulong entries[Capacity * EntryWords];

    /// <summary>For the VM process, before the start: adds the next file. False if there is no room.</summary>
    public static bool Add(EventWrites* events, ulong address, ulong value)
    {
        uint index = events->count;
        if (index >= Capacity)
            return false;
        ulong* entry = events->entries + index * EntryWords;
        entry[0] = address;
        entry[1] = value;
        events->count = index + 1;
        return true;
    }

    /// <summary>For the engine: the number of the file that a write signals, or <see cref="None"/>.</summary>
    public static uint Find(EventWrites* events, Access* access)
    {
        uint count = Volatile.Read(ref events->count);
        if (access->Width != Width || count > Capacity)
            return None;
        ulong* entry = events->entries;
        for (uint index = 0; index < count; index++, entry += EntryWords)
        {
            if (entry[0] == access->Address && entry[1] == (uint)access->Value)
                return index;
        }
        return None;
    }
}
