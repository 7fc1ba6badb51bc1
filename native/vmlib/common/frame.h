/*
 * Entry and end of a native routine. ENTER saves everything; then SI points to the first operand NOP, and the frame's stack pointer is that
 * before the call, so that operands based on it come out right. Other registers are still the caller's.
 */
.macro ENTER
	pushf
	PUSH_REGISTERS
	mov	SP, BP
	lea	FRAME_SIZE(BP), SI
	mov	SI, FRAME_SP
	mov	FRAME_RETURN(BP), SI
.endm

.macro LEAVE
	POP_REGISTERS
	popf
	ret
.endm
