// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Pages of machines: charged to the process's control group, and to its RLIMIT_MEMLOCK, for nothing can page them out. */
#include <linux/gfp.h>
#include <linux/mem_encrypt.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>
#include "lilyvm.h"

#define CONTEXT_ORDER 2
#define BATCH 64 /* pages accounted at a time, as it takes the mmap lock */

static_assert(LILY_CONTEXT_PAGES == 1 << CONTEXT_ORDER);

static int account(struct lilyvm *vm, unsigned long used)
{
	int error;

	if (used <= vm->accounted)
		return 0;
	error = account_locked_vm(vm->mm, BATCH, true);
	if (!error)
		vm->accounted += BATCH;
	return error;
}

void *host_page_allocate(struct lily_machine *machine)
{
	struct lilyvm *vm = to_lilyvm(machine);
	struct page *page;

	if (account(vm, vm->used + 1))
		return NULL;
	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!page)
		return NULL;
	vm->used++;
	list_add(&page->lru, &vm->pages);
	return page_address(page);
}

void host_pages_free(struct lily_machine *machine)
{
	struct lilyvm *vm = to_lilyvm(machine);
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &vm->pages, lru)
	{
		list_del(&page->lru);
		__free_page(page);
		cond_resched();
	}
	account_locked_vm(vm->mm, vm->accounted, false);
	vm->used = 0;
	vm->accounted = 0;
}

void *host_block_allocate(struct lily_machine *machine)
{
	return (void *)__get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO, CONTEXT_ORDER);
}

void host_block_free(struct lily_machine *machine, void *block)
{
	free_pages((unsigned long)block, CONTEXT_ORDER);
}

/* With the bit that AMD's memory encryption wants in entries, if it is on. */
u64 host_physical(const void *page)
{
	u64 physical = virt_addr_valid(page) ? __pa(page) : PFN_PHYS(vmalloc_to_pfn(page));

	return __sme_set(physical);
}

void *host_virtual(u64 physical)
{
	return __va(__sme_clr(physical));
}
