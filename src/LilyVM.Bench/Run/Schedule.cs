namespace LilyVM.Bench.Run;

/// <summary>One run that is to be done.</summary>
internal sealed record Turn(Contender Contender, Workload Workload, int Repetition);

/// <summary>The order of an experiment's runs.</summary>
internal static class Schedule
{
    /// <summary>
    /// Contenders take turns at each workload, then it is repeated: what changes on the host meanwhile meets all of them alike.
    /// </summary>
    internal static IReadOnlyList<Turn> Of(IReadOnlyList<Contender> contenders, IReadOnlyList<Workload> workloads, int repetitions)
    {
        List<Turn> turns = [];
        for (int repetition = 1; repetition <= repetitions; repetition++)
        {
            turns.AddRange(
                from workload in workloads
                from contender in contenders
                where contender.Runs(workload) && repetition <= workload.Repetitions(repetitions, contender.IsSlow)
                select new Turn(contender, workload, repetition));
        }
        return turns;
    }
}
