#include "frame.h"
#include "../../common/selectors.S"

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
