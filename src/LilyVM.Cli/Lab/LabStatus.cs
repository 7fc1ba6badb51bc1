using System.Globalization;
using System.Text;

namespace LilyVM.Cli.Lab;

/// <summary>What <c>lab/init</c> tells in lines: that the command starts, what failed, the kernel's taints, the command's status.</summary>
internal sealed class LabStatus : IDisposable
{
    private readonly StringBuilder line = new();

    /// <summary>Set when the command starts.</summary>
    internal ManualResetEventSlim Started { get; } = new();

    /// <summary>What went wrong before the command.</summary>
    internal string? Failure { get; private set; }

    /// <summary>Bits of /proc/sys/kernel/tainted.</summary>
    internal int Taints { get; private set; }

    /// <summary>The command's exit status, if it ended.</summary>
    internal int? ExitStatus { get; private set; }

    /// <summary>Takes bytes of the port.</summary>
    internal void Take(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value != '\n')
            {
                line.Append((char)value);
                continue;
            }
            TakeLine(line.ToString());
            line.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Started.Dispose();

    private void TakeLine(string text)
    {
        string[] words = text.Split(' ', 2);
        switch (words)
        {
            case ["started"]:
                Started.Set();
                break;
            case ["failed:", var what]:
                Failure ??= what;
                break;
            case ["tainted", var taints] when int.TryParse(taints, CultureInfo.InvariantCulture, out int bits):
                Taints = bits;
                break;
            case ["status", var status] when int.TryParse(status, CultureInfo.InvariantCulture, out int number):
                ExitStatus = number;
                break;
        }
    }
}
