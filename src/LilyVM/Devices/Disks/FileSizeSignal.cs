using System.Runtime.InteropServices;

namespace LilyVM.Devices.Disks;

/// <summary>
/// A write that goes beyond the process's limit of file sizes (RLIMIT_FSIZE) is to fail, like one to a full disk. But the host also sends
/// SIGXFSZ, which ends a process that has no handler (setrlimit(2)). Programs that this one starts do not inherit the handler.
/// </summary>
internal static class FileSizeSignal
{
    private const PosixSignal Number = (PosixSignal)25; // of Linux, signal(7)

    private static readonly PosixSignalRegistration Handler = PosixSignalRegistration.Create(Number, context => context.Cancel = true);

    /// <summary>From now on the signal does nothing.</summary>
    internal static void Ignore() => GC.KeepAlive(Handler);
}
