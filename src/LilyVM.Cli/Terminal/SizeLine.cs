using System.Globalization;
using System.Text;
using LilyVM.Devices;

namespace LilyVM.Cli.Terminal;

/// <summary>
/// Tells the prepared guest how large our terminal is, as a line "ROWS COLUMNS" at each change, on its second serial port, where its init
/// waits for them: a serial line itself has no size.
/// </summary>
internal sealed class SizeLine
{
    /// <summary>The kernel option by which its init learns the first size, and that more will come (guests/linux/README.md).</summary>
    internal static string Option(TerminalSize size) =>
        string.Create(CultureInfo.InvariantCulture, $"lilyvm.size={size.Rows}x{size.Columns}");

    /// <summary>What the guest's second serial port is connected to. Nobody wants what it prints there.</summary>
    internal MachineConsole Console { get; } = new(Stream.Null);

    /// <summary>Tells the size. If the guest reads none of them any more, it is not told.</summary>
    internal void Tell(TerminalSize size) =>
        Console.TryType(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{size.Rows} {size.Columns}\n")));
}
