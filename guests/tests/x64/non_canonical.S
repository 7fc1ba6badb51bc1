/* Addresses that are none: between the halves of the address space. */
#include "test.h"
	.text
	.globl	main
main:	HOOK(13, protection)
	movabsq	$0x800000000000, %rdi
	movabsq	$0xffff7fffffffffff, %rsi
	MAY_FAULT("read", movq (%rdi), %rax)
	MAY_FAULT("write", movq %rax, (%rsi))
	MAY_FAULT("lgdt of it", lgdt (%rdi))
	MAY_FAULT("sidt to it", sidt (%rsi))
	movabsq	$0x7ffffffff000, %rbx
	MAY_FAULT("the last page of the lower half", movb (%rbx), %al)
	movabsq	$0xffff800000000000, %rbx
	MAY_FAULT("the first page of the upper half", movb (%rbx), %al)
	movq	%cr2, %rax
	SHOW("cr2", %rax)
	pushq	$1f
	jmp	*%rdi
1:	SAY("back")
	ret
/* A jump there faults at the target or before it; where to go on is on the stack in either case. */
protection:
	SHOW("protection: error", TRAP_ERROR(%rax))
	movq	TRAP_RSP(%rax), %rcx
	movq	(%rcx), %rcx
	movq	%rcx, TRAP_RIP(%rax)
	addq	$8, TRAP_RSP(%rax)
	ret
