// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The kernel hypervisor's address space. Everything in it is for ring 0 only, but
 * what the hypervisor itself puts below LowTable for the guest. No entry is
 * global: a global one would stay in the TLB when the host's CR3 comes back.
 */
#include "lily_machine.h"

#define LILY_CR4_LA57 (1ull << 12)

static u64 *child(u64 entry)
{
	return host_virtual(entry & LILY_ADDRESS);
}

/* The entry for address in the table of this level, 1 is the last; NULL if there is no memory, or no table and none is to be made. */
static u64 *find(struct lily_machine *machine, u64 address, u32 level, bool make)
{
	u64 *table = machine->root;
	u32 at;

	for (at = machine->context->paging_levels;; at--) {
		u64 *entry = &table[address >> (3 + 9 * at) & 511];

		if (at == level)
			return entry;
		if (!(*entry & LILY_PRESENT)) {
			void *page = make ? host_page_allocate(machine) : NULL;

			if (!page)
				return NULL;
			*entry = host_physical(page) | LILY_PRESENT | LILY_WRITE;
		}
		table = child(*entry);
	}
}

int lily_space_map(struct lily_machine *machine, u64 address, u64 physical, u64 flags)
{
	u64 *entry = find(machine, address, 1, true);

	if (!entry)
		return HOST_NO_MEMORY;
	if (*entry)
		return HOST_EXISTS; /* the host's switch page or context lies in the hypervisor's range */
	*entry = physical | flags;
	return 0;
}

int lily_space_map_new(struct lily_machine *machine, u64 address, u64 pages, u64 flags)
{
	for (; pages; pages--, address += LILY_PAGE) {
		void *page = host_page_allocate(machine);
		int error = page ? lily_space_map(machine, address, host_physical(page), flags) : HOST_NO_MEMORY;

		if (error)
			return error;
	}
	return 0;
}

/* The host's address of a page that lily_space_map_new mapped. */
void *lily_space_page(struct lily_machine *machine, u64 address)
{
	return child(*find(machine, address, 1, false));
}

void lily_space_write(struct lily_machine *machine, u64 address, const void *data, size_t length)
{
	while (length) {
		size_t offset = address % LILY_PAGE;
		size_t part = LILY_PAGE - offset < length ? LILY_PAGE - offset : length;

		memcpy((u8 *)lily_space_page(machine, address) + offset, data, part);
		address += part;
		data = (const u8 *)data + part;
		length -= part;
	}
}

/* Guest RAM's page tables are the array Frames; so each is both a table and a page, which the hypervisor may only read. */
static int make_frames(struct lily_machine *machine)
{
	u64 page;

	for (page = 0; page < machine->ram_pages; page += 512) {
		u64 *entry = find(machine, LILY_RAM + page * LILY_PAGE, 2, true);
		void *table = host_page_allocate(machine);
		int error;

		if (!entry || !table)
			return HOST_NO_MEMORY;
		*entry = host_physical(table) | LILY_PRESENT | LILY_WRITE;
		error = lily_space_map(machine, LILY_FRAMES + page * 8, host_physical(table), LILY_CONSTANT_PAGE);
		if (error)
			return error;
	}
	return 0;
}

/* Both sides have the context and the switch page at the host's addresses; the hypervisor has the context at its own, too. */
static int make_shared(struct lily_machine *machine)
{
	u32 i;
	int error = 0;

	for (i = 0; i < LILY_CONTEXT_PAGES && !error; i++) {
		const u8 *page = (const u8 *)machine->context + i * LILY_PAGE;

		error = lily_space_map(machine, LILY_CONTEXT + i * LILY_PAGE, host_physical(page), LILY_DATA_PAGE);
		if (!error)
			error = lily_space_map(machine, (u64)page, host_physical(page), LILY_DATA_PAGE);
	}
	if (error)
		return error;
	return lily_space_map(machine, (u64)lily_switch_page, host_physical(lily_switch_page), LILY_TEXT_PAGE);
}

/* The low 512 GiB are the guest's: its table of directories is page 0 of the pool, which the hypervisor fills. */
static int make_low(struct lily_machine *machine)
{
	u64 *entry;
	int error = lily_space_add_pool(machine, LILY_MIN_POOL_PAGES);

	if (error)
		return error;
	machine->context->low_table = host_physical(lily_space_page(machine, LILY_POOL));
	entry = find(machine, 0, 4, true);
	if (!entry)
		return HOST_NO_MEMORY;
	*entry = machine->context->low_table | LILY_PRESENT | LILY_WRITE | LILY_USER;
	if (machine->context->paging_levels == 5)
		*find(machine, 0, 5, false) |= LILY_USER;
	return 0;
}

int lily_space_create(struct lily_machine *machine)
{
	static const struct {
		u64 address, pages, flags;
	} areas[] = {
	    {LILY_RUN_RECORD, LILY_RUN_RECORD_PAGES, LILY_DATA_PAGE},
	    {LILY_VM_AREA, LILY_VM_AREA_PAGES, LILY_DATA_PAGE},
	    {LILY_POOL_FRAMES, LILY_MAX_POOL_PAGES / 512, LILY_CONSTANT_PAGE},
	};
	u64 cr4, notes = machine->ram_pages * LILY_NOTE_SIZE;
	u32 i;
	int error = 0;

	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	machine->context->paging_levels = cr4 & LILY_CR4_LA57 ? 5 : 4;
	machine->root = host_page_allocate(machine);
	if (!machine->root)
		return HOST_NO_MEMORY;
	machine->context->own_cr3 = host_physical(machine->root);
	for (i = 0; i < sizeof(areas) / sizeof(areas[0]) && !error; i++)
		error = lily_space_map_new(machine, areas[i].address, areas[i].pages, areas[i].flags);
	if (!error)
		error = lily_space_map_new(machine, LILY_NOTES, (notes + LILY_PAGE - 1) / LILY_PAGE, LILY_DATA_PAGE);
	if (!error)
		error = make_frames(machine);
	if (!error)
		error = make_shared(machine);
	if (!error)
		error = make_low(machine);
	for (i = 0; i < LILY_VM_AREA_PAGES && !error; i++)
		machine->context->vm_area_frames[i] = host_physical(lily_space_page(machine, LILY_VM_AREA + i * LILY_PAGE));
	return error;
}

/* Fewer if there is room for fewer only: the context says how many there are. */
int lily_space_add_pool(struct lily_machine *machine, u64 pages)
{
	u64 room = machine->max_pool_pages - machine->context->pool_pages;

	if (pages && !room)
		return HOST_NO_MEMORY;
	if (pages > room)
		pages = room;
	for (; pages; pages--) {
		u64 offset = machine->context->pool_pages * LILY_PAGE, physical;
		u64 *frame = lily_space_page(machine, LILY_POOL_FRAMES + machine->context->pool_pages / 512 * LILY_PAGE);
		void *page = host_page_allocate(machine);
		int error;

		if (!page)
			return HOST_NO_MEMORY;
		physical = host_physical(page);
		/* Half a page of origins goes with it. */
		error = offset / 2 % LILY_PAGE ? 0 : lily_space_map_new(machine, LILY_POOL_ORIGINS + offset / 2, 1, LILY_DATA_PAGE);
		if (error && error != HOST_EXISTS) /* from the last time, when there was no memory for the rest */
			return error;
		error = lily_space_map(machine, LILY_POOL + offset, physical, LILY_DATA_PAGE);
		if (error)
			return error;
		frame[machine->context->pool_pages++ % 512] = physical;
	}
	return 0;
}

void lily_space_set_frame(struct lily_machine *machine, u64 page, u64 physical)
{
	u64 entry = physical | LILY_DATA_PAGE | LILY_ACCESSED | LILY_DIRTY;

	*(volatile u64 *)find(machine, LILY_RAM + page * LILY_PAGE, 1, false) = entry;
}

/*
 * The pages [*first, *end) around one that are not present either, as far as its block goes, which is a power of two of pages and at most
 * 512.
 */
void lily_space_absent(struct lily_machine *machine, u64 page, u64 block, u64 *first, u64 *end)
{
	u64 start = page & ~(block - 1), limit = start + block < machine->ram_pages ? start + block : machine->ram_pages;
	const volatile u64 *entry = find(machine, LILY_RAM + start * LILY_PAGE, 1, false);

	for (*first = page; *first > start && !entry[*first - 1 - start];)
		--*first;
	for (*end = page + 1; *end < limit && !entry[*end - start];)
		++*end;
}

/* Takes the pages [first, end) from the guest; false if it had none of them. The caller interrupts the CPU that may run it. */
bool lily_space_clear_frames(struct lily_machine *machine, u64 first, u64 end, void (*taken)(u64 physical))
{
	volatile u64 *entry = NULL;
	bool any = false;
	u64 page, old;

	for (page = first; page < end; page++, entry++) {
		if (page == first || page % 512 == 0)
			entry = find(machine, LILY_RAM + page * LILY_PAGE, 1, false);
		old = *entry;
		if (!old)
			continue;
		*entry = 0;
		taken(old & LILY_ADDRESS);
		machine->context->flush = 1;
		any = true;
	}
	return any;
}
