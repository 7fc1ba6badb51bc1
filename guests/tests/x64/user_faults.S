/* Faults of a program in ring 3: none of them passes through the library, and the handler sees them as the CPU has them. */
#include "test.h"
	.text
	.globl	main
main:	.irp	vector, 0, 6, 13, 14
	HOOK(\vector, fault)
	.endr
	HOOK(VECTOR_SOFTWARE, leave_program)
	RUN_PROGRAM($2)
	ret
fault:	movq	TRAP_VECTOR(%rax), %rcx
	SHOW("vector", %rcx)
	movq	TRAP_ERROR(%rax), %rcx
	SHOW("error", %rcx)
	SHOW_PLACE("at")
	movq	TRAP_CS(%rax), %rcx
	SHOW("cs", %rcx)
	andq	$~15, TRAP_RIP(%rax)	/* to the next instruction: each has 16 bytes */
	addq	$16, TRAP_RIP(%rax)
	ret
	RING_3_CODE
	.balign	16
program:
	cli
	.balign	16
	hlt
	.balign	16
	movq	%cr3, %rax
	.balign	16
	rdmsr
	.balign	16
	ud2
	.balign	16
	int	$14
	.balign	16
	xorl	%ecx, %ecx
	divl	%ecx
	.balign	16
	movabsq	0x7000000000, %rax
	.balign	16
	wrmsr
	.balign	16
	int	$VECTOR_SOFTWARE
program_end:
	RING_3_CODE_END
