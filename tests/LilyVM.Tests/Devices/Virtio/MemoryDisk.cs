using LilyVM.Devices.Disks;

namespace LilyVM.Tests.Devices.Virtio;

/// <summary>A disk in memory that counts flushes and can fail.</summary>
internal sealed class MemoryDisk(int size, bool readOnly = false) : Disk
{
    public byte[] Bytes { get; } = new byte[size];

    public int Flushes { get; private set; }

    public int Discards { get; private set; }

    public bool Broken { get; set; }

    internal override long Size => size;

    internal override bool IsReadOnly => readOnly;

    public override void Dispose()
    {
    }

    internal override void Read(long offset, Span<byte> destination) => At(offset, destination.Length).CopyTo(destination);

    internal override void Write(long offset, ReadOnlySpan<byte> source) => source.CopyTo(At(offset, source.Length));

    internal override void Flush() => Flushes++;

    internal override void Discard(long offset, long length)
    {
        At(offset, (int)length);
        Discards++;
    }

    internal override void WriteZeroes(long offset, long length, bool mayUnmap) => At(offset, (int)length).Clear();

    private Span<byte> At(long offset, int length) => Broken ? throw new IOException("broken") : Bytes.AsSpan(checked((int)offset), length);
}
