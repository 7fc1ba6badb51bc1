/* The interrupt-descriptor table that the CPU has instead of the guest's. */
#include "frame.h"
#include "gate.h"

#define IDT_LIMIT_FULL	(256 * GATE_SIZE - 1)
#include "../../common/tables.S"

/*
 * The CPU gets a copy of the guest's table in which the vectors of fault_gates lead to fault.S. A guest that is unpaged cannot reach the
 * copy, and a null table is a guest that wants to reset: both get the real instruction. Gates that the guest changes later are seen at
 * once for the vectors of fault_gates, at the next lidt for all others.
 */
ROUTINE lidt
	ENTER
	cli				/* until LEAVE: the table in use changes */
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movzwl %ss:(%eax), %ecx
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movl %ss:2(%eax), %ebx
	movl	%cr0, %edx
	testl	%edx, %edx		/* PG is the sign */
	jns	1f
	testl	%ecx, %ecx
	jnz	interpose
1:	lidt	%ss:(%eax)
	LEAVE

interpose:
	movl	%ecx, %ss:VCPU_IDT_LIMIT
	movl	%ebx, %ss:VCPU_IDT_BASE
	cmpl	$IDT_LIMIT_FULL, %ecx
	jbe	1f
	movl	$IDT_LIMIT_FULL, %ecx
1:	movw	%cx, %ss:shadow_idt_pointer
	incl	%ecx
	shrl	$2, %ecx		/* words */
2:	decl	%ecx
	js	3f
	movl	%ss:(%ebx, %ecx, 4), %eax
	movl	%eax, %ss:shadow_idt(, %ecx, 4)
	jmp	2b

3:	movl	$fault_gates, %esi
4:	movl	%ss:(%esi), %ecx	/* place in the table, or -1 */
	movl	%ss:4(%esi), %eax	/* stub */
	addl	$8, %esi
	testl	%ecx, %ecx
	js	5f
	movl	%cs, %edx
	testb	$GATE_PRESENT_BIT, %ss:shadow_idt + 5(%ecx)
	jz	6f
	movw	%ss:shadow_idt + 2(%ecx), %dx
6:	movw	%ax, %ss:shadow_idt(%ecx)
	movw	%dx, %ss:shadow_idt + 2(%ecx)
	andl	$0xffff0000, %eax
	orl	$GATE_INTERRUPT << 8, %eax
	movl	%eax, %ss:shadow_idt + 4(%ecx)
	jmp	4b
5:	lidt	%ss:shadow_idt_pointer
	LEAVE
