/* A fault whose frame finds no stack is a double fault; its gate has a stack of its own, and the handler ends what caused it. */
#include "test.h"
	.text
	.globl	main
main:	OWN_STACK(8)
	HOOK(8, double_fault)
	movq	%rsp, kernel_stack
	movabsq	$0x7000000000, %rsp	/* no stack is there */
	ud2
	SAY("not reached")
after:	SAY("back")
	movq	%rsp, %rcx
	subq	kernel_stack, %rcx
	SHOW("stack", %rcx)
	NO_OWN_STACK(8)
	ret
double_fault:
	SHOW("double fault: error", TRAP_ERROR(%rax))
	movq	TRAP_RSP(%rax), %rcx
	SHOW("rsp", %rcx)
	movq	%cr2, %rcx
	SHOW("cr2", %rcx)
	leaq	stack_end, %rcx
	subq	%rax, %rcx
	shrq	$12, %rcx
	SHOW("pages from its stack", %rcx)
	movq	kernel_stack, %rcx
	movq	%rcx, TRAP_RSP(%rax)
	movq	$after, TRAP_RIP(%rax)
	ret
	.bss
	.balign	16
	.skip	0x1000
stack_end:
kernel_stack:
	.skip	8
