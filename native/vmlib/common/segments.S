/* Segment registers in operands that a long NOP names. Selectors may be refused: the frame of ENTER is on the stack then. */
	.text
.irp segment, es, cs, ss, ds, fs, gs
ROUTINE rd_\segment\()_r16
	ENTER
	call	operand
	movl	%\segment, %edx
	jmp	leave_with_register16

	OPERAND_ROUTINE rd_\segment\()_m, movw %\segment, AT_AX
.endr

.irp segment, es, ss, ds, fs, gs
	OPERAND_ROUTINE wr_\segment\()_m, movw AT_AX, %\segment
.endr

/* The memory operand, then the register. */
.macro LOAD_FAR_POINTER segment
ROUTINE l\segment
	ENTER
	call	operand
	push	AX
	call	operand
	pop	AX
	FAULTS	LILY_RECOVER_ALL_REGISTERS, l\segment AT_AX, %eax
	jmp	leave_with_register
.endm
