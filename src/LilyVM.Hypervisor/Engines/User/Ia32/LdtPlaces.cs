using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Which entry of the host's LDT is the copy of which descriptor of the guest. The first of the guest's GDT and LDT have places of their
/// own, which keeps the table short: the host copies all of it at each change and each fork. All others, up to the 8,192 that each of the
/// guest's tables may have, get one when they are first used; if ever none is left, that of another, which is no longer loaded. Safe:
/// places are checked to lie in the tables of this stub.
/// </summary>
internal static unsafe class LdtPlaces
{
    /// <summary>Descriptors of each table with a place of their own: index and place are the same for those of the GDT.</summary>
    public const uint Own = Layout.OwnPlaces;

    /// <summary>
    /// The guest kernel's flat segments, code and data; then both again, for a guest that moved up (<see cref="AddressSpace.Shift"/>).
    /// </summary>
    public const uint Flat = 2 * Own;

    private const uint First = Flat + 4, End = 8192, Entries = 8192, Local = 0x8000;

    // What the descriptors are (without the accessed bit), 0 for none; whose they are (index, and Local); and where those of the guest's
    // two tables are, 0 for nowhere.
    private static ulong* written;
    private static ushort* owners, places;
    private static uint next = First;

    /// <summary>Bytes of the tables, all zero at first and few of them ever touched.</summary>
    public const uint TableBytes = End * 8 + End * 2 + Entries * 2 * 2;

    /// <summary>Before anything else; forked stubs inherit the tables.</summary>
    public static void Initialize(byte* tables)
    {
        written = (ulong*)tables;
        owners = (ushort*)(tables + End * 8);
        places = owners + End;
        This.Vcpu->CopiesInLdt = Own;
    }

    /// <summary>The descriptor at a place, as the guest has it.</summary>
    public static ulong* Written(uint place) => written + place;

    /// <summary>The place of a descriptor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(bool local, uint index) => index < Own ? index + (local ? Own : 0) : Find(local, index);

    /// <summary>The guest's selector for a place, as a program may have loaded it; false if there is none.</summary>
    public static bool Guest(uint place, uint* selector)
    {
        uint owner = place < Own ? place : place < Flat ? place - Own | Local : place < First ? 0u : owners[place];
        *selector = (owner & ~Local) * 8 + ((owner & Local) != 0 ? 7u : 3);
        return place < Flat || owner != 0;
    }

    /// <summary>All copies are to be made anew.</summary>
    public static void Forget()
    {
        for (uint place = 0; place < End && (place < First || owners[place] != 0); place++)
            written[place] = 0;
    }

    private static uint Find(bool local, uint index)
    {
        ushort* place = places + (local ? Entries : 0) + index;
        if (*place == 0)
            *place = (ushort)Take(index | (local ? Local : 0));
        return *place;
    }

    private static uint Take(uint owner)
    {
        do
            next = next == End - 1 ? First : next + 1;
        while (RealSegments.IsLoaded(next));
        uint old = owners[next];
        if (old != 0)
            places[((old & Local) != 0 ? Entries : 0) + (old & ~Local)] = 0;
        owners[next] = (ushort)owner;
        written[next] = 0;
        return next;
    }
}
