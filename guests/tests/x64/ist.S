/* Interrupt stacks: the handler's stack is the gate's, and the saved one is that of the instruction. */
#include "test.h"
	.text
	.globl	main
main:	OWN_STACK(14)
	HOOK(14, page_fault)
	movq	$0x7000000000, %rdi
	movq	%rsp, expected
	call	touch
	SHOW("saved - expected", difference)
	SHOW("on the gate's stack", inside)
	NO_OWN_STACK(14)
	ret
touch:	sgdt	(%rdi)
	ret
page_fault:
	movq	%rax, %rdx
	movq	TRAP_RSP(%rax), %rcx
	movq	(%rcx), %rsi		/* return from touch: its return address is on top */
	movq	%rsi, TRAP_RIP(%rax)
	addq	$8, %rcx
	subq	expected, %rcx
	movq	%rcx, difference
	subq	$stack_end, %rax
	addq	$0x1000, %rax
	shrq	$12, %rax
	movq	%rax, inside
	addq	$8, TRAP_RSP(%rdx)
	ret
	.bss
	.balign	16
	.skip	0x1000
stack_end:
expected:
	.skip	8
difference:
	.skip	8
inside:	.skip	8
