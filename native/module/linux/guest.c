// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Guest RAM is memory of the process. A page is made present when the guest needs it,
 * but not pinned: the notifier takes it back whenever the host wants it (Documentation/mm/mmu_notifier.rst).
 */
#include <linux/mem_encrypt.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pagemap.h>
#include <linux/pfn.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include "lilyvm.h"

#define AROUND 16 /* pages made present at a time where none of them is; a power of two */

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
	if (lily_space_clear_frames(&vm->machine, start >> PAGE_SHIFT, PAGE_ALIGN(end) >> PAGE_SHIFT, taken))
		WRITE_ONCE(vm->around, 1); /* memory is short, perhaps: nothing that was not asked for */
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
	vm->around = AROUND;
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

/* Gives the pages from first on to the machine, unless the host took one back since the sequence was read. */
static bool give(struct lilyvm *vm, u64 first, struct page **pages, int count, unsigned long sequence)
{
	bool done;
	int i;

	spin_lock(&vm->frames);
	done = !mmu_interval_read_retry(&vm->notifier, sequence);
	for (i = 0; done && i < count; i++)
		lily_space_set_frame(&vm->machine, first + i, __sme_set(PFN_PHYS(page_to_pfn(pages[i]))));
	spin_unlock(&vm->frames);
	for (i = 0; i < count; i++) {
		set_page_dirty_lock(pages[i]);
		put_page(pages[i]);
	}
	return done;
}

/*
 * A guest uses memory in pieces, and going back and forth costs more than a page. So those around come along, as many as the last time and
 * as many again.
 */
int host_guest_page(struct lily_machine *machine, u64 index)
{
	struct lilyvm *vm = to_lilyvm(machine);
	struct page *pages[AROUND];
	u32 around = READ_ONCE(vm->around);
	unsigned long sequence;
	u64 first, end;
	int count;

	for (;;) {
		sequence = mmu_interval_read_begin(&vm->notifier);
		lily_space_absent(machine, index, around, &first, &end);
		count = get_user_pages_fast(vm->ram_address + (first << PAGE_SHIFT), end - first, FOLL_WRITE, pages);
		if (count <= (s64)(index - first)) {
			release_pages(pages, max(count, 0));
			if (end - first == 1)
				return failure(count < 0 ? count : -EFAULT);
			around = 1; /* something is wrong with a page before it */
		} else if (give(vm, first, pages, count, sequence)) {
			break;
		}
	}
	if (around < AROUND)
		WRITE_ONCE(vm->around, around * 2);
	return 0;
}
