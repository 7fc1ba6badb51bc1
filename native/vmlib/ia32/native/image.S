/* The parts of the native image behind the library: vCPU page, private data, and the page table that maps them all for the supervisor. */
#include "vmlib.h"
#include "image.h"

	.section .vcpu, "aw"
	.org	VCPU_ABI_VERSION - LILY_VCPU
	.long	LILY_ABI_VERSION
	.org	VCPU_IMAGE - LILY_VCPU
	.long	VMLIB_IMAGE
	.org	LILY_PRIVATE - LILY_VCPU

	.section .private, "aw"
	.globl	shadow_idt, shadow_idt_pointer
shadow_idt:
	.skip	256 * 8
shadow_idt_pointer:
	.word	0			/* limit: the guest's */
	.long	shadow_idt

	.section .page_table, "a"
	.set	page, LILY_UNPAGED_ALIAS
	.rept	LILY_MAPPED_SIZE / 0x1000
	.long	page + PTE_PRESENT_WRITABLE
	.set	page, page + 0x1000
	.endr
	.org	0x1000
