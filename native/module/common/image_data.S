/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The kernel hypervisor, in whole pages, for its text is mapped from here. */
	.section .rodata
	.balign	4096
	.globl	lily_image, lily_image_end
lily_image:
	.incbin	"kernel-hypervisor.bin"
lily_image_end:
	.balign	4096

	.section .note.GNU-stack, "", @progbits
