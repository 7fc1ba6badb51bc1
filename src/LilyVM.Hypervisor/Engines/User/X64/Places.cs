using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// What a stub has put at 2 MiB of guest addresses: one large page, or a table of single pages. A page that the guest may not use any
/// more stays where it is, without rights ("parked"): giving rights back is cheaper than mapping again.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Place
{
    /// <summary>First guest virtual address.</summary>
    public ulong Address;

    /// <summary>The large page, as a word of <see cref="PlacedPage"/>; 0 if there are single pages.</summary>
    public ulong Large;

    /// <summary>How many single pages have rights.</summary>
    public uint Live;

    /// <summary>Number of its table, from 1; 0: none.</summary>
    public uint Table;

    /// <summary>While rights are taken away: how many pages change, the first and the last one.</summary>
    public uint Changes, FirstChange, LastChange;
}

/// <summary>
/// A word that says what was placed: the page of guest RAM or of what lies behind it (<see cref="Patches"/>), and rights.
/// </summary>
internal static class PlacedPage
{
    /// <summary>
    /// The page has rights; may be written; may be executed; something was placed here; what lies here is a copy with patched system calls;
    /// it has the kernel's protection key.
    /// </summary>
    public const ulong Live = 1, Writable = 2, Executable = 4, Placed = 8, Patched = 16, Kernel = 32, Rights = Live | Writable | Executable;

    /// <summary>A page of guest RAM with rights.</summary>
    public static ulong Of(ulong gpa, bool writable, bool executable) =>
        (gpa & ~0xFFFul) | Live | Placed | (writable ? Writable : 0) | (executable ? Executable : 0);

    /// <summary>Guest physical address of the page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Gpa(ulong word) => word & ~0xFFFul;

    /// <summary>What is placed, with the rights of another page besides its own, and that one's key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Given(ulong placed, ulong given) => (placed & ~Kernel) | (given & (Rights | Kernel));

    /// <summary>Whether programs may use what is placed and may not what is given now: that needs the kernel's key first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsTaken(ulong placed, ulong given) => (given & ~placed & Kernel) != 0;

    /// <summary>The host's protection for its rights.</summary>
    public static int Protection(ulong word) =>
        (word & Live) == 0 ? Host.NoAccess : 1 | ((word & Writable) != 0 ? 2 : 0) | ((word & Executable) != 0 ? 4 : 0);
}

/// <summary>
/// All places of this stub, found by address. Memory is this stub's own, at <see cref="Layout.Places"/>, and is touched only where it is
/// used. Safe: numbers are checked against the capacities below.
/// </summary>
internal static unsafe class Places
{
    /// <summary>Most places, and most of them with a table.</summary>
    public const uint Capacity = 4096, Tables = 384;

    /// <summary>Pages of a place, and its size.</summary>
    public const uint Pages = 512;

    /// <summary>Bytes of a place.</summary>
    public const ulong Size = 2 << 20;

    /// <summary>Bytes of memory that <see cref="Layout.Places"/> must have.</summary>
    public const ulong Bytes = TableStart + Tables * Pages * 8;

    private const uint Slots = Capacity * 2; // a power of two
    private const ulong SlotStart = Capacity * 64, TableStart = SlotStart + Slots * 2;

    private static uint count, tableCount;

    /// <summary>How many there are.</summary>
    public static uint Count => count;

    /// <summary>Whether another place with a table may not fit.</summary>
    public static bool IsFull => count >= Capacity - 1 || tableCount >= Tables - 1;

    /// <summary>The place with a number below <see cref="Count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Place* At(uint number) => (Place*)(Layout.Places + number * 64);

    /// <summary>The place of an address, or null.</summary>
    public static Place* Find(ulong gva)
    {
        ulong address = gva & ~(Size - 1);
        for (uint slot = FirstSlot(address); ; slot = slot + 1 & Slots - 1)
        {
            uint number = Hash[slot];
            if (number == 0)
                return null;
            if (At(number - 1)->Address == address)
                return At(number - 1);
        }
    }

    /// <summary>The place of an address, made if need be; there must be room (<see cref="IsFull"/>).</summary>
    public static Place* Get(ulong gva)
    {
        Place* found = Find(gva);
        if (found != null)
            return found;
        ulong address = gva & ~(Size - 1);
        uint slot = FirstSlot(address);
        while (Hash[slot] != 0)
            slot = slot + 1 & Slots - 1;
        Place* place = At(count++);
        Hash[slot] = (ushort)count;
        place->Address = address;
        place->Large = 0;
        place->Live = place->Table = place->Changes = 0;
        return place;
    }

    /// <summary>The words of a place's single pages, made if need be.</summary>
    public static ulong* Words(Place* place)
    {
        if (place->Table == 0)
        {
            place->Table = ++tableCount;
            Clear(TableOf(place));
        }
        return TableOf(place);
    }

    /// <summary>The words of a place's single pages, which must have a table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* TableOf(Place* place) => (ulong*)(Layout.Places + TableStart) + (place->Table - 1) * Pages;

    /// <summary>Forgets all places.</summary>
    public static void Forget()
    {
        for (uint i = 0; i < Slots; i++)
            Hash[i] = 0;
        count = tableCount = 0;
    }

    private static ushort* Hash => (ushort*)(Layout.Places + SlotStart);

    private static uint FirstSlot(ulong address)
    {
        ulong number = address >> 21;
        return (uint)(number ^ number >> 7 ^ number >> 18) & (Slots - 1);
    }

    private static void Clear(ulong* words)
    {
        for (uint i = 0; i < Pages; i++)
            words[i] = 0;
    }
}
