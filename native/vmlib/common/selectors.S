/* Instructions that inspect selectors, and the task and LDT registers. LAR and its kind write ZF and no other flag. */
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
ROUTINE \instruction\()_v
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, \instruction %ax
	LEAVE

ROUTINE \instruction\()_m
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, \instruction AT_AX
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
	FAULTS	LILY_RECOVER_ALL_REGISTERS, \instruction AT_AX
	LEAVE
.endr
