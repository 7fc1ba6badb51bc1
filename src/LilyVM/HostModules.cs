namespace LilyVM;

/// <summary>
/// Whether this host's kernel takes modules at all: some are built without them, and some refuse them once they have booted.
/// </summary>
internal static class HostModules
{
    // proc(5), sysctl kernel.modules_disabled.
    private const string Loaded = "/proc/modules", Disabled = "/proc/sys/kernel/modules_disabled";

    /// <summary>As far as it can be seen; not whether this user may load one, nor whether it has to be signed.</summary>
    internal static bool AreTaken { get; } = File.Exists(Loaded) && !IsOne(Disabled);

    private static bool IsOne(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim() == "1";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
