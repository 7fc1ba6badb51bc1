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
        IReadOnlyList<Contender> contenders =
            ContenderChoice.Ready(Chosen(ContenderList.All(system, files, cache, progress)), skipped, progress);
        Workload[] others = [new BootWorkload(), new MemoryWorkload(1), new MemoryWorkload(65)];
        IReadOnlyList<Workload> workloads = options.Quick
            ? [new MicroWorkload(5, 5), new CompileWorkload(CompileWorkload.Little), .. others]
            : [new MicroWorkload(10, 9), .. CountWorkload.All, new CompileWorkload(CompileWorkload.Everything), .. others];
        int repetitions = options.Quick ? Math.Min(QuickRepetitions, options.Repetitions) : options.Repetitions;
        IReadOnlyList<Turn> turns = Schedule.Of(contenders, workloads, repetitions);
        string name = options.Quick ? "unfinished-quick" : "unfinished";
        using RunLog log = Experiment.Open(files, name, What(system), options.Fresh, turns.Count, progress);
        var results = new ExperimentResults(
            Experiment.In(files, progress).Run(turns, log),
            [.. contenders.Select(c => (c.Name, c.Description))],
            skipped,
            HostDescription.Read());
        ResultTable.Write(output, results);
        if (options.Json is { } json)
            ResultJson.Write(json, results);
        if (options.Plots is { } folder)
            Plots.Draw(folder, results, Plots.GetFont(cache, progress));
        log.Complete();
        return results.Failures.Count == 0;
    }

    private IReadOnlyList<Contender> Chosen(IReadOnlyList<Contender> all) => ContenderChoice.Named(all, options.Only)
        ?? (options.Quick ? [.. all.Where(c => c.Name is HostItself.TheName or LilyVMEngine.User)] : all);

    // What must be the same for an interrupted run to go on.
    private string What(BenchSystem system)
    {
        string only = string.Join(',', options.Only);
        return string.Create(CultureInfo.InvariantCulture,
            $"{options.Repetitions} {only} {system.Folder} {ContenderList.Version(ContenderList.Program(files))}");
    }
}
