using LilyVM.Cli.Lab;

namespace LilyVM.Tests.Lab;

/// <summary>What of a kernel's messages makes a run of the lab fail.</summary>
public sealed class KernelLogTests
{
    [Theory]
    [InlineData("[    3.141592] BUG: unable to handle page fault for address: ffff8880deadbeef",
        "BUG: unable to handle page fault for address: ffff8880deadbeef")]
    [InlineData("[    1.000000] WARNING: CPU: 0 PID: 7 at kernel/fork.c:1 copy_process+0x1/0x2",
        "WARNING: CPU: 0 PID: 7 at kernel/fork.c:1 copy_process+0x1/0x2")]
    [InlineData("[   12.500000] Kernel panic - not syncing: Attempted to kill init!",
        "Kernel panic - not syncing: Attempted to kill init!")]
    [InlineData("[   60.000000] rcu: INFO: rcu_preempt self-detected stall on CPU", "rcu: INFO: rcu_preempt self-detected stall on CPU")]
    [InlineData("[  200.000000] INFO: task sh:42 blocked for more than 120 seconds.",
        "INFO: task sh:42 blocked for more than 120 seconds.")]
    [InlineData("[    2.000000] WARNING: possible circular locking dependency detected",
        "WARNING: possible circular locking dependency detected")]
    [InlineData("[    2.000000] INFO: trying to register non-static key.", "INFO: trying to register non-static key.")]
    [InlineData("[    2.000000] turning off the locking correctness validator.", "turning off the locking correctness validator.")]
    [InlineData("[    2.000000] BUG: scheduling while atomic: sh/42/0x00000002", "BUG: scheduling while atomic: sh/42/0x00000002")]
    [InlineData("[    2.000000] kernel BUG at mm/memory.c:1!", "kernel BUG at mm/memory.c:1!")]
    [InlineData("[    2.000000] divide error: 0000 [#1] PREEMPT SMP KASAN", "divide error: 0000 [#1] PREEMPT SMP KASAN")]
    // Locks:
    [InlineData("[    2.000000] WARNING: inconsistent lock state", "WARNING: inconsistent lock state")]
    [InlineData("[    2.000000] INFO: inconsistent lock state", "INFO: inconsistent lock state")] // as it was before 4.11
    [InlineData("[    2.000000] INFO: possible recursive locking detected", "INFO: possible recursive locking detected")]
    [InlineData("[    2.000000] WARNING: suspicious RCU usage", "WARNING: suspicious RCU usage")]
    [InlineData("[    2.000000] WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected",
        "WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected")]
    [InlineData("[    2.000000] WARNING: lock held when returning to user space!", "WARNING: lock held when returning to user space!")]
    [InlineData("[    2.000000] [ BUG: Invalid wait context ]", "[ BUG: Invalid wait context ]")]
    [InlineData("[    2.000000] BUG: MAX_LOCKDEP_ENTRIES too low!", "BUG: MAX_LOCKDEP_ENTRIES too low!")]
    [InlineData("[    2.000000] INFO: lockdep is turned off.", "INFO: lockdep is turned off.")]
    // Contexts:
    [InlineData("[    2.000000] BUG: sleeping function called from invalid context at mm/slab.h:1",
        "BUG: sleeping function called from invalid context at mm/slab.h:1")]
    [InlineData("[    2.000000] BUG: using smp_processor_id() in preemptible [00000000] code: sh/42",
        "BUG: using smp_processor_id() in preemptible [00000000] code: sh/42")]
    [InlineData("[    2.000000] note: sh[42] exited with preempt_count 1", "note: sh[42] exited with preempt_count 1")]
    [InlineData("[    2.000000] note: sh[42] exited with irqs disabled", "note: sh[42] exited with irqs disabled")]
    [InlineData("[    2.000000] initcall lilyvm_init+0x0/0x1 [lilyvm] returned with preemption imbalance ",
        "initcall lilyvm_init+0x0/0x1 [lilyvm] returned with preemption imbalance")]
    // Memory:
    [InlineData("[    2.000000] BUG: KASAN: use-after-free in lilyvm_run+0x1/0x2 [lilyvm]",
        "BUG: KASAN: use-after-free in lilyvm_run+0x1/0x2 [lilyvm]")]
    [InlineData("[    2.000000] BUG kmalloc-64 (Tainted: G           O     ): Poison overwritten",
        "BUG kmalloc-64 (Tainted: G           O     ): Poison overwritten")]
    [InlineData("[    2.000000] pagealloc: memory corruption", "pagealloc: memory corruption")]
    [InlineData("[    2.000000] pagealloc: single bit error", "pagealloc: single bit error")]
    [InlineData("[    2.000000] list_del corruption. prev->next should be ffff888000000000, but was 0",
        "list_del corruption. prev->next should be ffff888000000000, but was 0")]
    [InlineData("[    2.000000] BUG: Bad page state in process sh  pfn:12345", "BUG: Bad page state in process sh  pfn:12345")]
    // Interrupts and registers:
    [InlineData("[    2.000000] __common_interrupt: 0.55 No irq handler for vector", "__common_interrupt: 0.55 No irq handler for vector")]
    [InlineData("[    2.000000] irq 4: nobody cared (try booting with the \"irqpoll\" option)",
        "irq 4: nobody cared (try booting with the \"irqpoll\" option)")]
    [InlineData("[    2.000000] unchecked MSR access error: WRMSR to 0x123 (tried to write 0x0)",
        "unchecked MSR access error: WRMSR to 0x123 (tried to write 0x0)")]
    public void A_bug_is_found_among_other_messages(string line, string shown) =>
        Assert.Equal(shown, KernelLog.FindTrouble($"[    0.1] booting\r\n{line}\r\n[  300.0] done\r\n"));

    [Theory]
    [InlineData("[    4.196148] hello: module verification failed: signature and/or required key missing - tainting kernel")]
    [InlineData("[    6.160971] Uhhuh. NMI received for unknown reason 21 on CPU 0.")]
    [InlineData("[    5.824039] reboot: machine restart")]
    // QEMU's own host is busy.
    [InlineData("[    7.100000] INFO: NMI handler (nmi_cpu_backtrace_handler) took too long to run: 1.234 msecs")]
    [InlineData("[    0.310000] Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar")]
    public void What_is_usual_in_the_lab_is_no_bug(string line) => Assert.Null(KernelLog.FindTrouble(line + "\r\n"));

    [Theory]
    [InlineData(0, false)]
    [InlineData(1 << 12 | 1 << 13, false)] // our module is not Debian's and not signed
    [InlineData(1 << 7, true)]
    [InlineData(1 << 9 | 1 << 12, true)]
    public void Taints_of_bugs_are_told_from_those_of_modules(int taints, bool bad) => Assert.Equal(bad, KernelLog.IsBad(taints));
}
