namespace LilyVM.Engines.User;

/// <summary>
/// The host's policy for large pages of files in memory (Linux: Documentation/admin-guide/mm/transhuge.rst, "Hugepages in tmpfs/shmem").
/// </summary>
internal static class HostPages
{
    /// <summary>No file in memory has large pages, whatever it is asked.</summary>
    internal const string Denied = "deny";

    private const string Setting = "/sys/kernel/mm/transparent_hugepage/shmem_enabled";

    /// <summary>The word that is chosen; null if the host does not say.</summary>
    internal static string? MemoryFilePolicy()
    {
        try
        {
            return Chosen(File.ReadAllText(Setting));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The word in brackets.</summary>
    internal static string? Chosen(string text)
    {
        int start = text.IndexOf('[', StringComparison.Ordinal), end = text.IndexOf(']', StringComparison.Ordinal);
        return start >= 0 && end > start ? text[(start + 1)..end] : null;
    }

    /// <summary>Whether memory files have large pages without being asked.</summary>
    internal static bool GivesToAll(string? policy) => policy is "always" or "within_size" or "force";

    /// <summary>Whether they have them where a mapping asks.</summary>
    internal static bool GivesOnAdvice(string? policy) => policy == "advise";
}
