/* Segment registers. A 32- or 64-bit destination is zero-extended (SDM vol. 2, MOV). */
#include "frame.h"

	.text
.irp segment, es, cs, ss, ds, fs, gs
ROUTINE rd_\segment\()_r
	ENTER
	call	operand
	movl	%\segment, %eax
	jmp	leave_with_register

ROUTINE rd_\segment\()_r16
	ENTER
	call	operand
	movl	%\segment, %edx
	jmp	leave_with_register16

ROUTINE rd_\segment\()_m
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movw %\segment, (%rax)
	LEAVE
.endr

.irp segment, es, ss, ds, fs, gs
ROUTINE wr_\segment\()_v
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movl %eax, %\segment
	LEAVE

ROUTINE wr_\segment\()_m
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movw (%rax), %\segment
	LEAVE
.endr

/* The selector takes the place of the return address. */
.irp segment, fs, gs
ROUTINE push_\segment
	pushq	(%rsp)
	pushq	%\segment
	popq	8(%rsp)			/* %rsp counts after the pop */
	ret

ROUTINE pop_\segment
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, movw 8(%rsp), %\segment
	ret	$8
.endr

/* The memory operand, then the register. */
.irp segment, ss, fs, gs
ROUTINE l\segment
	ENTER
	call	operand
	pushq	%rax
	call	operand
	popq	%rax
	FAULTS	LILY_RECOVER_ALL_REGISTERS, l\segment (%rax), %eax
	jmp	leave_with_register
.endr
