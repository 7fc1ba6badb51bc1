// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The run loop: enter the kernel hypervisor, do what it left for, and again. */
#include "lily_machine.h"

#define VECTOR_NMI 2
#define VECTOR_MACHINE_CHECK 18
#define FIRST_INTERRUPT 32 /* vectors below are exceptions, which are never the host's */
#define NMI_ARRIVED 1	   /* bits of NmiPending */
#define NMI_ONLY 2

/*
 * CR4 of the hypervisor: what the host has of these. So off are VME, PVI and TSD (the
 * guest's INT n and RDTSC are no business of the host's process), PCE, SMAP and SMEP
 * (ring 1 is a supervisor, and its kernel may use user pages), PKE, PKS, CET, LASS, LAM and user interrupts.
 */
#define CR4_DE (1ull << 3)
#define CR4_PSE (1ull << 4)
#define CR4_PAE (1ull << 5)
#define CR4_MCE (1ull << 6)
#define CR4_PGE (1ull << 7)
#define CR4_OSFXSR (1ull << 9)
#define CR4_OSXMMEXCPT (1ull << 10)
#define CR4_UMIP (1ull << 11)
#define CR4_LA57 (1ull << 12)
#define CR4_VMXE (1ull << 13)
#define CR4_SMXE (1ull << 14)
#define CR4_FSGSBASE (1ull << 16)
#define CR4_PCIDE (1ull << 17)
#define CR4_OSXSAVE (1ull << 18)
#define OWN_CR4                                                                                                                     \
	(CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_UMIP | CR4_LA57 | CR4_VMXE | CR4_SMXE | \
	 CR4_FSGSBASE | CR4_PCIDE | CR4_OSXSAVE)
#define CR0_TS (1ull << 3)

/* The host's control registers are each CPU's own, so they are read at each entry. */
static void follow_host(struct lily_context *context)
{
	u64 cr0, cr4;

	asm volatile("mov %%cr0, %0" : "=r"(cr0));
	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	context->own_cr0 = cr0 | CR0_TS;
	context->own_cr4 = cr4 & OWN_CR4;
	lily_tables_follow_host(context);
}

/*
 * Runs the hypervisor until it asks for something. NMIs and machine checks come first,
 * for the CPU holds back the next NMI until the host's handler returns. If it left for
 * one of them only, it is entered again at once: the guest's FPU state is in the
 * registers then, which nobody else uses in between.
 */
static void enter(struct lily_machine *machine)
{
	struct lily_context *context = machine->context;
	u32 nmi, check;

	host_cpu_take(machine);
	host_fpu_begin();
	do {
		follow_host(context);
		lily_switch(context);
		nmi = context->nmi_pending;
		check = context->machine_check_pending;
		context->nmi_pending = 0;
		context->machine_check_pending = 0;
		if (check)
			host_raise(VECTOR_MACHINE_CHECK);
		if ((nmi & NMI_ARRIVED) || (nmi && !check))
			host_raise(VECTOR_NMI);
	} while (nmi & NMI_ONLY);
	host_fpu_end();
	if (context->service == LILY_SERVICE_INTERRUPT && context->argument >= FIRST_INTERRUPT && context->argument < 256)
		host_raise(context->argument);
	host_cpu_release(machine);
}

static void serve(struct lily_machine *machine)
{
	struct lily_context *context = machine->context;
	s64 result = 0;

	switch (context->service) {
	case LILY_SERVICE_HALT:
		host_sleep(machine, context->argument);
		break;
	case LILY_SERVICE_GUEST_PAGE:
		result = context->argument < machine->ram_pages ? host_guest_page(machine, context->argument) : HOST_INVALID;
		break;
	case LILY_SERVICE_POOL_PAGES:
		result = lily_space_add_pool(machine, context->argument);
		break;
	case LILY_SERVICE_TIMER:
		host_timer(machine, context->argument);
		break;
	}
	machine->unserved = result == LILY_AGAIN;
	context->result = machine->unserved ? 0 : -result;
}

enum lily_end lily_run(struct lily_machine *machine)
{
	for (;;) {
		host_reschedule();
		if (host_signal_pending())
			return LILY_END_SIGNAL;
		if (!machine->unserved)
			enter(machine);
		if (machine->context->service == LILY_SERVICE_EXIT)
			return LILY_END_EXIT;
		serve(machine);
	}
}
