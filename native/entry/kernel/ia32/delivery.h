/*
 * Delivers to the guest's kernel in ring 1 what happened to a program, through an interrupt gate of the guest as the CPU would do it (SDM
 * vol. 3, 6.12.1). Gate, TSS and stack are reached at the guest's own addresses, which are below 4 GiB whatever the guest says (32-bit
 * registers, checked against wrapping); a page fault on the way fills the entry and goes on, or takes the slow way, where C# does all of
 * this with all checks (OwnTraps.Handle). Selectors must be those that were checked there before.
 */
#pragma once
#include "machine.h"
#include "lilyvm_abi.h"

#define GATE_MIDDLE	0xff00fffc	/* of the four bytes from the third: selector without its level, and the gate's type and rights */
#define GATE_LEVEL	0x60000000	/* in them: DPL */

/*
 * \name: of the labels. EAX, ECX and EDX are on the stack, below them the error code if \error is 1, and RIP is at \frame(%rsp); nothing of
 * the frame changes before \name_end. Ends in the guest, or at \name_slowly with the stack as it was.
 */
.macro DELIVER name, vector, frame, error, counter
	.globl	\name\()_start, \name\()_end, \name\()_slowly
	/* From here on, until \name_end, page faults are expected. */
\name\()_start:
	movl	VCPU_PAGE(VCPU_IDT_BASE), %eax
	movl	\vector * 8 + 2(%eax), %ecx
	.if	\vector < 32
	orl	$GATE_LEVEL, %ecx	/* for INT n only (SDM vol. 3, 6.12.1.2) */
	.endif
	andl	$GATE_MIDDLE, %ecx
	cmpl	MACHINE(MACHINE_FAST_GATE), %ecx
	jne	\name\()_slowly
	movl	\vector * 8 + 4(%eax), %edx
	movw	\vector * 8(%eax), %dx	/* offset */
	movl	STATE(TSS_BASE), %eax
	movzwl	8(%eax), %ecx
	movl	4(%eax), %eax
	andl	$0xfffc, %ecx
	cmpl	MACHINE(MACHINE_FAST_STACK), %ecx
	jne	\name\()_slowly
	subl	$(20 + 4 * \error), %eax
	cmpl	$(LILY_BASE - 20 - 4 * \error), %eax
	ja	\name\()_slowly
	movl	\frame + 32(%rsp), %ecx
	movl	%ecx, 16 + 4 * \error(%rax)
	movl	\frame + 24(%rsp), %ecx
	movl	%ecx, 12 + 4 * \error(%rax)
	movl	\frame + 16(%rsp), %ecx
	andl	$~EFLAGS_RF, %ecx
	movl	%ecx, 8 + 4 * \error(%rax)
	movl	\frame + 8(%rsp), %ecx
	movl	%ecx, 4 + 4 * \error(%rax)
	movl	\frame(%rsp), %ecx
	movl	%ecx, 4 * \error(%rax)
	.if	\error
	movl	\frame - 8(%rsp), %ecx
	movl	%ecx, (%rax)
	.endif
\name\()_end:
	movq	%rdx, \frame(%rsp)
	movl	MACHINE(MACHINE_FAST_CODE), %ecx
	movl	%ecx, VCPU_PAGE(VCPU_CS)
	orl	$1, %ecx
	movq	%rcx, \frame + 8(%rsp)
	andq	$~(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM), \frame + 16(%rsp)
	movq	%rax, \frame + 24(%rsp)
	movl	MACHINE(MACHINE_FAST_STACK), %ecx
	movl	%ecx, VCPU_PAGE(VCPU_SS)
	orl	$1, %ecx
	movq	%rcx, \frame + 32(%rsp)
	movl	$0, VCPU_PAGE(VCPU_INTERRUPT_FLAG)
	incq	COUNTER(\counter)
	popq	%rdx
	popq	%rcx
	popq	%rax
	.if	\error
	addq	$8, %rsp
	.endif
	iretq
\name\()_slowly:
	popq	%rdx
	popq	%rcx
	popq	%rax
.endm
