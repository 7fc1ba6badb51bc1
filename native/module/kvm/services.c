// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The services of common/host.h where the host is a KVM guest: KVM itself takes the CPU, switches FPU states, handles interrupts and pages
 * memory out, without anybody here noticing. What is left is an allocator that only gives, and waiting, which the VM process does.
 */
#include "kvm.h"

#define FRAMES_AT_ONCE 512 /* pages of guest RAM that become present together: one page table */

void lily_kvm_call(u32 service, u64 argument)
{
	lily_kvm_header.argument = argument;
	asm volatile("outl %0, %w1" : : "a"(service), "Nd"(LILY_KVM_PORT) : "memory");
}

/* Fresh memory is zero. The machine lives as long as its memory, so nothing is ever freed. */
static void *allocate(u64 bytes)
{
	static u64 used;
	u8 *start = (u8 *)(((u64)lily_kvm_end + LILY_PAGE - 1) & ~(LILY_PAGE - 1)) + used;

	if (start + bytes > (u8 *)LILY_KVM_VIRTUAL + LILY_KVM_MEMORY_SIZE)
		return NULL;
	used += bytes;
	return start;
}

void *host_page_allocate(struct lily_machine *machine)
{
	(void)machine;
	return allocate(LILY_PAGE);
}

void host_pages_free(struct lily_machine *machine)
{
	(void)machine;
}

void *host_block_allocate(struct lily_machine *machine)
{
	(void)machine;
	return allocate(LILY_CONTEXT_PAGES * LILY_PAGE);
}

void host_block_free(struct lily_machine *machine, void *block)
{
	(void)machine;
	(void)block;
}

u64 host_physical(const void *page)
{
	return (u64)page - LILY_KVM_VIRTUAL + LILY_KVM_MEMORY;
}

void *host_virtual(u64 physical)
{
	return (void *)(physical - LILY_KVM_MEMORY + LILY_KVM_VIRTUAL);
}

/* Guest RAM is the KVM guest's memory from address 0 on, always present as far as anybody can see from here. */
int host_guest_page(struct lily_machine *machine, u64 page)
{
	u64 end = (page | (FRAMES_AT_ONCE - 1)) + 1;

	if (end > machine->ram_pages)
		end = machine->ram_pages;
	for (page &= ~(u64)(FRAMES_AT_ONCE - 1); page < end; page++)
		lily_space_set_frame(machine, page, page * LILY_PAGE);
	return 0;
}

void host_cpu_take(struct lily_machine *machine)
{
	(void)machine;
}

void host_cpu_release(struct lily_machine *machine)
{
	(void)machine;
}

void host_fpu_begin(void)
{
}

void host_fpu_end(void)
{
}

/* The one interrupt there is makes the hypervisor look around, and that is all. */
void host_raise(unsigned int vector)
{
	(void)vector;
}

void host_reschedule(void)
{
}

bool host_signal_pending(void)
{
	return false;
}

void host_sleep(struct lily_machine *machine, u64 nanoseconds)
{
	(void)machine;
	lily_kvm_call(LILY_KVM_SERVICE_SLEEP, nanoseconds);
}

void host_timer(struct lily_machine *machine, u64 nanoseconds)
{
	(void)machine;
	lily_kvm_call(LILY_KVM_SERVICE_TIMER, nanoseconds);
}
