using System.Text.RegularExpressions;

namespace LilyVM.Tests.Linux;

/// <summary>
/// Parts of the console output that differ between two boots of the same kernel, or between a kernel and its converted twin, for reasons that have
/// nothing to do with what the kernel does. Each is replaced by a word, so that everything else is compared.
/// </summary>
internal static class Messages
{
    /// <summary>Pattern, what it becomes, and why it may differ.</summary>
    internal static readonly IReadOnlyList<(string Pattern, string Word, string Reason)> Rules =
    [
        (@"^\[ *\d+\.\d+\] ", "[time] ", "time since boot depends on the host's load"),
        (@"\d+\.\d+ MHz( TSC| processor)?", "SPEED", "the TSC is calibrated against the emulated 8254"),
        (@"(lpj=|max_cycles: |max_idle_ns: )\S+", "$1SPEED", "follow from the TSC's speed"),
        (@"\d+\.\d+ BogoMIPS", "SPEED", "follows from the TSC's speed"),
        (@"(?<=Memory: )\d+K/\d+K available \(\d+K kernel code, \d+K rwdata, \d+K rodata, \d+K init, \d+K bss, \d+K reserved", "SIZES", "converted text is larger"),
        (@"(?<=unused kernel image .* memory: )\d+K", "SIZE", "converted text is larger"),
        (@"(?<=Write protecting kernel text and read-only data: )\d+k", "SIZE", "converted text is larger"),
        (@"0x[0-9a-f]{8} - 0x[0-9a-f]{8} +\( *\d+ [kM]B\)", "RANGE", "where text and data end depends on the size of the text"),
        (@"(?<=setting system clock to )\S+ UTC \(\d+\)", "DATE", "the date"),
        (@"(?<=random: crng init done).*", "", "entropy arrives when it arrives"),
    ];

    /// <summary>Kernel messages that come at no fixed place, because what they tell is asynchronous.</summary>
    internal static readonly IReadOnlyList<(string Pattern, string Reason)> Unordered =
    [
        ("random: crng init done", "entropy arrives when it arrives"),
        ("clocksource: Switched to clocksource|tsc: Refined TSC|clocksource: tsc", "the refined TSC calibration ends a second after boot, or after the guest"),
    ];

    /// <summary>The lines of a transcript, made comparable.</summary>
    internal static IReadOnlyList<string> Normalize(string transcript) =>
        [.. transcript.Split('\n').Where(l => !Unordered.Any(u => Regex.IsMatch(l, u.Pattern))).Select(NormalizeLine)];

    /// <summary>What user programs printed: all but the kernel's messages.</summary>
    internal static string UserOutput(string transcript) =>
        string.Join('\n', transcript.Split('\n').Where(l => !Regex.IsMatch(l, @"^\[ *\d+\.\d+\] ")));

    private static string NormalizeLine(string line) => Rules.Aggregate(line, (l, rule) => Regex.Replace(l, rule.Pattern, rule.Word));
}
