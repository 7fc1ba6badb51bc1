namespace LilyVM.Hypervisor.Shared;

/// <summary>
/// The guest physical addresses below 4 GiB that a PC keeps for devices. RAM that does not fit below them goes on at 4 GiB. A guest
/// physical address is an offset in guest RAM's file too, so the file has the same hole, which takes no memory.
/// </summary>
internal static class RamHole
{
    /// <summary>Its first address, and the first one behind it; multiples of 1 GiB, so no page of the guest's lies on a border.</summary>
    public const ulong Start = 0xC000_0000, End = 0x1_0000_0000;

    /// <summary>Where so many bytes of RAM end.</summary>
    public static ulong EndOf(ulong bytes) => bytes <= Start ? bytes : bytes + (End - Start);
}
