/* Port input and output. The string forms keep their progress in the registers, so a fault in the middle restarts where it stopped. */
	.text
.macro STRING_ROUTINES direction, width
ROUTINE \direction\()s\width
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, \direction\()s\width
	ret

ROUTINE rep_\direction\()s\width
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, rep \direction\()s\width
	ret
.endm

.macro PORT_ROUTINES width, accumulator
ROUTINE in\width\()_dx
	in	%dx, \accumulator
	ret

ROUTINE out\width\()_dx
	out	\accumulator, %dx
	ret

ROUTINE in\width\()_imm
	ENTER
	call	operand
	movl	%eax, %edx
	mov	FRAME_AX, AX	/* what a narrow read leaves */
	in	%dx, \accumulator
	mov	AX, FRAME_AX
	LEAVE

ROUTINE out\width\()_imm
	ENTER
	call	operand
	movl	%eax, %edx
	mov	FRAME_AX, AX
	out	\accumulator, %dx
	LEAVE

	STRING_ROUTINES	in, \width
	STRING_ROUTINES	out, \width
.endm

	PORT_ROUTINES	b, %al
	PORT_ROUTINES	w, %ax
	PORT_ROUTINES	l, %eax
