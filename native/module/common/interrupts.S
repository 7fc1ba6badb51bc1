/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* INT n for each n, 16 bytes apart: how the host's handler gets an interrupt that arrived in the guest. */
#include "host_assembly.h"

	.text
	.balign	16
	.globl	lily_interrupts
lily_interrupts:
	.set	vector, 0
	.rept	256
	.balign	16
	endbr64
	.byte	0xcd, vector
	HOST_RETURN
	.set	vector, vector + 1
	.endr

	.section .note.GNU-stack, "", @progbits
