using System.Globalization;
using System.Text;
using LilyVM.Devices;

namespace LilyVM.Cli.Containers;

/// <summary>
/// Takes the line "exit STATUS" of the first process of a container's machine, and answers, so that the machine ends: what the container
/// printed has been taken by then, as the device handles its ports in order.
/// </summary>
internal sealed class ContainerOutput : IConsoleOutput
{
    private const string Exit = "exit ";

    private readonly StringBuilder line = new();

    /// <summary>The container's status; null while it runs, and if its machine ended otherwise.</summary>
    internal int? Status { get; private set; }

    /// <summary>Where the answer goes.</summary>
    internal MachineConsole? Port { get; set; }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b != '\n')
            {
                if (line.Length < 80)
                    line.Append((char)b);
                continue;
            }
            string said = line.ToString();
            line.Clear();
            if (said.StartsWith(Exit, StringComparison.Ordinal)
                && byte.TryParse(said[Exit.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out byte status))
            {
                Status = status;
                Port?.TryType("."u8);
            }
        }
    }
}
