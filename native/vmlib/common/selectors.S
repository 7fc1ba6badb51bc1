/* Instructions that inspect selectors, and the task and LDT registers. LAR and its kind write ZF and no other flag. */
	.text
/* Copies ZF, the only flag that LAR, LSL, VERR, VERW and ARPL write, to the saved flags. */
.macro RECORD_ZF
	jz	.Lset\@
	andl	$~FLAG_ZF, SAVED_FLAGS
	jmp	.Ldone\@
.Lset\@:
	orl	$FLAG_ZF, SAVED_FLAGS
.Ldone\@:
.endm

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
	FAULTS	LILY_RECOVER_ALL_REGISTERS, \instruction AT_AX
	RECORD_ZF
	LEAVE
.endr

/* Selector, then destination, which changes only if the selector is good. */
.irp instruction, lar, lsl
ROUTINE \instruction\()_m
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movzwl AT_AX, %eax
	jmp	\instruction\()_value

ROUTINE \instruction\()_v
	ENTER
	call	operand
\instruction\()_value:
	push	AX
	call	operand
	pop	AX
	\instruction %eax, %eax
	RECORD_ZF
	testb	$FLAG_ZF, SAVED_FLAGS
	jnz	leave_with_register
	LEAVE
.endr

.irp instruction, lldt, ltr, lmsw
	OPERAND_ROUTINE \instruction\()_v, \instruction %ax

	OPERAND_ROUTINE \instruction\()_m, \instruction AT_AX
.endr

.irp instruction, sldt, str, smsw
	READ_ROUTINE \instruction\()_r, \instruction %eax

ROUTINE \instruction\()_r16
	ENTER
	call	operand
	\instruction %dx
	jmp	leave_with_register16

	OPERAND_ROUTINE \instruction\()_m, \instruction AT_AX
.endr
