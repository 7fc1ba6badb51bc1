/*
 * INT 80h of a guest program, the usual way: through an interrupt gate of the guest to its kernel in ring 1, as the CPU would do it (SDM vol. 3, 6.12.1). Gate, TSS
 * and stack are reached at the guest's own addresses, which are below 4 GiB whatever the guest says (32-bit registers, checked against wrapping);
 * a page fault on the way fills the entry and goes on, or takes the slow way, where C# does all of this with all checks (OwnTraps.Handle). Selectors
 * must be those that were checked there before.
 */
#include "machine.h"
#include "lilyvm_abi.h"

#define GATE		(VECTOR_SYSTEM_CALL * 8)
#define INTERRUPT_GATE	0x8e00		/* present, 32 bits, of the second word */
#define GATE_TYPE	0x9f00
#define FRAME_BYTES	20

	.text
	.globl	lily_system_call, lily_system_call_start, lily_system_call_end, lily_system_call_slowly
	.balign	16
lily_system_call:
	testb	$2, FRAME_CS - 16(%rsp)
	jz	1f
	cmpl	$0, MACHINE(VCPU_STATE_VIRTUAL_FLAGS)
	jne	1f
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	/* From here on, until lily_system_call_end, page faults are expected; nothing of the frame has changed. */
lily_system_call_start:
	movl	VCPU_PAGE(VCPU_IDT_BASE), %eax
	movl	GATE + 4(%eax), %edx
	movl	GATE(%eax), %ecx
	movl	%edx, %eax
	andl	$GATE_TYPE, %eax
	cmpl	$INTERRUPT_GATE, %eax
	jne	lily_system_call_slowly
	movzwl	%cx, %eax
	shrl	$16, %ecx
	andl	$0xfffc, %ecx
	cmpl	MACHINE(MACHINE_FAST_CODE), %ecx
	jne	lily_system_call_slowly
	movw	%ax, %dx		/* offset */
	movl	MACHINE(VCPU_STATE_TSS_BASE), %eax
	movzwl	8(%eax), %ecx
	movl	4(%eax), %eax
	andl	$0xfffc, %ecx
	cmpl	MACHINE(MACHINE_FAST_STACK), %ecx
	jne	lily_system_call_slowly
	subl	$FRAME_BYTES, %eax
	cmpl	$LILY_BASE - FRAME_BYTES, %eax
	ja	lily_system_call_slowly
	/* RIP, CS, RFLAGS, RSP, SS are above the three registers. */
	movl	24 + 32(%rsp), %ecx
	movl	%ecx, 16(%rax)
	movl	24 + 24(%rsp), %ecx
	movl	%ecx, 12(%rax)
	movl	24 + 16(%rsp), %ecx
	andl	$~EFLAGS_RF, %ecx
	movl	%ecx, 8(%rax)
	movl	24 + 8(%rsp), %ecx
	movl	%ecx, 4(%rax)
	movl	24(%rsp), %ecx
	movl	%ecx, (%rax)
lily_system_call_end:
	movq	%rdx, 24(%rsp)
	movl	MACHINE(MACHINE_FAST_CODE), %ecx
	movl	%ecx, VCPU_PAGE(VCPU_CS)
	orl	$1, %ecx
	movq	%rcx, 24 + 8(%rsp)
	andq	$~(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM), 24 + 16(%rsp)
	movq	%rax, 24 + 24(%rsp)
	movl	MACHINE(MACHINE_FAST_STACK), %ecx
	movl	%ecx, VCPU_PAGE(VCPU_SS)
	orl	$1, %ecx
	movq	%rcx, 24 + 32(%rsp)
	movl	$0, VCPU_PAGE(VCPU_INTERRUPT_FLAG)
	incq	MACHINE(MACHINE_FAST_SYSTEM_CALLS)
	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq

lily_system_call_slowly:
	popq	%rdx
	popq	%rcx
	popq	%rax
1:	pushq	$0
	pushq	$VECTOR_SYSTEM_CALL
	jmp	lily_trap

	.section .note.GNU-stack, "", @progbits
