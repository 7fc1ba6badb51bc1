namespace LilyVM.Cli.Guests;

/// <summary>The recipe's configuration fragment: lines <c>CONFIG_X=value</c> and <c># CONFIG_X is not set</c>.</summary>
internal static class LinuxConfiguration
{
    private const string Suffix = " is not set";

    /// <summary>
    /// Whether a finished <c>.config</c> has each line of the fragment. kconfig drops without a word what it does not know or whose
    /// dependencies are missing; the guest would then lack a feature, or have one that the conversion does not expect.
    /// </summary>
    internal static void RequireTakenOver(IEnumerable<string> fragment, IEnumerable<string> configuration, string fragmentName)
    {
        Dictionary<string, string> values = configuration
            .Where(l => l.StartsWith("CONFIG_", StringComparison.Ordinal))
            .Select(l => l.Split('=', 2))
            .ToDictionary(p => p[0], p => p[1]);
        foreach ((string line, int number) in fragment.Select((l, i) => (l.Trim(), i + 1)))
        {
            (string Name, string? Value)? wanted = Parse(line);
            if (wanted is not { } option)
                continue;
            string? got = values.GetValueOrDefault(option.Name);
            if (got != option.Value)
            {
                throw new LilyVMException(
                    $"{fragmentName}:{number}: the kernel configuration has {option.Name}={got ?? "n"} instead of {option.Value ?? "n"}; " +
                    "add what it depends on or remove the line.");
            }
        }
    }

    private static (string Name, string? Value)? Parse(string line)
    {
        if (line.StartsWith("CONFIG_", StringComparison.Ordinal) && line.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals)
            return (line[..equals], line[(equals + 1)..]);
        return line.StartsWith("# CONFIG_", StringComparison.Ordinal) && line.EndsWith(Suffix, StringComparison.Ordinal)
            ? (line["# ".Length..^Suffix.Length], null)
            : null;
    }
}
