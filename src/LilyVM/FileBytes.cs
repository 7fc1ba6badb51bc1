using System.Buffers;
using System.Runtime.InteropServices;
using LilyVM.Engines.User;
using Microsoft.Win32.SafeHandles;

namespace LilyVM;

/// <summary>
/// A file's bytes in a mapping of their own, read and not mapped: another program may make the file shorter. Safe: whoever has a span of it
/// has it from <see cref="GuestFiles"/>, and lets go of it before that is disposed.
/// </summary>
internal sealed unsafe class FileBytes : MemoryManager<byte>
{
    private readonly int size;
    private nint start;

    /// <summary>Reads so many bytes from the beginning, or as many as there still are.</summary>
    /// <exception cref="IOException">It cannot be read, or the host gives no memory.</exception>
    internal FileBytes(SafeFileHandle file, int length)
    {
        size = length;
        nint mapped = HostCalls.Map(0, (nuint)size, HostCalls.ReadWrite, HostCalls.PrivateAnonymous, -1, 0);
        if (mapped == -1)
            throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        start = mapped;
        _ = HostCalls.Advise(start, (nuint)size, HostCalls.LargePages); // one fault of the host's for 512, where it has them
        int end = 0, read;
        try
        {
            do
            {
                read = RandomAccess.Read(file, GetSpan()[end..], end);
                end += read;
            }
            while (read > 0 && end < size);
        }
        catch
        {
            Dispose(true);
            throw;
        }
        Memory = CreateMemory(end);
    }

    /// <summary>What was read.</summary>
    public override Memory<byte> Memory { get; }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new((void*)start, start == 0 ? 0 : size);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)start + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (start != 0)
            _ = HostCalls.Unmap(start, (nuint)size);
        start = 0;
    }
}
