/*
 * NMIs and machine checks are the host's. They may arrive anywhere, and an IRET here would let the next NMI in before the host's handler
 * ran, so this code never returns: it keeps what it interrupted in lily_nmi_frame and leaves; when the module comes back, lily_nmi_resume
 * goes on there. The module sees bit 1 of NmiPending and handles the NMI or machine check only, whatever Service says.
 *
 * NMIs are blocked until the host's own handler returns. So the next one may arrive from the module's lidt in the world switch on:
 * - while entering (the module's switch page, lily_enter) or while lily_nmi_resume reads the frame: nothing was consumed, so it is simply
 *   started again;
 * - at the module's leaving code before its own IDT is in force, which are two instructions: kept like any other context.
 */
#include "machine.h"
#include "selector.h"

/* Order of the frame: selectors, general registers, then as the CPU pushes it. */
#define SELECTOR_WORDS	4
#define GENERAL_WORDS	15
#define FRAME_WORDS	(SELECTOR_WORDS + GENERAL_WORDS + 5)
#define LEAVING_BYTES	16
#define SAVED_CS	((SELECTOR_WORDS + GENERAL_WORDS + 1) * 8)

	.text
.macro KEEP_AND_LEAVE flag
.irp register, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	pushq	%\register
.endr
	PUSH_SELECTORS
	movl	$1, CONTEXT(\flag)
	jmp	keep
.endm

	.globl	lily_nmi, lily_machine_check
	.balign	16
lily_machine_check:
	KEEP_AND_LEAVE CONTEXT_MACHINE_CHECK_PENDING
	.balign	16
lily_nmi:
	KEEP_AND_LEAVE CONTEXT_NMI_PENDING

keep:	cld
	testb	$3, SAVED_CS(%rsp)
	jnz	1f
	movq	SAVED_CS - 8(%rsp), %rax
	movq	%rax, %rcx
	subq	CONTEXT(CONTEXT_LEAVE), %rcx
	cmpq	$LEAVING_BYTES, %rcx
	jb	1f
	leaq	lily_image_start(%rip), %rcx
	subq	%rcx, %rax
	cmpq	$lily_text_size, %rax
	jae	lily_leave_for_nmi
	cmpq	$lily_enter_offset, %rax
	jb	1f
	cmpq	$lily_enter_end_offset, %rax
	jb	lily_leave_for_nmi
	cmpq	$lily_nmi_resume_offset, %rax
	jb	1f
	cmpq	$lily_nmi_resume_end_offset, %rax
	jb	2f
1:	movq	%rsp, %rsi
	leaq	lily_nmi_frame(%rip), %rdi
	movl	$FRAME_WORDS, %ecx
	rep movsq
2:	movl	$1, CONTEXT(CONTEXT_NMI_RESUME)
	/* fall through */

	.globl	lily_leave_for_nmi
lily_leave_for_nmi:
	orl	$2, CONTEXT(CONTEXT_NMI_PENDING)
	jmp	lily_leave

/* From lily_enter. Reads lily_nmi_frame, and writes below it only. */
	.globl	lily_nmi_resume, lily_nmi_resume_end
	.balign	16
lily_nmi_resume:
	leaq	lily_nmi_frame(%rip), %rsp
	POP_SELECTORS
	movl	$0, CONTEXT(CONTEXT_NMI_RESUME)
	testb	$3, SAVED_CS - SELECTOR_WORDS * 8(%rsp)
	jz	1f
	cmpl	$0, CONTEXT(CONTEXT_FLUSH)
	jne	2f
1:	popq	%r15
.irp register, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax
	popq	%\register
.endr
	iretq
/*
 * The guest was interrupted, and the host took pages back meanwhile: as after any other trap, on the stack that is empty while the guest
 * runs.
 */
2:	leaq	lily_stack_top(%rip), %rsp
	leaq	lily_nmi_frame + SELECTOR_WORDS * 8(%rip), %rax
.set	word, GENERAL_WORDS + 4
.rept	5
	pushq	word * 8(%rax)
	.set	word, word - 1
.endr
	pushq	$0
	pushq	$VECTOR_LOOK_AGAIN
	movq	8 * 8(%rax), %rdi
	movq	9 * 8(%rax), %rsi
	movq	10 * 8(%rax), %rbp
	movq	11 * 8(%rax), %rbx
	movq	12 * 8(%rax), %rdx
	movq	13 * 8(%rax), %rcx
	movq	14 * 8(%rax), %rax
lily_nmi_resume_end:
	jmp	lily_trap

	.bss
	.balign	16
	.skip	0x1000			/* lily_enter's stack, and for an exception of that IRETQ, which ends the machine */
	.globl	lily_nmi_frame
lily_nmi_frame:
	.skip	FRAME_WORDS * 8

	.section .note.GNU-stack, "", @progbits
