using LilyVM.Hypervisor.Shared;

namespace LilyVM.Boot;

/// <summary>
/// Where a PC's RAM lies in guest physical memory: from 0 up to a hole for devices below 4 GiB, and what does not fit there from 4 GiB on.
/// </summary>
/// <param name="Bytes">RAM in all.</param>
/// <param name="HoleStart">Where the hole begins.</param>
internal readonly record struct MemoryMap(ulong Bytes, ulong HoleStart = RamHole.Start)
{
    /// <summary>End of what lies below the hole.</summary>
    internal uint LowEnd => (uint)Math.Min(Bytes, HoleStart);

    /// <summary>Bytes from 4 GiB on.</summary>
    internal ulong HighBytes => Bytes - LowEnd;

    /// <summary>As it is told to kernels: what a PC's system may use, and the BIOS's extended data area.</summary>
    internal IReadOnlyList<E820Entry> Entries
    {
        get
        {
            List<E820Entry> entries =
            [
                new(0, GuestLayout.LowEnd, E820Type.Usable),
                new(GuestLayout.LowEnd, GuestLayout.ExtendedBiosEnd - GuestLayout.LowEnd, E820Type.Reserved),
                new(GuestLayout.HighStart, LowEnd - GuestLayout.HighStart, E820Type.Usable),
            ];
            if (HighBytes > 0)
                entries.Add(new(RamHole.End, HighBytes, E820Type.Usable));
            return entries;
        }
    }
}
