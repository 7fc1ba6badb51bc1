/* Instructions that inspect selectors, and the task and LDT registers. LAR and its kind write ZF and no other flag. */
#include "frame.h"

	.text
.irp instruction, verr, verw
ROUTINE \instruction\()_v
	ENTER
	call	operand
	\instruction %ax
	RECORD_ZF
	LEAVE

ROUTINE \instruction\()_m
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, \instruction %ss:(%eax)
	RECORD_ZF
	LEAVE
.endr

/* Selector, then destination, which changes only if the selector is good. */
.irp instruction, lar, lsl
ROUTINE \instruction\()_m
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movzwl %ss:(%eax), %eax
	jmp	\instruction\()_value

ROUTINE \instruction\()_v
	ENTER
	call	operand
\instruction\()_value:
	pushl	%eax
	call	operand
	popl	%eax
	\instruction %eax, %eax
	RECORD_ZF
	testb	$EFLAGS_ZF, FRAME_SAVED_FLAGS(%ebp)
	jnz	leave_with_register
	LEAVE
.endr

/* Source, then destination. */
ROUTINE arpl_r
	ENTER
	call	operand
	pushl	%eax
	call	operand
	popl	%eax
	negl	%ecx
	movl	FRAME_eax(%ebp, %ecx, 4), %edx
	negl	%ecx
	arpl	%ax, %dx
	RECORD_ZF
	jmp	leave_with_register16

/* The memory operand is decoded first, with nothing above the frame, since an fs or gs operand may fault. */
ROUTINE arpl_m
	ENTER
	call	operand
	call	operand
	pushl	%eax
	movl	FRAME_RETURN(%ebp), %esi
	call	operand
	movl	%eax, %edx
	popl	%eax
	FAULTS	LILY_RECOVER_ALL_REGISTERS, arpl %dx, %ss:(%eax)
	RECORD_ZF
	LEAVE

.irp instruction, lldt, ltr, lmsw
ROUTINE \instruction\()_v
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, \instruction %ax
	LEAVE

ROUTINE \instruction\()_m
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, \instruction %ss:(%eax)
	LEAVE
.endr

.irp instruction, sldt, str, smsw
ROUTINE \instruction\()_r
	ENTER
	call	operand
	\instruction %eax
	jmp	leave_with_register

ROUTINE \instruction\()_r16
	ENTER
	call	operand
	\instruction %dx
	jmp	leave_with_register16

ROUTINE \instruction\()_m
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, \instruction %ss:(%eax)
	LEAVE
.endr
