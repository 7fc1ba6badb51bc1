/*
 * Segment registers. Reads give the low half of a register or word; a 32-bit destination is zero-extended (SDM vol. 2, MOV). Loads may
 * fault: nothing is on the stack above the return address then, or the frame of ENTER.
 */
#include "frame.h"

	.text
.irp segment, es, cs, ss, ds, fs, gs
.irp register, eax, ecx, edx, ebx, ebp, esi, edi
ROUTINE rd_\segment\()_\register
	movl	%\segment, %\register
	ret
.endr

ROUTINE rd_\segment\()_r16
	ENTER
	call	operand
	movl	%\segment, %edx
	jmp	leave_with_register16

ROUTINE rd_\segment\()_m
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movw %\segment, %ss:(%eax)
	LEAVE

/* The selector takes the place of the return address. */
ROUTINE push_\segment
	pushl	(%esp)
	pushl	%\segment
	popl	4(%esp)			/* %esp counts after the pop */
	ret
.endr

.irp segment, es, ss, ds, fs, gs
.irp register, eax, ecx, edx, ebx, ebp, esi, edi
ROUTINE wr_\segment\()_\register
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, movl %\register, %\segment
	ret
.endr

ROUTINE wr_\segment\()_m
	ENTER
	call	operand
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movw %ss:(%eax), %\segment
	LEAVE

ROUTINE pop_\segment
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, movw 4(%esp), %\segment
	ret	$4

/* lds, les, lfs, lgs, lss: the memory operand, then the register. */
ROUTINE l\segment
	ENTER
	call	operand
	pushl	%eax
	call	operand
	popl	%eax
	FAULTS	LILY_RECOVER_ALL_REGISTERS, l\segment %ss:(%eax), %eax
	jmp	leave_with_register
.endr
