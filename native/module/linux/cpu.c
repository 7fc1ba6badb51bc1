// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The CPU: taking it for the guest, and interrupting the one that a guest has. */
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <asm/fpu/api.h>
#include "lilyvm.h"

void host_cpu_take(struct lily_machine *machine)
{
	struct lilyvm *vm = to_lilyvm(machine);

	preempt_disable();
	local_irq_disable();
	lilyvm_timer_follow(vm, smp_processor_id());
	WRITE_ONCE(vm->cpu, smp_processor_id());
	smp_mb(); /* against lilyvm_interrupt: either it sees the CPU, or the hypervisor sees what was changed before */
}

void host_cpu_release(struct lily_machine *machine)
{
	WRITE_ONCE(to_lilyvm(machine)->cpu, -1);
	local_irq_enable();
	preempt_enable();
}

static void nothing(void *unused)
{
}

void lilyvm_interrupt(struct lilyvm *vm, bool wait)
{
	int cpu;

	smp_mb(); /* against host_cpu_take */
	cpu = READ_ONCE(vm->cpu);
	if (cpu >= 0)
		smp_call_function_single(cpu, nothing, NULL, wait);
}

/* No FNINIT and no LDMXCSR: the host's own code does not use these registers in between. */
void host_fpu_begin(void)
{
	kernel_fpu_begin_mask(0);
}

void host_fpu_end(void)
{
	kernel_fpu_end();
}

void host_raise(unsigned int vector)
{
	((void (*)(void))(lily_interrupts + 16 * vector))();
}

void host_reschedule(void)
{
	cond_resched();
}

bool host_signal_pending(void)
{
	return signal_pending(current);
}
