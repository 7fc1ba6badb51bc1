using System.Globalization;

namespace LilyVM.Bench.Run;

/// <summary>Does all turns, each once, whatever becomes of the others.</summary>
/// <param name="progress">Shows that it goes on.</param>
/// <param name="folder">Folder for the files of a turn; what an interrupted one left in it goes.</param>
internal sealed class Experiment(StepProgress progress, string folder)
{
    /// <summary>One whose files are among those that builds leave.</summary>
    internal static Experiment In(ProjectFiles files, StepProgress progress) => new(progress, Path.Combine(Artifacts(files), "turn"));

    /// <summary>The log of the run of that name, which goes on if it was interrupted.</summary>
    internal static RunLog Open(ProjectFiles files, string name, string what, bool fresh, int turns, StepProgress progress)
    {
        RunLog log = RunLog.Open(Path.Combine(Artifacts(files), name), what, fresh);
        if (log.Finished.Count > 0)
            progress.Tell($"Going on with an interrupted run: {log.Finished.Count} of {turns} turns are done (--fresh begins anew).");
        return log;
    }

    /// <summary>
    /// Does the turns that the log does not hold yet, and once more those that differ from their neighbours; returns the cells of all.
    /// </summary>
    internal IReadOnlyList<Cell> Run(IReadOnlyList<Turn> turns, RunLog log)
    {
        List<Cell> cells = [];
        HashSet<(string, string)> failed = [];
        progress.Run("Measuring", turns.Count, tell =>
        {
            for (int i = 0; i < turns.Count; i++)
            {
                Turn turn = turns[i];
                // What hangs once would hang for an hour each time.
                if (failed.Contains((turn.Contender.Name, turn.Workload.Name)))
                    continue;
                tell(i, $"{turn.Workload.Name} on {turn.Contender.Name}, {turn.Repetition}");
                if (log.Finished.FirstOrDefault(c => IsOf(c, turn) && c.FirstTimes is null) is not { } cell)
                {
                    cell = Do(turn);
                    log.Write(cell);
                }
                cells.Add(cell);
                if (cell.Failure is not null)
                    failed.Add((cell.Contender, cell.Workload));
            }
        });
        DoAgain(turns, log, cells);
        return cells;
    }

    /// <summary>The host's load average over a minute.</summary>
    internal static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    private static string Artifacts(ProjectFiles files) => Path.Combine(files.Home, "artifacts", "bench");

    private static bool IsOf(Cell cell, Turn turn) =>
        (cell.Contender, cell.Workload, cell.Repetition) == (turn.Contender.Name, turn.Workload.Name, turn.Repetition);

    // The repeated turn counts in place of the first, which is kept.
    private void DoAgain(IReadOnlyList<Turn> turns, RunLog log, List<Cell> cells)
    {
        IReadOnlyList<(Cell Cell, double Times)> outliers = Outliers.In(cells);
        if (outliers.Count == 0)
            return;
        progress.Run("Measuring again what differed from its neighbours", outliers.Count, tell =>
        {
            foreach ((int i, (Cell first, double times)) in outliers.Index())
            {
                Turn turn = turns.First(t => IsOf(first, t));
                tell(i, $"{first.Workload} on {first.Contender}, {first.Repetition}");
                Cell? again = log.Finished.FirstOrDefault(c => IsOf(c, turn) && c.FirstTimes is not null);
                if (again is null)
                {
                    again = Do(turn) with { FirstTimes = times };
                    log.Write(again);
                }
                if (again.Failure is null)
                    cells[cells.IndexOf(first)] = first with { IsReplaced = true };
                cells.Add(again);
            }
        });
    }

    private Cell Do(Turn turn)
    {
        (Contender contender, Workload workload, int repetition) = turn;
        var cell = new Cell
        {
            Contender = contender.Name,
            Workload = workload.Name,
            Repetition = repetition,
            Unit = workload.Unit,
            Load = Load()
        };
        try
        {
            Clear();
            Directory.CreateDirectory(folder);
            ScriptResult result = ScriptRun.Run(contender.Start(workload.Script, folder, workload.OnDisk), workload.Limit);
            cell = cell with { Seconds = result.Seconds, ClockRatio = result.ClockRatio, Counters = result.Counters };
            IReadOnlyDictionary<string, double[]> rows = workload.Rows(result);
            // The script's own status, where the machine's is another's.
            bool failed = result.Lines.Any(l => l.Text.StartsWith("@status ", StringComparison.Ordinal) && l.Text != "@status 0");
            return result.Status == 0 && !failed && rows.Count > 0
                ? cell with { Rows = rows }
                : cell with { Failure = Reason(result, workload) };
        }
        catch (LilyVMException e)
        {
            return cell with { Failure = e.Message.TrimEnd('.') };
        }
        finally
        {
            Clear();
        }
    }

    private void Clear()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static string Reason(ScriptResult result, Workload workload) =>
        result.Status == ScriptRun.TimedOut ? $"it had not ended after {workload.Limit.TotalMinutes:0} minutes" : result.LastError;
}
