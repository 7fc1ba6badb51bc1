using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace LilyVM.Daemons;

/// <summary>What this process may do on its host.</summary>
internal static class HostRights
{
    private const string Status = "/proc/self/status", Effective = "CapEff:";
    private const int Administration = 21; // CAP_SYS_ADMIN

    /// <summary>
    /// Whether its user may be root in a user namespace, and mount there: some hosts let nobody (sysctl user.max_user_namespaces), or root
    /// only (kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns).
    /// </summary>
    internal static bool HasUserNamespaces()
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("unshare", ["--user", "--map-root-user", "--mount", "true"])
            {
                RedirectStandardError = true,
            })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Whether it may mount, which root in a container may not as a rule.</summary>
    internal static bool MayMount()
    {
        string? line = File.ReadLines(Status).FirstOrDefault(l => l.StartsWith(Effective, StringComparison.Ordinal));
        return line is not null
            && ulong.TryParse(line.AsSpan(Effective.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong rights)
            && (rights >> Administration & 1) != 0;
    }
}
