namespace LilyVM.Devices.Disks;

/// <summary>
/// What a block device keeps its bytes in. Used by one thread at a time; offsets and lengths lie within <see cref="Size"/>, as the caller
/// checked. What the host refuses (disk full, bad sector) is an <see cref="IOException"/> with a sentence for the user.
/// </summary>
internal abstract class Disk : IDisposable
{
    /// <summary>What it is, in a sentence for the user.</summary>
    internal virtual string Name => "a disk";

    /// <summary>Bytes, a multiple of 512.</summary>
    internal abstract long Size { get; }

    /// <summary>Whether writing is refused.</summary>
    internal abstract bool IsReadOnly { get; }

    internal abstract void Read(long offset, Span<byte> destination);

    internal abstract void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Returns when everything written before is safe from a loss of power.</summary>
    internal abstract void Flush();

    /// <summary>The bytes may have any value from now on.</summary>
    internal abstract void Discard(long offset, long length);

    /// <summary>The bytes are zero from now on; with <paramref name="mayUnmap"/> they need no space.</summary>
    internal abstract void WriteZeroes(long offset, long length, bool mayUnmap);

    public abstract void Dispose();
}
