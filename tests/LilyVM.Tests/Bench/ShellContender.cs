using LilyVM.Bench.Contenders;
using LilyVM.Bench.Run;
using LilyVM.Bench.Workloads;

namespace LilyVM.Tests.Bench;

/// <summary>A contender that runs scripts with the shell of this machine, whose time nobody looks at.</summary>
internal sealed class ShellContender(string name, bool slow = false) : Contender
{
    internal override string Name => name;

    internal override string Description => "a shell";

    internal override bool IsSlow => slow;

    internal int Starts { get; private set; }

    internal override Launch Start(string script, string folder, bool withDisk)
    {
        Starts++;
        return new Launch("sh", Write(folder, "script", script));
    }
}

/// <summary>A workload of any script, whose rows are its @row lines.</summary>
internal sealed record ScriptWorkload(string Word, string Text, int Times = 1) : Workload(Word, Nanoseconds)
{
    internal override string Script => Text;

    internal override TimeSpan Limit => TimeSpan.FromSeconds(20);

    internal override int Repetitions(int wanted, bool slow) => slow ? 1 : Times;

    internal override IReadOnlyDictionary<string, double[]> Rows(ScriptResult result) => RowLines(result);
}
