using System.Globalization;
using LilyVM.Bench.Report;

namespace LilyVM.Bench;

/// <summary>lilyvm bench: prepares, measures, reports, for one architecture after the other.</summary>
internal sealed class BenchCommand(BenchOptions options, ProjectFiles files, GuestCache cache, StepProgress progress)
{
    private const int QuickRepetitions = 2;

    /// <summary>Returns whether all went well that was tried, other people's programs aside.</summary>
    internal bool Run(TextWriter output)
    {
        if (options.Report is { } file)
        {
            IReadOnlyList<ExperimentResults> earlier = ResultJson.ReadAll(file);
            foreach (ExperimentResults results in earlier)
                ResultReport.WriteMarkdown(output, results);
            Draw(earlier);
            return true;
        }
        List<ExperimentResults> all = [];
        List<RunLog> logs = [];
        bool good = true;
        foreach (BenchTarget target in Targets())
        {
            (ExperimentResults results, RunLog log, bool went) = Measure(target);
            ResultReport.Write(output, results);
            all.Add(results);
            logs.Add(log);
            good &= went;
        }
        if (options.Json is { } json)
            ResultJson.WriteAll(json, all);
        Draw(all);
        logs.ForEach(l => l.Complete());
        return good;
    }

    // The short form is one architecture's, so that it stays short.
    private IReadOnlyList<BenchTarget> Targets() => options.Target is { } wanted ? [wanted]
        : options.Quick ? [BenchTarget.OfThisHost()[0]] : BenchTarget.OfThisHost();

    private (ExperimentResults Results, RunLog Log, bool WentWell) Measure(BenchTarget target)
    {
        BenchSystem system = new BenchSystemBuild(target, files, cache, progress).Build();
        var skipped = new Dictionary<string, string>();
        IReadOnlyList<Contender> contenders =
            ContenderChoice.Ready(Chosen(ContenderList.All(system, files, cache, progress)), skipped, progress);
        Workload[] others =
            [new ShellWorkload(), new BootWorkload(WithDisk: true), new BootWorkload(WithDisk: false), MemoryWorkload.Least,
                MemoryWorkload.Most];
        IReadOnlyList<Workload> workloads = options.Quick
            ? [new MicroWorkload(5, 5), new CompileWorkload(CompileWorkload.Little), .. others]
            : [new MicroWorkload(10, 9), .. CountWorkload.All, new CompileWorkload(CompileWorkload.Everything), .. others];
        int repetitions = options.Quick ? Math.Min(QuickRepetitions, options.Repetitions) : options.Repetitions;
        IReadOnlyList<Turn> turns = Schedule.Of(contenders, workloads, repetitions);
        string name = $"unfinished-{(options.Quick ? "quick-" : "")}{target}";
        RunLog log = Experiment.Open(files, name, What(system), options.Fresh, turns.Count, progress);
        var results = new ExperimentResults(
            target,
            Experiment.In(files, progress).Run(turns, log),
            [.. contenders.Select(c => (c.Name, c.Description))],
            skipped,
            HostDescription.Read());
        return (results, log, results.Failures.All(f => contenders.First(c => c.Name == f.Contender).IsForeign));
    }

    private void Draw(IReadOnlyList<ExperimentResults> all)
    {
        if (options.Plots is not { } folder)
            return;
        string font = Plots.GetFont(cache, progress);
        foreach (ExperimentResults results in all)
            Plots.Draw(folder, results, font);
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
