/*
 * Far transfers within one privilege level. The selector is loaded by a far jump to the next instruction of the library, with everything
 * still in the frame, so that a bad one faults at the call site; what remains is a near transfer. Call gates and task switches by far
 * jump are not supported: no guest kernel of today has them.
 */
#include "frame.h"

	.text
/*
 * CS = %edx. The far pointer lies below %esp: interrupts are off, and a fault reads it before it pushes. Clobbers %ecx and %edi.
 */
load_cs:
	popl	%edi			/* link: %esp must point to the frame */
	call	1f
1:	popl	%ecx
	addl	$2f - 1b, %ecx
	movl	%ecx, -8(%esp)
	movl	%edx, -4(%esp)
	FAULTS	LILY_RECOVER_ALL_REGISTERS, ljmp *-8(%esp)
2:	jmp	*%edi

/* Target of a far transfer with immediate operands: %edx = selector, %eax = offset. Interrupts go off until the flags come back. */
.macro ENTER_FAR_IMMEDIATE
	ENTER
	cli
	call	operand
	pushl	%eax
	call	operand
	popl	%edx
.endm

/* Likewise from an m16:32 in memory. */
.macro ENTER_FAR_MEMORY
	ENTER
	cli
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movzwl %ss:4(%eax), %edx
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movl %ss:(%eax), %eax
.endm

ROUTINE ljmp_m
	ENTER_FAR_MEMORY
	jmp	1f
ROUTINE ljmp
	ENTER_FAR_IMMEDIATE
1:	call	load_cs
	movl	%eax, FRAME_RETURN(%ebp)
	LEAVE

/* Pushes CS and the address behind the NOPs where flags and return address were. */
ROUTINE lcall_m
	ENTER_FAR_MEMORY
	jmp	1f
ROUTINE lcall
	ENTER_FAR_IMMEDIATE
1:	movl	%cs, %ebx
	call	load_cs
	COPY_REGISTERS
	pushl	FRAME_SAVED_FLAGS(%ebp)
	movl	%ebx, 36(%ebp)
	movl	%esi, 32(%ebp)
	movl	%eax, 28(%ebp)
	popfl
	popal
	leal	28(%esp), %esp
	ret

ROUTINE lret
	popl	%ss:VCPU_IRET_SITE
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, lret

/*
 * lret with an immediate: the only form that also drops words from an outer stack, so the number is written into the instruction.
 * Interrupts stay off between the write and the instruction (the shadow of sti covers it), so nothing can overwrite it.
 */
ROUTINE lret_n
	ENTER
	cli
	call	operand
	call	1f
1:	popl	%edx
	movw	%ax, %ss:lret_off + 1 - 1b(%edx)
	movw	%ax, %ss:lret_on + 1 - 1b(%edx)
	movl	FRAME_SAVED_FLAGS(%ebp), %eax
	andl	$~EFLAGS_IF, FRAME_SAVED_FLAGS(%ebp)
	testl	$EFLAGS_IF, %eax
	jnz	2f
	popal
	popfl
	popl	%ss:VCPU_IRET_SITE
lret_off:
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, lret $0x7fff
2:	popal
	popfl
	popl	%ss:VCPU_IRET_SITE
	sti
lret_on:
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, lret $0x7fff
