namespace LilyVM.Boot;

/// <summary>
/// Several cpio archives as one RAM disk: they follow each other at multiples of 4, as Linux wants it (init/initramfs.c).
/// </summary>
internal static class RamDisks
{
    /// <summary>How much of a RAM disk an archive of that many bytes takes.</summary>
    internal static long Aligned(long bytes) => (bytes + 3) & ~3L;

    /// <summary>Joins them.</summary>
    internal static byte[] Join(params IReadOnlyList<ReadOnlyMemory<byte>> archives)
    {
        byte[] joined = new byte[archives.Sum(a => Aligned(a.Length))];
        long at = 0;
        foreach (ReadOnlyMemory<byte> archive in archives)
        {
            archive.Span.CopyTo(joined.AsSpan((int)at));
            at += Aligned(archive.Length);
        }
        return joined;
    }
}
