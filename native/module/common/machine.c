// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* A machine from its making to its end. */
#include "lily_machine.h"

/* x87, SSE, AVX and AVX-512: what a guest may have. PKRU is the host's, tiles need a permission of the process (SDM vol. 1, 13.1
 * and 13.14). */
#define GUEST_STATE_COMPONENTS 0xe7ull
#define LILY_CR4_OSXSAVE (1ull << 18)

_Static_assert(sizeof(struct lily_context) <= LILY_TEMPORARY_GDT, "the context reaches into the temporary GDT");

bool lily_create_valid(const struct lily_create_argument *argument)
{
	return argument->ram_address % LILY_PAGE == 0 && argument->ram_size % LILY_PAGE == 0 && argument->ram_size != 0 &&
	       argument->ram_size <= LILY_MAX_RAM && argument->ram_address + argument->ram_size > argument->ram_address &&
	       argument->max_pool_pages >= LILY_MIN_POOL_PAGES && argument->max_pool_pages <= LILY_MAX_POOL_PAGES &&
	       argument->reserved == 0;
}

static u64 state_components(void)
{
	u64 cr4;
	u32 low, high;

	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	if (!(cr4 & LILY_CR4_OSXSAVE))
		return 0;
	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return ((u64)high << 32 | low) & GUEST_STATE_COMPONENTS;
}

int lily_create(struct lily_machine *machine, const struct lily_create_argument *argument)
{
	struct lily_context *context = host_block_allocate(machine);
	int error;

	if (!context)
		return HOST_NO_MEMORY;
	machine->context = context;
	machine->ram_pages = argument->ram_size / LILY_PAGE;
	machine->max_pool_pages = argument->max_pool_pages;
	context->ram_size = argument->ram_size;
	context->state_components = state_components();
	error = lily_space_create(machine);
	if (!error)
		error = lily_image_load(machine);
	if (!error)
		lily_tables_fill(machine);
	return error;
}

void lily_destroy(struct lily_machine *machine)
{
	host_pages_free(machine);
	machine->root = NULL;
	if (machine->context)
		host_block_free(machine, machine->context);
	machine->context = NULL;
}
