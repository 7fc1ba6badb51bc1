/*
 * A page fault: of a missing entry in the shadow page tables, or of a page that the guest's own tables do not have either, which is its
 * kernel's to bring. C# finds out which, with the registers that a call may change on the stack and the others where they are.
 */
#include "delivery.h"

	.text
	.globl	lily_page_fault
	.balign	16
lily_page_fault:
	testb	$3, FRAME_CS - 8(%rsp)
	jz	3f
.irp register, rax, rcx, rdx, rsi, rdi
	pushq	%\register
.endr
	cld
	leaq	lily_machine(%rip), %rdi
	movq	%cr2, %rsi
	movl	40(%rsp), %edx
	subq	$8, %rsp		/* RSP0 is a multiple of 16, and 11 words were pushed */
	call	lily_on_page_fault
	addq	$8, %rsp
	popq	%rdi
	popq	%rsi
	cmpl	$1, %eax		/* see Run.OnPageFault */
	ja	2f
	popq	%rdx
	popq	%rcx
	popq	%rax
	jb	1f
	addq	$8, %rsp
	iretq
1:	pushq	$VECTOR_PAGE_FAULT
	jmp	lily_trap
	/* A program's, with what its kernel expects as error code in place of the CPU's. */
2:	andl	$7, %eax
	movl	%eax, 24(%rsp)
	DELIVER	lily_page_fault, VECTOR_PAGE_FAULT, 32, 1, COUNTER_GUEST_PAGE_FAULTS
	pushq	$VECTOR_PAGE_FAULT
	jmp	lily_trap
3:	pushq	$VECTOR_PAGE_FAULT
	jmp	lily_own_trap

	.section .note.GNU-stack, "", @progbits
