// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Sleep, kick and the one timer of a machine. */
#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <linux/version.h>
#include "lilyvm.h"

/* The interrupt alone makes the hypervisor leave. */
static enum hrtimer_restart rang(struct hrtimer *timer)
{
	WRITE_ONCE(container_of(timer, struct lilyvm, timer)->deadline, 0);
	return HRTIMER_NORESTART;
}

void lilyvm_time_prepare(struct lilyvm *vm)
{
	init_waitqueue_head(&vm->wait);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&vm->timer, rang, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED_HARD);
#else
	hrtimer_init(&vm->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED_HARD);
	vm->timer.function = rang;
#endif
}

/* The longest time that ktime_t holds will do for all that is longer. */
static ktime_t interval(u64 nanoseconds)
{
	return ns_to_ktime(min_t(u64, nanoseconds, KTIME_MAX));
}

void host_sleep(struct lily_machine *machine, u64 nanoseconds)
{
	struct lilyvm *vm = to_lilyvm(machine);

	wait_event_interruptible_hrtimeout(vm->wait, xchg(&vm->kicked, false), interval(nanoseconds));
}

void host_timer(struct lily_machine *machine, u64 nanoseconds)
{
	struct lilyvm *vm = to_lilyvm(machine);

	hrtimer_cancel(&vm->timer);
	vm->deadline = 0;
	if (nanoseconds == U64_MAX)
		return;
	preempt_disable();
	vm->timer_cpu = smp_processor_id();
	vm->deadline = ktime_add_safe(ktime_get(), interval(nanoseconds));
	hrtimer_start(&vm->timer, vm->deadline, HRTIMER_MODE_ABS_PINNED_HARD);
	preempt_enable();
}

/* The thread is on this CPU now, with interrupts off: so is the timer from here on. */
void lilyvm_timer_follow(struct lilyvm *vm, int cpu)
{
	ktime_t deadline = READ_ONCE(vm->deadline);

	if (!deadline || vm->timer_cpu == cpu)
		return;
	vm->timer_cpu = cpu;
	hrtimer_start(&vm->timer, deadline, HRTIMER_MODE_ABS_PINNED_HARD);
}
