using System.Globalization;

namespace LilyVM.Bench.Workloads;

/// <summary>Something that every contender does: a script, and what its output says.</summary>
/// <param name="Name">One word.</param>
/// <param name="Unit">Unit of its rows.</param>
internal abstract record Workload(string Name, string Unit)
{
    internal const string Nanoseconds = "ns", Seconds = "s", Mebibytes = "MiB", Instructions = "instructions";

    /// <summary>The script, for /bin/sh.</summary>
    internal abstract string Script { get; }

    /// <summary>Whether the script runs in the experiment's root file system.</summary>
    internal virtual bool OnDisk => true;

    /// <summary>How often it is done; <paramref name="slow"/> for contenders that take long.</summary>
    internal abstract int Repetitions(int wanted, bool slow);

    /// <summary>What ends a contender that hangs; the slowest healthy one takes a third of it.</summary>
    internal virtual TimeSpan Limit => TimeSpan.FromMinutes(10);

    /// <summary>The values of each row, from a script that went well.</summary>
    internal abstract IReadOnlyDictionary<string, double[]> Rows(ScriptResult result);

    /// <summary>Adds the seconds in the kernel, of the "@cpu USER SYSTEM" line.</summary>
    protected static void AddSystemTime(string name, ScriptResult result, Dictionary<string, double[]> rows)
    {
        if (result.Lines.LastOrDefault(l => l.Text.StartsWith("@cpu ", StringComparison.Ordinal)).Text?.Split(' ') is [_, _, var system])
            rows[name + CostModel.SystemTime] = [double.Parse(system, CultureInfo.InvariantCulture)];
    }

    /// <summary>The "@row NAME operations value value ..." lines.</summary>
    protected static Dictionary<string, double[]> RowLines(ScriptResult result, double unit = 1) =>
        result.Lines.Select(l => l.Text.Split(' ')).Where(w => w is ["@row", _, _, _, ..])
            .ToDictionary(w => w[1], w => w[3..].Select(v => double.Parse(v, CultureInfo.InvariantCulture) / unit).ToArray());
}

/// <summary>The primitives of the operating system, one by one.</summary>
/// <param name="TargetMilliseconds">How long a round of a row takes.</param>
/// <param name="Rounds">Rounds that count.</param>
internal sealed record MicroWorkload(int TargetMilliseconds, int Rounds) : Workload("micro", Nanoseconds)
{
    internal override string Script => $"exec /bench/micro --target {TargetMilliseconds} --rounds {Rounds}\n";

    internal override int Repetitions(int wanted, bool slow) => slow ? 1 : wanted;

    internal override IReadOnlyDictionary<string, double[]> Rows(ScriptResult result) => RowLines(result);
}

/// <summary>The paper's workload: GNU awk is compiled, one compiler at a time.</summary>
/// <param name="Folder">What of it.</param>
internal sealed record CompileWorkload(string Folder) : Workload(TheName, Seconds)
{
    internal const string TheName = "compile";

    /// <summary>All of it, and its library of regular expressions and the like.</summary>
    internal const string Everything = ".", Little = "support";

    /// <summary>
    /// Copies the configured source and compiles something, so that the compiler is in the page cache as it is on the host.
    /// </summary>
    internal static string Preparation =>
        """
        set -e
        cd /root
        rm -rf build
        # User Mode Linux cannot set the times of files (ENOSYS), which make goes by; its disk is its own.
        if [ -e /dev/ubdb ]; then mv gawk build; else cp -a gawk build; fi
        cd build
        echo 'int main(void) { return 0; }' >/tmp/warm.c
        gcc -O2 -o /tmp/warm /tmp/warm.c
        sync

        """;

    internal override string Script => Preparation +
        $$"""
        /bench/micro --time compile sh -c 'make -j1 -C {{Folder}} >/tmp/make.log 2>&1' || {
            tail -3 /tmp/make.log
            exit 1
        }
        cd /root
        rm -rf build

        """;

    internal override TimeSpan Limit => TimeSpan.FromMinutes(60);

    internal override int Repetitions(int wanted, bool slow) => slow ? 1 : Math.Min(wanted, 3);

    internal override IReadOnlyDictionary<string, double[]> Rows(ScriptResult result)
    {
        Dictionary<string, double[]> rows = RowLines(result, 1e9);
        AddSystemTime(TheName, result, rows);
        return rows;
    }
}

/// <summary>What shells do all day, by a static shell: 200 rounds of the load of forks, and of one program that does nothing.</summary>
internal sealed record ShellWorkload() : Workload("shell", Seconds)
{
    internal const string Forks = "shell-200";

    internal override string Script =>
        $$"""
        export PATH=/bench/applets
        /bench/micro --time {{Forks}} sh /bench/forks 200 || exit 1
        exec /bench/micro --time shell-true-200 sh -c 'i=0; while [ $i -lt 200 ]; do /bench/applets/true; i=$((i + 1)); done'

        """;

    internal override int Repetitions(int wanted, bool slow) => slow ? 1 : wanted;

    internal override IReadOnlyDictionary<string, double[]> Rows(ScriptResult result) => RowLines(result, 1e9);
}

/// <summary>
/// The start: to the first line of a shell script on the disk's system, or without the disk to the end of a script that does nothing. The
/// program and its files are in the host's page cache, because something was run before.
/// </summary>
internal sealed record BootWorkload(bool WithDisk) : Workload(WithDisk ? "boot" : "boot-empty", Seconds)
{
    internal const string ToShell = "boot-to-shell", ToEnd = "boot-to-end";

    internal override string Script => "echo @ready\n";

    internal override bool OnDisk => WithDisk;

    internal override int Repetitions(int wanted, bool slow) => wanted;

    internal override IReadOnlyDictionary<string, double[]> Rows(ScriptResult result) =>
        result.Lines.Where(l => l.Text == "@ready").Take(1)
            .ToDictionary(_ => WithDisk ? ToShell : ToEnd, l => new[] { WithDisk ? l.Seconds : result.Seconds });
}

/// <summary>The host's memory while a program of the guest holds some.</summary>
/// <param name="Held">MiB that it holds.</param>
internal sealed record MemoryWorkload(int Held) : Workload($"memory-{Held}M", Mebibytes)
{
    internal override string Script => $"exec /bench/micro --hold {Held}\n";

    /// <summary>As little as can be, and so much that what each page costs is seen.</summary>
    internal static readonly MemoryWorkload Least = new(1), Most = new(65);

    internal const string BeyondRam = "-beyond-ram";

    // What the engine says of its guest's RAM.
    private const string RamCounter = "ram-mebibytes-taken";

    internal override int Repetitions(int wanted, bool slow) => 1;

    internal override IReadOnlyDictionary<string, double[]> Rows(ScriptResult result)
    {
        Dictionary<string, double[]> rows = [];
        if (result.HeldBytes is not { } bytes)
            return rows;
        rows[Name] = [bytes / 1048576.0];
        if (result.Counters.TryGetValue(RamCounter, out long ram))
            rows[Name + BeyondRam] = [bytes / 1048576.0 - ram];
        return rows;
    }
}
