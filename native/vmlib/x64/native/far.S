/*
 * Far jumps and calls within ring 0. The selector is loaded by a far jump to the next instruction of the library, with everything still in
 * the frame, so that a bad one faults at the call site; what remains is a near transfer. Gates are not supported.
 */
#include "frame.h"

	.text
/* Selector and 32-bit offset from memory: %edx, %rax. Interrupts go off until the flags come back. */
.macro ENTER_FAR
	ENTER
	cli
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movzwl 4(%rax), %edx
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movl (%rax), %eax
.endm

/* CS = %edx. The far pointer lies below %rsp: interrupts are off, and a fault reads it before it pushes. */
.macro LOAD_CS
	movl	$.Lloaded\@, -8(%rsp)
	movl	%edx, -4(%rsp)
	FAULTS	LILY_RECOVER_ALL_REGISTERS, ljmp *-8(%rsp)
.Lloaded\@:
.endm

ROUTINE ljmp_m
	ENTER_FAR
	LOAD_CS
	movq	%rax, FRAME_RETURN(%rbp)
	LEAVE

/* A call of 32-bit size pushes two words of 32 bits: the address behind the NOP and CS, where the return address was. */
ROUTINE lcall_m
	ENTER_FAR
	movl	%cs, %ebx
	LOAD_CS
	movq	%rax, far_target
	movl	%esi, FRAME_RETURN(%rbp)
	movl	%ebx, FRAME_RETURN + 4(%rbp)
	POP_REGISTERS
	popfq
	jmp	*far_target
