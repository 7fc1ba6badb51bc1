using System.Text.Json;

namespace LilyVM.Bench.Results;

/// <summary>
/// The cells of a run that has not ended, in a file of one JSON object a line, so that an interrupted run loses one cell at most. The first
/// line says what was run; a run of something else begins anew.
/// </summary>
internal sealed class RunLog : IDisposable
{
    private readonly string path;
    private readonly StreamWriter writer;

    private RunLog(string path, List<Cell> cells, StreamWriter writer)
    {
        this.path = path;
        this.writer = writer;
        Finished = cells;
    }

    /// <summary>The cells of the interrupted run.</summary>
    internal IReadOnlyList<Cell> Finished { get; }

    /// <summary>Goes on with the run in the file if it is one of the same things, else begins one.</summary>
    internal static RunLog Open(string path, string what, bool fresh)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        List<Cell> cells = fresh ? [] : Read(path, what);
        // Written anew: the last line may be half of one.
        var writer = new StreamWriter(path) { AutoFlush = true };
        writer.WriteLine(what.ReplaceLineEndings(" "));
        var log = new RunLog(path, cells, writer);
        cells.ForEach(log.Write);
        return log;
    }

    /// <summary>Keeps a cell.</summary>
    internal void Write(Cell cell) => writer.WriteLine(JsonSerializer.Serialize(cell));

    /// <summary>The run has ended: there is nothing to go on with.</summary>
    internal void Complete()
    {
        writer.Dispose();
        File.Delete(path);
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private static List<Cell> Read(string path, string what)
    {
        List<Cell> cells = [];
        if (!File.Exists(path) || File.ReadAllLines(path) is not [var first, .. var lines] || first != what.ReplaceLineEndings(" "))
            return cells;
        foreach (string line in lines)
        {
            try
            {
                cells.Add(JsonSerializer.Deserialize<Cell>(line)!);
            }
            catch (JsonException)
            {
                break; // written when the run was interrupted
            }
        }
        return cells;
    }
}
