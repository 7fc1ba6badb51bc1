using System.Runtime.InteropServices;

namespace LilyVM.Cli.Terminal;

/// <summary>
/// A terminal in raw mode: each key goes to the guest at once, Ctrl-C included. Its old mode comes back when this is disposed of, and when
/// the program ends in any other way that a program notices.
/// </summary>
internal sealed partial class RawTerminal : IDisposable
{
    // At least sizeof(struct termios) of the C library, 60 bytes on x86-64; only the library looks inside.
    private const int TermiosSize = 128;
    private const int Now = 0; // TCSANOW: output that waits is not lost, and a stopped terminal cannot block us

    private readonly int file;
    private readonly byte[] old;

    private RawTerminal(int file, byte[] old)
    {
        this.file = file;
        this.old = old;
        AppDomain.CurrentDomain.ProcessExit += Restore;
        AppDomain.CurrentDomain.UnhandledException += Restore;
    }

    /// <summary>Whether the file is a terminal.</summary>
    internal static bool IsTerminal(int file) => GetAttributes(file, new byte[TermiosSize]) == 0;

    /// <summary>Puts a terminal into raw mode; null if the file is none.</summary>
    internal static RawTerminal? TryEnter(int file)
    {
        byte[] old = new byte[TermiosSize];
        if (GetAttributes(file, old) != 0)
            return null;
        var terminal = new RawTerminal(file, old);
        terminal.SetRaw();
        return terminal;
    }

    /// <summary>Raw mode again, after <see cref="SetNormal"/>.</summary>
    internal void SetRaw()
    {
        byte[] raw = [.. old];
        MakeRaw(raw);
        _ = SetAttributes(file, Now, raw);
    }

    /// <summary>The mode from before, for a while.</summary>
    internal void SetNormal() => _ = SetAttributes(file, Now, old);

    /// <summary>The mode from before.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= Restore;
        AppDomain.CurrentDomain.UnhandledException -= Restore;
        SetNormal();
    }

    private void Restore(object? sender, EventArgs e) => SetNormal();

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int file, [Out] byte[] attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int file, int when, [In] byte[] attributes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw([In, Out] byte[] attributes);
}
