using System.Runtime.InteropServices;
using LilyVM.Engines.User;

namespace LilyVM.Devices.VhostUser;

/// <summary>
/// An event file, eventfd(2), that another process signals or is signalled by. Its descriptor is above those that stubs are given. What the
/// other process does to it can make it full or empty, never keep us waiting.
/// </summary>
internal sealed unsafe partial class EventFile : IDisposable
{
    private const int CloseOnExec = 0x8_0000, NonBlocking = 0x800; // EFD_CLOEXEC, EFD_NONBLOCK

    /// <summary>Makes one that is not signalled.</summary>
    internal EventFile()
    {
        Descriptor = HostCalls.MoveUp(Create(0, CloseOnExec | NonBlocking));
        if (Descriptor < 0)
        {
            string why = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
            throw new LilyVMException($"The host gives no more files: {why}; raise the limit (`ulimit -n`).");
        }
    }

    /// <summary>File descriptor, closed on exec.</summary>
    internal int Descriptor { get; private set; }

    /// <summary>Signals it; nothing if it is full, which says the same.</summary>
    internal void Signal()
    {
        ulong one = 1;
        // The other side may have made it one that blocks.
        if (Polled.Now(Descriptor, Polled.Writable))
            _ = Write(Descriptor, &one, sizeof(ulong));
    }

    /// <summary>Takes the signals that came.</summary>
    internal void Take()
    {
        ulong count;
        if (Polled.Now(Descriptor, Polled.Readable))
            _ = Read(Descriptor, &count, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Descriptor >= 0)
            _ = HostCalls.Close(Descriptor);
        Descriptor = -1;
    }

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int Create(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int file, ulong* value, nuint bytes);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int file, ulong* value, nuint bytes);
}
