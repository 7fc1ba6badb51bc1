/* Register operands: how a native routine returns a value in the register that a NOP names. Both are jumped to and leave the routine. */
#include "frame.h"

	.text
/* Low half of register %ecx = %dx; its upper half stays. */
	.globl	leave_with_register16
leave_with_register16:
	negl	%ecx
	movl	FRAME_eax(%ebp, %ecx, 4), %eax
	negl	%ecx
	movw	%dx, %ax

/* Register %ecx = %eax. %esp equals %ebp. */
	.globl	leave_with_register
leave_with_register:
	negl	%ecx
	movl	%eax, FRAME_eax(%ebp, %ecx, 4)
	cmpl	$-4, %ecx
	je	to_esp
	LEAVE

/*
 * ESP itself: the frame must end below the new top of stack. It goes by way of a copy below both places, since they may overlap; %esp
 * stays below live data throughout, so interrupts may come at any moment.
 */
to_esp:	leal	-FRAME_SIZE(%eax), %edi
	cmpl	%edi, %esp
	jbe	1f
	movl	%edi, %esp
1:	.irp place, 36, 32, 28, 24, 20, 16, 12, 8, 4, 0
	pushl	\place(%ebp)
	.endr
	.irp place, 0, 4, 8, 12, 16, 20, 24, 28, 32, 36
	popl	%ss:\place(%edi)
	.endr
	movl	%edi, %esp
	LEAVE
