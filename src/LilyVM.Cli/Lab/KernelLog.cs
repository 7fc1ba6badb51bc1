using System.Text.RegularExpressions;

namespace LilyVM.Cli.Lab;

/// <summary>What the lab's kernel said.</summary>
internal static partial class KernelLog
{
    private const int Shown = 100;

    // Bits of /proc/sys/kernel/tainted (Documentation/admin-guide/tainted-kernels.rst): a machine check, a bad page, an oops, a warning, a
    // soft lock-up. A module that is not Debian's, and not signed, sets others.
    private const int BadTaints = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 9 | 1 << 14;

    /// <summary>The first line that tells of a bug in the kernel or in a module, without its time.</summary>
    internal static string? FindTrouble(string log)
    {
        string? line = log.Split('\n').FirstOrDefault(l => Trouble().IsMatch(l));
        return line is null ? null : Time().Replace(line, "").Trim();
    }

    /// <summary>Whether the kernel's taints tell of a bug, even one from before its messages were kept.</summary>
    internal static bool IsBad(int taints) => (taints & BadTaints) != 0;

    /// <summary>The end of the log, where the reason stands.</summary>
    internal static string End(string log)
    {
        string[] lines = log.Replace("\r", "", StringComparison.Ordinal).TrimEnd('\n').Split('\n');
        return string.Join('\n', lines[^Math.Min(Shown, lines.Length)..]);
    }

    // Oopses and warnings; lock-ups; locks (kernel/locking/lockdep.c, which taints nothing); memory that was written after it was freed or
    // past its end (mm/slub.c, mm/page_poison.c, lib/list_debug.c); entries and returns in a wrong state; interrupts and registers that
    // nobody knows.
    [GeneratedRegex(
        @"\b(BUG: |WARNING: |Oops: |kernel BUG at|general protection fault|double fault|Kernel panic|Unable to handle|" +
        @"INFO: (rcu|task)|rcu:.*stall|" +
        @"INFO: (lockdep|inconsistent|possible|suspicious)|possible .*deadlock|non-static key|locking correctness validator|" +
        @"BUG \S+ \(|pagealloc: |list_(add|del) corruption|Bad page|" +
        @"preempt_count|preemption imbalance|with disabled interrupts|irqs disabled|" +
        @"nobody cared|No irq handler for vector|should never happen|unchecked MSR access)" +
        @"|\[#[0-9]+\]")]
    private static partial Regex Trouble();

    [GeneratedRegex(@"^\[ *[0-9.]+\] ")]
    private static partial Regex Time();
}
