/*
 * A program calls what Linux once had at the end of all addresses (vsyscall), as if the host were its kernel: each is a
 * fault at its first instruction, with the return address still on the stack; without a stack too.
 */
#include "test.h"
#define NO_STACK	0x7000000000

	.text
	.globl	main
main:	HOOK(14, page_fault)
	RUN_PROGRAM($2)
	ret

page_fault:
	SHOW("fault", TRAP_ERROR(%rax))
	movq	%cr2, %rcx
	SHOW("for", %rcx)
	movq	TRAP_RIP(%rax), %rcx
	SHOW("at", %rcx)
	movq	TRAP_RSP(%rax), %rdx
	movabsq	$NO_STACK, %rcx
	cmpq	%rcx, %rdx
	je	leave_program
	movq	(%rdx), %rcx
	movq	%rcx, TRAP_RIP(%rax)
	addq	$8, TRAP_RSP(%rax)
	subq	$USER_CODE, %rcx
	SHOW("from", %rcx)
	ret

	RING_3_CODE
program:
	.irp	address, -0xa00000, -0x9ffc00, -0x9ff800, -0x9ffff9, -0x9ff000
	movl	$1, %eax
	movq	$\address, %rbx
	call	*%rbx
	.endr
	movabsq	$NO_STACK, %rsp
	movq	$-0xa00000, %rbx
	jmp	*%rbx
program_end:
	RING_3_CODE_END
