/* Repeat blocks, where no inline form can stand: the calls that take its place. */
#include "test.h"
	.text
	.globl	main
main:	leaq	-0x800(%rsp), %rax
	movq	%rax, %cr2
	movq	%rsp, %rbp
	.rept	2
	cli
	movq	%cr2, %r13
	movq	%cr2, %rsp		/* RSP as a destination: the call needs a little room below it */
	movq	%rsp, %r12
	movq	%rbp, %rsp
	.endr
	subq	%rbp, %r12
	SHOW("stack", %r12)
	movl	$0x1234, %eax
	movq	%rax, %cr2
	movq	%rax, %r13
	SHOW("cr2", %r13)
	.irp	register, %rax, %rsi, %r8, %r15
	movq	%cr2, \register
	.endr
	addq	%rsi, %rax
	addq	%r8, %rax
	addq	%r15, %rax
	SHOW("four times", %rax)
	.rept	1
	stc
	pushfq
	movl	%ds, %ecx
	movw	%ss, %dx
	pushq	%fs
	movq	%db7, %r9
	.endr
	popq	%rax
	SHOW("fs", %rax)
	popq	%rax
	andl	$1, %eax
	SHOW("carry", %rax)
	movzwl	%dx, %edx
	SHOW("ds", %rcx)
	SHOW("ss", %rdx)
	SHOW("dr7", %r9)
	.rept	2
	swapgs
	.endr
	.rept	1
	sti
	cli
	.endr
	ret
