/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include "lily_machine.h"

/* One open file. */
struct lilyvm {
	struct lily_machine machine;
	struct mutex lock; /* create and run; what is below is set by create, then made visible by created */
	bool created;
	struct mm_struct *mm; /* of the process that made the machine, held by mmgrab */
	u64 ram_address;
	u32 around; /* pages of guest RAM that host_guest_page makes present at a time */
	struct list_head pages;
	unsigned long used, accounted; /* pages; those in the locked_vm of mm */

	struct mmu_interval_notifier notifier;
	spinlock_t frames; /* Frames of the machine, against the notifier */

	int cpu; /* that runs the machine, -1: none */
	bool kicked;
	wait_queue_head_t wait;
	struct hrtimer timer;
	ktime_t deadline; /* of the timer, 0: not armed */
	int timer_cpu;
};

static inline struct lilyvm *to_lilyvm(struct lily_machine *machine)
{
	return container_of(machine, struct lilyvm, machine);
}

/* guest.c: guest RAM, which the process maps. */
int lilyvm_guest_attach(struct lilyvm *vm, u64 address, u64 size);
void lilyvm_guest_detach(struct lilyvm *vm);

/* time.c */
void lilyvm_time_prepare(struct lilyvm *vm);
void lilyvm_timer_follow(struct lilyvm *vm, int cpu);

/* cpu.c: interrupts the CPU that runs the machine, if one does. */
void lilyvm_interrupt(struct lilyvm *vm, bool wait);

/* support.c: NULL, or why this host cannot run machines. */
const char *lilyvm_refusal(void);

/* device.c */
int lilyvm_device_register(void);
void lilyvm_device_unregister(void);
