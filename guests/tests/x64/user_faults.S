/* Faults of a program in ring 3: none of them passes through the library, and the handler sees them as the CPU has them. */
#include "test.h"
	.text
	.globl	main
main:	.irp	vector, 0, 6, 13, 14
	HOOK(\vector, fault)
	.endr
	HOOK(VECTOR_SOFTWARE, done)
	movl	$program, %esi
	movl	$USER_CODE, %edi
	movl	$program_end - program, %ecx
	rep movsb
	movq	%rsp, kernel_stack
	pushq	$USER_DS
	pushq	$USER_STACK
	pushq	$2
	pushq	$USER_CS
	pushq	$USER_CODE
	iretq
fault:	movq	TRAP_VECTOR(%rax), %rcx
	SHOW("vector", %rcx)
	movq	TRAP_ERROR(%rax), %rcx
	SHOW("error", %rcx)
	movq	TRAP_RIP(%rax), %rcx
	subq	$USER_CODE, %rcx
	SHOW("at", %rcx)
	movq	TRAP_CS(%rax), %rcx
	SHOW("cs", %rcx)
	andq	$~15, TRAP_RIP(%rax)	/* to the next instruction: each has 16 bytes */
	addq	$16, TRAP_RIP(%rax)
	ret
done:	movq	kernel_stack, %rsp
	ret
	.set	.Llilyvm_rewrite, 0
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
	.set	.Llilyvm_rewrite, 1
	.bss
	.balign	8
kernel_stack:
	.skip	8
