// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Guest RAM is memory of the process. A page is made present when the guest needs it,
 * but not pinned: the notifier takes it back whenever the host wants it (Documentation/mm/mmu_notifier.rst).
 */
#include <linux/mem_encrypt.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pfn.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include "lilyvm.h"

/* The guest may have written to it since the host last looked. */
static void taken(u64 physical)
{
	SetPageDirty(pfn_to_page(PHYS_PFN(__sme_clr(physical))));
}

static bool invalidate(struct mmu_interval_notifier *notifier, const struct mmu_notifier_range *range, unsigned long sequence)
{
	struct lilyvm *vm = container_of(notifier, struct lilyvm, notifier);
	u64 size = vm->machine.ram_pages << PAGE_SHIFT;
	u64 start = max_t(u64, range->start, vm->ram_address) - vm->ram_address;
	u64 end = min_t(u64, range->end, vm->ram_address + size) - vm->ram_address;

	spin_lock(&vm->frames);
	mmu_interval_set_seq(notifier, sequence);
	lily_space_clear_frames(&vm->machine, start >> PAGE_SHIFT, PAGE_ALIGN(end) >> PAGE_SHIFT, taken);
	spin_unlock(&vm->frames);
	/* Whoever took the CPU before it could see this leaves now, and looks before the guest goes on. Waiting does not sleep, so all
	 * ranges are welcome. */
	lilyvm_interrupt(vm, true);
	return true;
}

static const struct mmu_interval_notifier_ops operations = {.invalidate = invalidate};

int lilyvm_guest_attach(struct lilyvm *vm, u64 address, u64 size)
{
	vm->ram_address = address;
	return mmu_interval_notifier_insert(&vm->notifier, vm->mm, address, size, &operations);
}

void lilyvm_guest_detach(struct lilyvm *vm)
{
	mmu_interval_notifier_remove(&vm->notifier);
}

static int failure(int error)
{
	return signal_pending(current) ? LILY_AGAIN : error;
}

int host_guest_page(struct lily_machine *machine, u64 index)
{
	struct lilyvm *vm = to_lilyvm(machine);
	unsigned long sequence;
	struct page *page;
	bool done;
	int count;

	do {
		sequence = mmu_interval_read_begin(&vm->notifier);
		count = get_user_pages_fast(vm->ram_address + (index << PAGE_SHIFT), 1, FOLL_WRITE, &page);
		if (count != 1)
			return failure(count < 0 ? count : -EFAULT);
		spin_lock(&vm->frames);
		done = !mmu_interval_read_retry(&vm->notifier, sequence);
		if (done)
			lily_space_set_frame(machine, index, __sme_set(PFN_PHYS(page_to_pfn(page))));
		spin_unlock(&vm->frames);
		set_page_dirty_lock(page);
		put_page(page);
	} while (!done);
	return 0;
}
