using System.Globalization;
using System.Runtime.InteropServices;
using LilyVM.Engines.User;
using LilyVM.Native;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Networks;

/// <summary>
/// A program of the host's that serves a machine: a child with one open file besides its standard ones, by whose end it learns that we are
/// gone, in whatever way that was. What it prints is kept, to say why it ended.
/// </summary>
internal sealed unsafe partial class ServerProcess : IDisposable
{
    /// <summary>The number that the file has in the child.</summary>
    internal const int FileNumber = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly InheritedFile log = InheritedFile.Of("log", default);
    private readonly Lock gate = new();
    private readonly Thread watcher;
    private readonly int process;
    private volatile bool ended;
    private int status; // wait status, once it has ended

    /// <summary>Starts it.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, the first one behind its name.</param>
    /// <param name="file">What it gets as <see cref="FileNumber"/>; the caller closes its own.</param>
    /// <exception cref="LilyVMException">The host does not start it.</exception>
    internal ServerProcess(string path, IEnumerable<string> arguments, SafeHandle file)
    {
        Name = Path.GetFileName(path);
        log.CloseOnExec();
        using SafeFileHandle nothing = File.OpenHandle("/dev/null");
        int error = Spawn(path, [Name, .. arguments], [(int)nothing.DangerousGetHandle(), log.Number, log.Number,
            (int)file.DangerousGetHandle()], out process);
        if (error != 0)
        {
            log.Dispose();
            throw new LilyVMException($"{path} cannot be started: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
        watcher = new Thread(Watch) { IsBackground = true, Name = Name + " watcher" };
        watcher.Start();
        AppDomain.CurrentDomain.ProcessExit += EndWithProcess;
    }

    /// <summary>Its name.</summary>
    internal string Name { get; }

    /// <summary>Process id.</summary>
    internal int Id => process;

    /// <summary>Whether it has ended, or does so within that time.</summary>
    internal bool HasEndedWithin(TimeSpan time) => watcher.Join(time);

    /// <summary>How it ended, in the words behind its name; it is about to end, and waited for.</summary>
    internal string HowItEnded()
    {
        if (!watcher.Join(Patience))
            return "has ended";
        const int SignalBits = 0x7F;
        return (status & SignalBits) is not 0 and var signal
            ? string.Create(CultureInfo.InvariantCulture, $"was ended by signal {signal}")
            : LastWords() is { } words ? $"has ended ({words})" : "has ended";
    }

    /// <summary>The last that it said; null if nothing.</summary>
    internal string? LastWords() => log.ReadText().Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .LastOrDefault(l => !l.StartsWith("Failed to send", StringComparison.Ordinal))?.TrimEnd('.', ' '); // to a log that is not there

    /// <summary>Ends it if it runs, and waits for its end.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithProcess;
        End();
        log.Dispose();
    }

    // Nothing of it is left when we have ended, though it would end by itself soon after.
    private void EndWithProcess(object? sender, EventArgs arguments) => End();

    private void End()
    {
        lock (gate)
        {
            if (!ended) // else the number may be somebody else's
                _ = HostCalls.Kill(process, HostCalls.KillSignal);
        }
        watcher.Join();
    }

    private void Watch()
    {
        const int ExitedOnly = 4, NoWait = 0x0100_0000, ById = 1; // WEXITED, WNOWAIT, P_PID
        byte* information = stackalloc byte[128]; // siginfo_t
        while (WaitFor(ById, process, information, ExitedOnly | NoWait) < 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
        }
        lock (gate)
        {
            _ = HostCalls.WaitFor(process, out status, 0); // it has ended, and its number is free from here on
            ended = true;
        }
    }

    private const int Interrupted = 4; // EINTR

    // Safe: all that is pointed to lives until the call returns.
    private static int Spawn(string path, string[] arguments, ReadOnlySpan<int> files, out int process)
    {
        const int ActionsSize = 128, AttributesSize = 512; // as StubImage
        byte* actions = stackalloc byte[ActionsSize], attributes = stackalloc byte[AttributesSize];
        process = 0;
        _ = HostCalls.InitializeActions(actions);
        _ = HostCalls.InitializeAttributes(attributes);
        byte** words = stackalloc byte*[arguments.Length + 1];
        try
        {
            // A process group of its own: Ctrl-C on a terminal is for us, who end it in order.
            int error = HostCalls.SetAttributeFlags(attributes, HostCalls.SetProcessGroup) | HostCalls.SetAttributeGroup(attributes, 0);
            for (int i = 0; i < files.Length; i++)
                error |= HostCalls.AddDuplicate(actions, files[i], i);
            error |= HostCalls.AddCloseFrom(actions, files.Length);
            if (error != 0)
                return error;
            for (int i = 0; i < arguments.Length; i++)
                words[i] = (byte*)Marshal.StringToCoTaskMemUTF8(arguments[i]);
            words[arguments.Length] = null;
            byte** environment = stackalloc byte*[1] { null };
            return HostCalls.Spawn(out process, path, actions, attributes, words, environment);
        }
        finally
        {
            for (int i = 0; i < arguments.Length; i++)
                Marshal.FreeCoTaskMem((nint)words[i]);
            _ = HostCalls.DestroyAttributes(attributes);
            _ = HostCalls.DestroyActions(actions);
        }
    }

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitFor(int kind, int process, byte* information, int options);
}
