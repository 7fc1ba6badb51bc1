/* The interrupt-descriptor table that the CPU has instead of the guest's. */
#include "frame.h"
#include "gate.h"

#define IDT_LIMIT_FULL	(256 * GATE_SIZE - 1)
#include "../../common/tables.S"

/*
 * The CPU gets a copy of the guest's table in which the vectors of fault_gates lead to fault.S. A null table is a guest that wants to reset
 * and gets the real instruction. Gates that the guest changes later are seen at once for the vectors of fault_gates, at the next lidt for
 * all others.
 */
ROUTINE lidt
	ENTER
	cli				/* until LEAVE: the table in use changes */
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movzwl (%rax), %ecx
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movq 2(%rax), %rbx
	testl	%ecx, %ecx
	jnz	1f
	lidt	(%rax)
	LEAVE

1:	movq	%rcx, VCPU_IDT_LIMIT
	movq	%rbx, VCPU_IDT_BASE
	cmpl	$IDT_LIMIT_FULL, %ecx
	jbe	2f
	movl	$IDT_LIMIT_FULL, %ecx
2:	movw	%cx, shadow_idt_pointer
	incl	%ecx
3:	decl	%ecx
	js	4f
	movb	(%rbx, %rcx), %al
	movb	%al, shadow_idt(%rcx)
	jmp	3b

4:	movl	$fault_gates, %esi
5:	movslq	(%rsi), %rcx		/* place in the table, or -1 */
	movl	4(%rsi), %eax		/* stub */
	addq	$8, %rsi
	testq	%rcx, %rcx
	js	7f
	testb	$GATE_PRESENT_BIT, shadow_idt + 5(%rcx)
	jnz	6f
	movl	%cs, %edx
	movw	%dx, shadow_idt + 2(%rcx)
	movb	$0, shadow_idt + 4(%rcx)
6:	andb	$GATE_DPL_MASK, shadow_idt + 5(%rcx)
	orb	$GATE_INTERRUPT, shadow_idt + 5(%rcx)
	movw	%ax, shadow_idt(%rcx)
	shrl	$16, %eax
	movw	%ax, shadow_idt + 6(%rcx)
	movl	$0, shadow_idt + 8(%rcx)
	jmp	5b
7:	lidt	shadow_idt_pointer
	LEAVE
