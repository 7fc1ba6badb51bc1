using LilyVM.Bench.Report;

namespace LilyVM.Bench.Lab;

/// <summary>lilyvm bench --lab: the experiment where the kernel engine can run, in instructions.</summary>
internal sealed class LabBench(BenchOptions options, ProjectFiles files, GuestCache cache, StepProgress progress)
{
    private const int QuickLoad = 20;

    private const int Load = 200;

    /// <summary>Returns whether all went well that was tried.</summary>
    internal bool Run(TextWriter output)
    {
        var system = new LabSystem(
            ContenderList.Program(files),
            new LinuxGuest(new RecipeFiles(files, LinuxRecipe.I386), cache, progress).Build(withOracle: true, Environment.ProcessorCount),
            new MeasuringProgram(BenchTarget.I386, files, cache, progress).Build(),
            Disk: null);
        IReadOnlyList<Contender> contenders = Contenders(system);
        IReadOnlyList<Turn> turns = Schedule.Of(contenders, Workloads(), repetitions: 1);
        string what = $"{string.Join(' ', contenders.Select(c => c.Name))} {system.Kernels.Kernel} {system.Micro} " +
            $"{ContenderList.Version(system.Program)}";
        string name = options.Quick ? "unfinished-lab-quick" : "unfinished-lab";
        using RunLog log = Experiment.Open(files, name, what, options.Fresh, turns.Count, progress);
        var experiment = Experiment.In(files, progress);
        List<Cell> cells = [.. experiment.Run(turns, log)];
        if (!options.Quick)
        {
            string disk = new DebianDisk(LinuxRecipe.I386, WithCompiler: true, DebianDisk.DefaultSize).Build(cache, progress);
            var compilation = new CompilePartWorkload(new AwkPart(cache, progress).Archive());
            cells.AddRange(experiment.Run(Schedule.Of(Contenders(system with { Disk = disk }), [compilation], repetitions: 1), log));
            cells.AddRange(experiment.Run(Schedule.Of(contenders, [.. PolicyTable.Counted], repetitions: 1), log));
        }
        var results = new ExperimentResults(BenchTarget.I386, cells, [.. contenders.Select(c => (c.Name, c.Description))],
            new Dictionary<string, string>(),
            HostDescription.Read());
        LabTable.Write(output, results);
        PolicyTable.Write(output, results);
        if (options.Json is { } json)
            ResultJson.Write(json, results, BareMachine.TheName);
        if (options.Plots is { } folder)
            Plots.Save(folder, Plots.GetFont(cache, progress), PolicyPlot.Of(results), "bench-policies", 420);
        log.Complete();
        return results.Failures.Count == 0;
    }

    private IReadOnlyList<Workload> Workloads() => options.Quick
        ? [new LabMicroWorkload(1, 3), new LoadWorkload(QuickLoad)]
        : [new LabMicroWorkload(3, 9), new LoadWorkload(Load)];

    private IReadOnlyList<Contender> Contenders(LabSystem system)
    {
        Contender[] all =
        [
            new BareMachine(system), new LabNative(system), LabEngine.OfUser(system),
            .. LabPolicy.All.Select(p => LabEngine.OfKernel(p, system)),
        ];
        return ContenderChoice.Named(all, options.Only)
            ?? (options.Quick ? [.. all.Where(c => c.Name is BareMachine.TheName or LabNative.TheName or LabEngine.User
                or LabEngine.Kernel)] : all);
    }
}
