// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The device of this host: one machine, made at once and run for ever. */
#include "kvm.h"

/* The compiler calls them for what is too long to write out. */
void *memcpy(void *to, const void *from, size_t length)
{
	void *start = to;

	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
	return start;
}

void *memset(void *to, int value, size_t length)
{
	void *start = to;

	asm volatile("rep stosb" : "+D"(to), "+c"(length) : "a"(value) : "memory");
	return start;
}

static void tell_pages(struct lily_machine *machine, __u64 *pages, u64 address, u64 count)
{
	u64 i;

	for (i = 0; i < count; i++)
		pages[i] = host_physical(lily_space_page(machine, address + i * LILY_PAGE));
}

static int create(struct lily_machine *machine)
{
	struct lily_create_argument argument = {
	    .ram_size = lily_kvm_header.ram_size,
	    .max_pool_pages = lily_kvm_header.max_pool_pages,
	};
	int error = lily_create_valid(&argument) && !lily_image_check() ? lily_create(machine, &argument) : HOST_INVALID;

	if (error)
		return error;
	tell_pages(machine, lily_kvm_header.record_pages, LILY_RUN_RECORD, LILY_RUN_RECORD_PAGES);
	tell_pages(machine, lily_kvm_header.area_pages, LILY_VM_AREA, LILY_VM_AREA_PAGES);
	return 0;
}

__attribute__((noreturn)) void lily_kvm_main(void)
{
	static struct lily_machine machine;

	lily_kvm_call(LILY_KVM_SERVICE_CREATED, create(&machine));
	for (;;) {
		lily_run(&machine);
		lily_kvm_call(LILY_KVM_SERVICE_EXIT, 0);
	}
}
