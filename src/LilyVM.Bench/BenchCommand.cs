using System.Globalization;
using LilyVM.Bench.Contenders;
using LilyVM.Bench.Report;
using LilyVM.Bench.Results;
using LilyVM.Bench.Run;
using LilyVM.Bench.Setup;
using LilyVM.Bench.Workloads;
using LilyVM.Cli.Guests;

namespace LilyVM.Bench;

/// <summary>lilyvm bench: prepares, measures, reports.</summary>
internal sealed class BenchCommand(BenchOptions options, ProjectFiles files, GuestCache cache, StepProgress progress)
{
    private const int QuickRepetitions = 2;

    /// <summary>Returns whether all went well that was tried.</summary>
    internal bool Run(TextWriter output)
    {
        BenchSystem system = new BenchSystemBuild(files, cache, progress).Build();
        var skipped = new Dictionary<string, string>();
        IReadOnlyList<Contender> contenders = Ready(Chosen(ContenderList.All(system, files, cache, progress)), skipped);
        Workload[] others = [new BootWorkload(), new MemoryWorkload(1), new MemoryWorkload(65)];
        IReadOnlyList<Workload> workloads = options.Quick
            ? [new MicroWorkload(5, 5), new CompileWorkload(CompileWorkload.Little), .. others]
            : [new MicroWorkload(10, 9), .. CountWorkload.All, new CompileWorkload(CompileWorkload.Everything), .. others];
        int repetitions = options.Quick ? Math.Min(QuickRepetitions, options.Repetitions) : options.Repetitions;
        IReadOnlyList<Turn> turns = Schedule.Of(contenders, workloads, repetitions);
        string artifacts = Path.Combine(files.Home, "artifacts", "bench");
        using RunLog log = RunLog.Open(Path.Combine(artifacts, options.Quick ? "unfinished-quick" : "unfinished"), What(system), options.Fresh);
        if (log.Finished.Count > 0)
            progress.Tell($"Going on with an interrupted run: {log.Finished.Count} of {turns.Count} turns are done (--fresh begins anew).");
        var results = new ExperimentResults(
            new Experiment(progress, Path.Combine(artifacts, "turn")).Run(turns, log),
            [.. contenders.Select(c => (c.Name, c.Description))],
            skipped,
            HostDescription.Read());
        ResultTable.Write(output, results);
        if (options.Json is { } json)
            ResultJson.Write(json, results);
        if (options.Plots is { } folder)
            Plots.Draw(folder, results, Font());
        log.Complete();
        return results.Failures.Count == 0;
    }

    private IReadOnlyList<Contender> Chosen(IReadOnlyList<Contender> all)
    {
        foreach (string name in options.Only)
        {
            if (all.All(c => c.Name != name))
                throw new LilyVMException($"'{name}' is no contender; there are {string.Join(", ", all.Select(c => c.Name))}.");
        }
        if (options.Only.Count > 0)
            return [.. all.Where(c => options.Only.Contains(c.Name))];
        return options.Quick ? [.. all.Where(c => c.Name is HostItself.TheName or LilyVMEngine.User)] : all;
    }

    private List<Contender> Ready(IReadOnlyList<Contender> contenders, Dictionary<string, string> skipped)
    {
        List<Contender> ready = [];
        foreach (Contender contender in contenders)
        {
            string? problem;
            try
            {
                problem = contender.Prepare();
            }
            catch (LilyVMException e)
            {
                problem = e.Message.TrimEnd('.');
            }
            if (problem is null)
            {
                ready.Add(contender);
                continue;
            }
            skipped.Add(contender.Name, problem);
            progress.Tell($"{contender.Name} is left out: {problem}.");
        }
        return ready;
    }

    // What must be the same for an interrupted run to go on.
    private string What(BenchSystem system)
    {
        var program = new FileInfo(ContenderList.Program(files));
        long written = program.Exists ? program.LastWriteTimeUtc.Ticks : 0;
        string only = string.Join(',', options.Only);
        return string.Create(CultureInfo.InvariantCulture, $"{options.Repetitions} {only} {system.Folder} {program.FullName} {written}");
    }

    private string Font()
    {
        using IDisposable _ = cache.Lock(() => progress.Tell("Waiting for another lilyvm that builds guests ..."));
        return Plots.FontPackage.Get(cache, progress).Path;
    }
}
