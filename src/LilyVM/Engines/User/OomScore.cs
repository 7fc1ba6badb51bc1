using System.Globalization;

namespace LilyVM.Engines.User;

/// <summary>
/// Whom the host's OOM killer takes of a machine (proc_pid_oom_score_adj(5)): a stub, whose end the VM process tells in a sentence and
/// after which it closes its disks in order. Both have touched guest RAM and count alike; without this it is the VM process about as
/// often.
/// </summary>
internal static class OomScore
{
    // In thousandths of the memory that the killer counts in, a group's or the host's. In the smallest group that a machine runs in,
    // half of it is more than what the runtime of .NET has beside guest RAM, files it has mapped included.
    private const int Raise = 500;

    private const int Most = 1000; // OOM_SCORE_ADJ_MAX

    /// <summary>Raises a process's, and that of what it will fork; where that is refused, all stays as it was.</summary>
    internal static void RaiseOf(int process)
    {
        string file = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/oom_score_adj");
        try
        {
            int now = int.Parse(File.ReadAllText(file), NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture);
            File.WriteAllText(file, Math.Min(now + Raise, Most).ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // A host without /proc, or one whose policy forbids it: the OOM killer chooses as it likes.
        }
    }
}
