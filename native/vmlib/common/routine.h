/* The macros that every source of the VM library shares, of either architecture. */
/* Starts the routine behind jump table entry NAME. */
.macro ROUTINE name
	.globl	impl_\name
impl_\name:
.endm

/*
 * FAULTS kind, instruction: the instruction may fault on behalf of the guest. Its address goes to the recovery table together with how to
 * undo what the library did before it. The table comes out sorted because both sections are linked in one order.
 */
.macro FAULTS kind, instruction:vararg
.Lfaults\@:
	\instruction
	.pushsection .recovery, "a"
	.long	.Lfaults\@, \kind
	.popsection
.endm

/* A routine of one instruction on the operand that a long NOP names, which may fault; in images with frames (frame.h). */
.macro OPERAND_ROUTINE name, instruction:vararg
ROUTINE \name
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, \instruction
	LEAVE
.endm

/* One that answers in the accumulator, which goes to the register that the NOP names. */
.macro READ_ROUTINE name, instruction:vararg
ROUTINE \name
	ENTER
	call	operand
	\instruction
	jmp	leave_with_register
.endm
