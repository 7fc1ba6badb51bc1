using System.Globalization;

namespace LilyVM.Bench.Report;

/// <summary>All that is told of an experiment: tables, then who took part, what went wrong and where it was.</summary>
internal static class ResultReport
{
    /// <summary>Writes it for people at a terminal.</summary>
    internal static void Write(TextWriter output, ExperimentResults results) =>
        Write(output, results, table => table.Write(output), output.WriteLine);

    /// <summary>Writes it as Markdown, as docs/experiment.md has it.</summary>
    internal static void WriteMarkdown(TextWriter output, ExperimentResults results)
    {
        Write(output, results, table => table.WriteMarkdown(output), line => output.WriteLine("- " + line));
        output.WriteLine();
    }

    private static void Write(TextWriter output, ExperimentResults results, Action<ReportTable> table, Action<string> line)
    {
        table(ResultTable.Of(results));
        if (LimitTable.Of(results) is { } limits)
            table(limits);
        foreach (CostModel model in results.Models)
            table(CostTable.Of(model));
        foreach (string sentence in Sentences(results))
            line(sentence);
    }

    private static IEnumerable<string> Sentences(ExperimentResults results)
    {
        foreach (CostModel model in results.Models)
            yield return CostTable.Verdict(model);
        foreach ((string name, string description) in results.Contenders)
            yield return $"{name}: {description}.";
        foreach ((string name, string reason) in results.Skipped)
            yield return $"{name} was left out: {reason}.";
        foreach (Cell cell in results.Failures)
            yield return $"FAILED: {cell.Workload} on {cell.Contender}: {cell.Failure}.";
        foreach (Cell cell in results.WrongClocks)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"WRONG CLOCK: in {cell.Workload} on {cell.Contender} the guest counted {cell.ClockRatio:0.000} s for a second.");
        }
        foreach ((Cell cell, double times) in results.Again)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"AGAIN: turn {cell.Repetition} of {cell.Workload} on {cell.Contender} took {cell.FirstTimes:0.00} times what its " +
                $"neighbours took, and then {times:0.00} times.");
        }
        HostDescription host = results.Host;
        string virtualized = host.Virtualized ? " of a virtual machine" : "";
        yield return $"Host: {host.Processor}, {host.Processors} processors{virtualized}, {host.MemoryMiB} MiB, large pages " +
            $"{host.LargePages}, {host.Kernel}; {host.Date}.";
        yield return string.Create(CultureInfo.InvariantCulture,
            $"Load average: {results.Load.Least:0.00} to {results.Load.Greatest:0.00}.");
    }
}
