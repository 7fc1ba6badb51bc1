/* The parts of the native image behind the library: vCPU page, private data, and the page tables that map them all for the supervisor. */
#include "vmlib.h"
#include "image.h"

	.section .vcpu, "aw"
	.org	VCPU_ABI_VERSION - LILY_VCPU
	.quad	LILY_ABI_VERSION
	.org	VCPU_IMAGE - LILY_VCPU
	.quad	VMLIB_IMAGE
	.org	LILY_POINTERS - LILY_VCPU

	.section .private, "aw"
	.globl	shadow_idt, shadow_idt_pointer, address_mask, far_target
shadow_idt:
	.skip	256 * 16
address_mask:
	.quad	0x000ffffffffff000
far_target:
	.quad	0
shadow_idt_pointer:
	.word	0			/* limit: the guest's */
	.quad	shadow_idt

	.section .page_tables, "a"
	.set	page, LILY_BASE		/* OWN_TABLE */
	.rept	512
	.quad	page + PTE_PRESENT_WRITABLE
	.set	page, page + 0x1000
	.endr
	.org	0x1000 + DIRECTORY_PLACE	/* OWN_DIRECTORY */
	.quad	OWN_TABLE + PTE_PRESENT_WRITABLE
	.org	0x2008				/* OWN_POINTERS */
	.quad	OWN_DIRECTORY + PTE_PRESENT_WRITABLE
	.org	0x3000				/* OWN_ROOT */
	.quad	OWN_POINTERS + PTE_PRESENT_WRITABLE
	.org	0x4000
