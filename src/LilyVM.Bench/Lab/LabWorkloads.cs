using System.Globalization;

namespace LilyVM.Bench.Lab;

/// <summary>Something whose instructions are counted, once: they are the same each time.</summary>
internal abstract record LabWorkload(string Name) : Workload(Name, Instructions)
{
    // An emulated processor on a busy computer.
    internal override TimeSpan Limit => TimeSpan.FromHours(1);

    internal override int Repetitions(int wanted, bool slow) => 1;

    internal override IReadOnlyDictionary<string, double[]> Rows(ScriptResult result) => RowLines(result);
}

/// <summary>The primitives that say something where instructions are counted: an emulated processor has no caches.</summary>
/// <param name="TargetMilliseconds">How long a round of a row takes.</param>
/// <param name="Rounds">Rounds that count.</param>
internal sealed record LabMicroWorkload(int TargetMilliseconds, int Rounds) : LabWorkload(TheName)
{
    internal const string TheName = "micro";

    private const string Primitives =
        "cpu-integer fpu-x87 fpu-sse2 null-call read-zero stat mmap-1M signal-deliver protection-fault page-fault-anon page-fault-file " +
        "page-fault-cow " +
        "fork-exit fork-exec vfork-exec fork-sh pipe-round-trip socket-round-trip ring-2-0K ring-8-64K file-create-10K";

    internal override string Script =>
        string.Create(CultureInfo.InvariantCulture, $"exec /bench/micro --target {TargetMilliseconds} --rounds {Rounds} {Primitives}\n");
}

/// <summary>The fork/exec load: the guest's own script.</summary>
/// <param name="Rounds">Eight processes each.</param>
internal sealed record LoadWorkload(int Rounds) : LabWorkload(TheName)
{
    internal const string TheName = "load";

    internal override string Script =>
        string.Create(CultureInfo.InvariantCulture, $"exec /bench/micro --time {TheName} sh /scripts/forks {Rounds}\n");
}

/// <summary>
/// A part of GNU awk is compiled, in memory, when the compiler's files are in the page cache: while an emulated processor waits for a disk,
/// its clock runs as it likes, so it is done three times, too.
/// </summary>
/// <param name="Archive">The part (<see cref="Setup.AwkPart"/>).</param>
internal sealed record CompilePartWorkload(string Archive) : LabWorkload(CompileWorkload.TheName)
{
    // What awk's ./configure, which takes longer than all the rest, would find out for these files.
    private const string Configuration =
        """
        #define _GNU_SOURCE 1
        #include <stdbool.h>
        typedef unsigned int gawk_uint32_t;
        typedef int gawk_int32_t;
        """;

    internal override string Script =>
        $$"""
        set -e
        mkdir /tmp/awk
        cd /tmp/awk
        base64 -d <<'END' | tar -x -z
        {{Archive.Trim()}}
        END
        cat >config.h <<'END'
        {{Configuration}}
        END
        compile="gcc -g -O2 -DHAVE_CONFIG_H -I. -c random.c localeinfo.c"
        compiler=$(gcc -print-prog-name=cc1)
        cat $compiler $(ldd $compiler | grep -o '/[^ ]*') >/dev/null
        $compile -fsyntax-only
        echo 'int nothing;' | gcc -x c -c -o nothing.o -
        times=
        for round in 1 2 3; do
            start=$(date +%s%N)
            $compile
            end=$(date +%s%N)
            times="$times $((end - start))"
        done
        echo "@row compile 1$times"

        """;
}
