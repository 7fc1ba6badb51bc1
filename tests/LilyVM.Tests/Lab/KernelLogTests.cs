using LilyVM.Cli.Lab;

namespace LilyVM.Tests.Lab;

/// <summary>What of a kernel's messages makes a run of the lab fail.</summary>
public sealed class KernelLogTests
{
    [Theory]
    [InlineData("[    3.141592] BUG: unable to handle page fault for address: ffff8880deadbeef", "BUG: unable to handle page fault for address: ffff8880deadbeef")]
    [InlineData("[    1.000000] WARNING: CPU: 0 PID: 7 at kernel/fork.c:1 copy_process+0x1/0x2", "WARNING: CPU: 0 PID: 7 at kernel/fork.c:1 copy_process+0x1/0x2")]
    [InlineData("[   12.500000] Kernel panic - not syncing: Attempted to kill init!", "Kernel panic - not syncing: Attempted to kill init!")]
    [InlineData("[   60.000000] rcu: INFO: rcu_preempt self-detected stall on CPU", "rcu: INFO: rcu_preempt self-detected stall on CPU")]
    [InlineData("[  200.000000] INFO: task sh:42 blocked for more than 120 seconds.", "INFO: task sh:42 blocked for more than 120 seconds.")]
    [InlineData("[    2.000000] WARNING: possible circular locking dependency detected", "WARNING: possible circular locking dependency detected")]
    [InlineData("[    2.000000] INFO: trying to register non-static key.", "INFO: trying to register non-static key.")]
    [InlineData("[    2.000000] turning off the locking correctness validator.", "turning off the locking correctness validator.")]
    [InlineData("[    2.000000] BUG: scheduling while atomic: sh/42/0x00000002", "BUG: scheduling while atomic: sh/42/0x00000002")]
    public void A_bug_is_found_among_other_messages(string line, string shown) =>
        Assert.Equal(shown, KernelLog.FindTrouble($"[    0.1] booting\r\n{line}\r\n[  300.0] done\r\n"));

    [Theory]
    [InlineData("[    4.196148] hello: module verification failed: signature and/or required key missing - tainting kernel")]
    [InlineData("[    6.160971] Uhhuh. NMI received for unknown reason 21 on CPU 0.")]
    [InlineData("[    5.824039] reboot: machine restart")]
    public void What_is_usual_in_the_lab_is_no_bug(string line) => Assert.Null(KernelLog.FindTrouble(line + "\r\n"));

    [Theory]
    [InlineData(0, false)]
    [InlineData(1 << 12 | 1 << 13, false)] // our module is not Debian's and not signed
    [InlineData(1 << 7, true)]
    [InlineData(1 << 9 | 1 << 12, true)]
    public void Taints_of_bugs_are_told_from_those_of_modules(int taints, bool bad) => Assert.Equal(bad, KernelLog.IsBad(taints));
}
