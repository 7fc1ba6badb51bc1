using System.Runtime.InteropServices;

namespace LilyVM.Cli;

/// <summary>Limits of the host that this process runs into: they end in a sentence too, not in a signal or a stack trace.</summary>
internal static class HostLimits
{
    /// <summary>The sentence for an <see cref="OutOfMemoryException"/>, which .NET also throws where a thread cannot be made.</summary>
    internal const string Exhausted =
        "The host gives this process no more memory or threads; raise its limits (`ulimit -a` shows them; a container has its own).";

    /// <summary>ENOSPC, as .NET passes it on.</summary>
    internal const int DiskFull = 28;

    private const PosixSignal FileTooLarge = (PosixSignal)25; // SIGXFSZ: with a handler, the call that grows the file fails with EFBIG

    /// <summary>From now on, until the result is disposed.</summary>
    internal static IDisposable Handle(TextWriter errors)
    {
        // Where nobody can catch it: in a thread of the runtime, or because its signal thread cannot be made. The stubs end with this one.
        AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
        {
            if (unhandled.ExceptionObject is not (OutOfMemoryException or TypeInitializationException { InnerException: IOException }))
                return;
            errors.WriteLine("lilyvm: " + Exhausted);
            Environment.Exit(Program.Failure);
        };
        return PosixSignalRegistration.Create(FileTooLarge, context => context.Cancel = true);
    }
}
