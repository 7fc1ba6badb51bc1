using System.Runtime.InteropServices;
using LilyVM.Devices;

namespace LilyVM.Cli.Terminal;

/// <summary>The size of a terminal of ours.</summary>
internal static partial class WindowSize
{
    private const nuint GetSize = 0x5413; // TIOCGWINSZ

    /// <summary>Reads it; null if the file is no terminal, or one that does not know.</summary>
    internal static TerminalSize? Of(int file) =>
        Control(file, GetSize, out Window window) == 0 && window is { Rows: > 0, Columns: > 0 } ? new(window.Rows, window.Columns) : null;

    // struct winsize of ioctl_tty(2).
    private struct Window
    {
        public ushort Rows, Columns, Width, Height;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int file, nuint command, out Window window);
}
