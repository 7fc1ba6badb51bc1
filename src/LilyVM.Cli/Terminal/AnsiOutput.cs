using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LilyVM.Cli.Terminal;

/// <summary>
/// Where tables and bars go; the library's own would ask System.Console how wide that is, which sends codes to the terminal.
/// </summary>
internal sealed class AnsiOutput(TextWriter writer, bool isTerminal, int width) : IAnsiConsoleOutput
{
    private const int UsualHeight = 24;

    /// <inheritdoc/>
    public TextWriter Writer => writer;

    /// <inheritdoc/>
    public bool IsTerminal => isTerminal;

    /// <inheritdoc/>
    public int Width => width;

    /// <inheritdoc/>
    public int Height => UsualHeight;

    /// <inheritdoc/>
    public void SetEncoding(Encoding encoding)
    {
        // Always UTF-8.
    }
}

/// <summary>A console whose cursor stays visible: hidden while bars move, it would stay so after kill -9.</summary>
internal sealed class ConsoleWithCursor(IAnsiConsole console) : IAnsiConsole
{
    /// <inheritdoc/>
    public Profile Profile => console.Profile;

    /// <inheritdoc/>
    public IAnsiConsoleCursor Cursor { get; } = new VisibleCursor(console.Cursor);

    /// <inheritdoc/>
    public IAnsiConsoleInput Input => console.Input;

    /// <inheritdoc/>
    public IExclusivityMode ExclusivityMode => console.ExclusivityMode;

    /// <inheritdoc/>
    public RenderPipeline Pipeline => console.Pipeline;

    /// <inheritdoc/>
    public void Clear(bool home) => console.Clear(home);

    /// <inheritdoc/>
    public void Write(IRenderable renderable) => console.Write(renderable);

    /// <inheritdoc/>
    public void WriteAnsi(Action<AnsiWriter> action) => console.WriteAnsi(action);

    private sealed class VisibleCursor(IAnsiConsoleCursor cursor) : IAnsiConsoleCursor
    {
        public void Show(bool show)
        {
            // It is.
        }

        public void SetPosition(int column, int line) => cursor.SetPosition(column, line);

        public void Move(CursorDirection direction, int steps) => cursor.Move(direction, steps);
    }
}
