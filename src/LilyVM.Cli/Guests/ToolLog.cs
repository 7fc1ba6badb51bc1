namespace LilyVM.Cli.Guests;

/// <summary>
/// The file that keeps what a tool prints. Lines arrive on threads of the runtime, where an exception would
/// end this process; so a log that cannot be written, on a full disk for one, ends and the tool goes on: what
/// it meets itself is told.
/// </summary>
internal sealed class ToolLog : IDisposable
{
    private StreamWriter? file;

    /// <summary>Appends to that file.</summary>
    internal ToolLog(string path) => Try(() => file = new StreamWriter(path, append: true) { AutoFlush = true });

    /// <summary>Adds a line.</summary>
    internal void Write(string line) => Try(() => file?.WriteLine(line));

    /// <inheritdoc/>
    public void Dispose() => Try(() => file?.Dispose());

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            file = null;
        }
    }
}
