using System.Globalization;

namespace LilyVM.Memory;

/// <summary>How much memory the host has.</summary>
internal static class HostMemory
{
    private const string Path = "/proc/meminfo", Total = "MemTotal:", Unit = " kB";

    /// <summary>All RAM of the host in bytes; null if it does not say.</summary>
    internal static long? TotalBytes()
    {
        try
        {
            return Parse(File.ReadLines(Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads proc_meminfo(5).</summary>
    internal static long? Parse(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            if (line.StartsWith(Total, StringComparison.Ordinal) && line.EndsWith(Unit, StringComparison.Ordinal)
                && long.TryParse(line.AsSpan()[Total.Length..^Unit.Length], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture,
                    out long kilobytes))
                return kilobytes << 10;
        }
        return null;
    }
}
