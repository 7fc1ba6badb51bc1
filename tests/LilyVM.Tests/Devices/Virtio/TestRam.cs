using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LilyVM.Engines.User;
using LilyVM.Memory;

namespace LilyVM.Tests.Devices.Virtio;

/// <summary>Guest RAM between two areas that must not change.</summary>
internal sealed unsafe class TestRam : IDisposable
{
    private const int Guard = 1 << 16;
    private const byte Pattern = 0xC7;

    // Safe: the spans cover what was allocated, until Dispose.
    private readonly byte* start;
    private readonly MemoryFile? file;

    public TestRam(uint size = 1 << 18)
    {
        start = (byte*)NativeMemory.AlignedAlloc(size + 2 * Guard, 4096);
        new Span<byte>(start, (int)size + 2 * Guard).Fill(Pattern);
        Ram = new GuestRam(start + Guard, size);
        Bytes.Clear();
    }

    /// <summary>Guest RAM that is a file, so that other processes may have it; nothing is watched around it.</summary>
    public static TestRam OfFile(uint size = 1 << 18) => new(new MemoryFile("test-ram", size));

    private TestRam(MemoryFile file)
    {
        this.file = file;
        start = file.Start - Guard; // never dereferenced below the file
        Ram = new GuestRam(file.Start, (ulong)file.Size, file.Descriptor);
    }

    public GuestRam Ram { get; }

    public Span<byte> Bytes => new(start + Guard, (int)Ram.Size);

    /// <summary>Whether nothing was written outside RAM.</summary>
    public bool IsAroundUntouched => file is not null || !new Span<byte>(start, Guard).ContainsAnyExcept(Pattern)
        && !new Span<byte>(start + Guard + Ram.Size, Guard).ContainsAnyExcept(Pattern);

    public ushort Read16(uint address) => Volatile.Read(ref MemoryMarshal.AsRef<ushort>(Bytes[(int)address..]));

    public uint Read32(uint address) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[(int)address..]);

    public void Write16(uint address, ushort value) => Volatile.Write(ref MemoryMarshal.AsRef<ushort>(Bytes[(int)address..]), value);

    public void Write32(uint address, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Bytes[(int)address..], value);

    public void Write64(uint address, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Bytes[(int)address..], value);

    public void Dispose()
    {
        if (file is null)
            NativeMemory.AlignedFree(start);
        else
            file.Dispose();
    }
}
