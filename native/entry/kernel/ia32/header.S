/* The first bytes of the image: struct ImageHeader (src/LilyVM.Hypervisor/Shared/Kernel/ImageHeader.cs). */
#include "machine.h"

	.section .header, "a"
	.quad	LILY_IMAGE_EXPECTED_MAGIC
	.long	LILY_IMAGE_CURRENT_VERSION
	.long	lily_text_size
	.long	lily_file_size
	.long	lily_memory_size
	.quad	lily_enter
	.quad	lily_vectors
	.quad	lily_gates
	.quad	lily_gdt, lily_idt, lily_tss
	.quad	lily_stack_top, lily_nmi_stack_top, lily_double_fault_stack_top, lily_machine_check_stack_top

	.bss
	.balign	4096
	.globl	lily_idt, lily_gdt, lily_tss, lily_ldt, lily_fpu
lily_idt:	.skip	4096
lily_gdt:	.skip	LILY_GDT_LIMIT + 1
	.balign	64
lily_tss:	.skip	128
	.balign	64
lily_fpu:	.skip	0x4000		/* XSAVE area; the module refuses CPUs whose state is larger */
lily_ldt:	.skip	0x10000

	.balign	4096
	.globl	lily_stack_top, lily_nmi_stack_top, lily_double_fault_stack_top, lily_machine_check_stack_top
	.skip	0x8000
lily_stack_top:
	.skip	0x1000
lily_nmi_stack_top:
	.skip	0x2000
lily_double_fault_stack_top:
	.skip	0x1000
lily_machine_check_stack_top:

	.section .note.GNU-stack, "", @progbits
