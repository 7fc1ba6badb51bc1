using System.Globalization;
using System.Text;
using LilyVM.Devices;

namespace LilyVM.Cli.Terminal;

/// <summary>
/// Takes what a script in the guest prints (guests/linux/initrd/init): its output, then a zero byte, "status", a space, its exit status and
/// a newline. A script may print zero bytes itself, so only what ends the stream counts as its status.
/// </summary>
internal sealed class ScriptOutput(IConsoleOutput output) : IConsoleOutput
{
    private const string Prefix = "\0status ";
    private const int MaxDigits = 3;

    private readonly List<byte> held = []; // what may be the status

    /// <summary>The script's exit status; null while it has not ended.</summary>
    internal int? Status =>
        held.Count > Prefix.Length && held[^1] == '\n'
            ? int.Parse(Encoding.ASCII.GetString([.. held[Prefix.Length..^1]]), CultureInfo.InvariantCulture)
            : null;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
        {
            if (!Continues(next))
            {
                output.Write([.. held]);
                held.Clear();
            }
            if (Continues(next))
                held.Add(next);
            else
                output.Write([next]);
        }
    }

    private bool Continues(byte next)
    {
        if (held.Count < Prefix.Length)
            return next == Prefix[held.Count];
        int digits = held.Count - Prefix.Length;
        return held[^1] != '\n' && (next is >= (byte)'0' and <= (byte)'9' ? digits < MaxDigits : next == '\n' && digits > 0);
    }
}

/// <summary>Keeps the last of what a guest prints, to be shown if something goes wrong.</summary>
internal sealed class LastOutput : IConsoleOutput
{
    private const int Kept = 16 * 1024;

    private readonly Queue<byte> bytes = new(Kept);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (this.bytes)
        {
            foreach (byte b in bytes)
            {
                if (this.bytes.Count == Kept)
                    this.bytes.Dequeue();
                this.bytes.Enqueue(b);
            }
        }
    }

    /// <summary>The text, without carriage returns.</summary>
    public override string ToString()
    {
        lock (bytes)
            return Encoding.Latin1.GetString([.. bytes]).Replace("\r", "", StringComparison.Ordinal);
    }
}
