using System.Runtime.InteropServices;

namespace LilyVM.Cli.Terminal;

/// <summary>
/// One of our standard streams as it is: read(2) and write(2), nothing else. A FileStream has a position of its own, so that output of
/// other programs to the same file would be overwritten; Console's streams have ideas of their own about terminals.
/// </summary>
/// <param name="file">Its number.</param>
/// <param name="mayFail">What cannot be written is lost without an error, as messages are whose reader has gone.</param>
internal sealed partial class StandardStream(int file, bool mayFail = false) : Stream
{
    /// <summary>
    /// The HResult of an <see cref="IOException"/> whose cause is that nobody reads the pipe any more: EPIPE of errno(3).
    /// </summary>
    internal const int BrokenPipe = 32;

    private const int Interrupted = 4, BadDescriptor = 9, TryAgain = 11; // errno(3)
    private const short Readable = 1, Writable = 4;
    private const int UsualWidth = 80; // of a terminal that does not know

    /// <summary>A writer on one of them that holds nothing back.</summary>
    internal static StreamWriter Writer(int file, bool mayFail = false) => new(new StandardStream(file, mayFail)) { AutoFlush = true };

    /// <summary>How many characters fit into a line of a writer on a terminal; null for any other writer.</summary>
    internal static int? TerminalWidth(TextWriter writer) => Of(writer) is { } stream && RawTerminal.IsTerminal(stream.Number)
        ? WindowSize.Of(stream.Number)?.Columns ?? UsualWidth
        : null;

    /// <summary>The stream behind a writer on one; null for any other writer.</summary>
    internal static StandardStream? Of(TextWriter writer) => (writer as StreamWriter)?.BaseStream as StandardStream;

    private int Number => file;

    /// <inheritdoc/>
    public override bool CanRead => file == 0;

    /// <inheritdoc/>
    public override bool CanWrite => file != 0;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Waits for some bytes; 0 at the end.</summary>
    public override int Read(Span<byte> buffer)
    {
        if (MissingStreams.IsTaken(file))
            return 0;
        nint count;
        while ((count = ReadFile(file, buffer, (nuint)buffer.Length)) < 0)
        {
            if (!WaitFor(Readable))
                return 0;
        }
        return (int)count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Writes all bytes.</summary>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (MissingStreams.IsTaken(file))
        {
            if (!mayFail)
                throw new IOException("Bad file descriptor", BadDescriptor);
            return;
        }
        while (buffer.Length > 0)
        {
            nint count = WriteFile(file, buffer, (nuint)buffer.Length);
            if (count >= 0)
                buffer = buffer[(int)count..];
            else if (!WaitFor(Writable))
                return;
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is held back.
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    // Another program may have made the stream non-blocking, for a terminal is one open file for all of them. False if there is no sense in
    // going on.
    private bool WaitFor(short events)
    {
        int error = Marshal.GetLastPInvokeError();
        var wanted = new PollRequest { File = file, Events = events };
        if (error == TryAgain)
            _ = Poll(ref wanted, 1, -1);
        else if (error != Interrupted)
            return mayFail ? false : throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        return true;
    }

    private struct PollRequest
    {
        public int File;
        public short Events, Returned;
    }

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadFile(int file, Span<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteFile(int file, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollRequest request, nuint count, int milliseconds);
}
