using System.Text.RegularExpressions;

namespace LilyVM.Tests.Linux;

/// <summary>
/// Parts of the console output that differ between two boots of the same kernel, or between a kernel and its converted twin, for reasons
/// that have nothing to do with what the kernel does. Each is replaced by a word or dropped, so that everything else is compared.
/// </summary>
internal static class Messages
{
    /// <summary>Pattern, what it becomes, and why it may differ.</summary>
    internal static readonly IReadOnlyList<(string Pattern, string Word, string Reason)> Replaced =
    [
        (@"^\[ *\d+\.\d+\] ", "[time] ", "time since boot depends on the host's load"),
        (@"(?<=Memory: )\d+K/", "SIZE/", "what the larger text of a converted kernel takes is not available"),
        (@"\d+K (kernel code|rwdata|rodata|init|bss|reserved)", "SIZE $1", "converted text is larger; so is what is aligned behind it"),
        (@"(?<=unused kernel image .* memory: )\d+K", "SIZE", "as above"),
        (@"(?<=Write protecting (kernel text and|the kernel) read-only data: )\d+k", "SIZE", "as above"),
        (@"0x[0-9a-f]{8} - 0x[0-9a-f]{8} +\( *\d+ [kM]B\)", "RANGE", "as above, in the layout of kernel memory"),
        (@"(?<=setting system clock to )\S+ UTC \(\d+\)", "DATE", "the date"),
    ];

    /// <summary>Messages that come or do not, at no fixed place, and why.</summary>
    internal static readonly IReadOnlyList<(string Pattern, string Reason)> Dropped =
    [
        ("tsc: |clocksource: tsc|BogoMIPS",
            "the TSC is measured against the emulated 8254, in a fast way, or a slow one if the host is busy"),
        ("clocksource: Switched to clocksource", "the TSC is chosen when its measurement ends, a second after boot"),
        ("Unpacking initramfs|Freeing initrd memory", "the RAM disk is unpacked beside other work"),
        ("random: crng init done", "entropy arrives when it arrives"),
    ];

    /// <summary>The lines of a transcript, made comparable.</summary>
    internal static IReadOnlyList<string> Normalize(string transcript) =>
        [.. transcript.Split('\n').Where(l => !Dropped.Any(d => Regex.IsMatch(l, d.Pattern))).Select(NormalizeLine)];

    /// <summary>What user programs printed: all but the kernel's messages.</summary>
    internal static string UserOutput(string transcript) =>
        string.Join('\n', transcript.Split('\n').Where(l => !Regex.IsMatch(l, @"^\[ *\d+\.\d+\] ")));

    private static string NormalizeLine(string line) => Replaced.Aggregate(line, (l, rule) => Regex.Replace(l, rule.Pattern, rule.Word));
}
