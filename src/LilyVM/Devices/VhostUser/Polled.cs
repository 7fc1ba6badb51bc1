using System.Runtime.InteropServices;

namespace LilyVM.Devices.VhostUser;

/// <summary>What poll(2) waits for, struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct Polled
{
    /// <summary>POLLIN, POLLOUT, POLLRDHUP: something to read, room to write, no more from the other end of a socket.</summary>
    internal const short Readable = 1, Writable = 4, HungUp = 0x2000;

    private readonly int file;
    private readonly short events;
    private short found;

    internal Polled(int file, short events)
    {
        this.file = file;
        this.events = events;
    }

    /// <summary>Whether something was found, errors included.</summary>
    internal readonly bool IsReady => found != 0;

    /// <summary>Waits until one is ready; a signal of the host ends the wait too, with none of them ready.</summary>
    internal static void Wait(Span<Polled> files)
    {
        fixed (Polled* first = files)
        {
            if (Poll(first, (nuint)files.Length, -1) >= 0)
                return;
        }
        foreach (ref Polled file in files)
            file.found = 0;
    }

    /// <summary>Whether that can be done now with one file.</summary>
    internal static bool Now(int file, short events)
    {
        var one = new Polled(file, events);
        return Poll(&one, 1, 0) == 1 && (one.found & events) != 0;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(Polled* files, nuint count, int milliseconds);
}
