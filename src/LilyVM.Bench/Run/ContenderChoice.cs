namespace LilyVM.Bench.Run;

/// <summary>Who takes part.</summary>
internal static class ContenderChoice
{
    /// <summary>Those that the user named, or null if none was.</summary>
    internal static IReadOnlyList<Contender>? Named(IReadOnlyList<Contender> all, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if (all.All(c => c.Name != name))
                throw new LilyVMException($"'{name}' is no contender; there are {string.Join(", ", all.Select(c => c.Name))}.");
        }
        return names.Count > 0 ? [.. all.Where(c => names.Contains(c.Name))] : null;
    }

    /// <summary>Those that can run; why the others cannot goes into <paramref name="skipped"/>.</summary>
    internal static IReadOnlyList<Contender> Ready(IReadOnlyList<Contender> contenders, Dictionary<string, string> skipped,
        StepProgress progress)
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
}
