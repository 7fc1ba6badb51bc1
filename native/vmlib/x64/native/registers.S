/* Register operands: how a native routine returns a value in the register that a NOP names. Both are jumped to and leave the routine. */
#include "frame.h"

#define NUMBER_RSP	4

	.text
/* Low 16 bits of register %rcx = %dx; the others stay. */
	.globl	leave_with_register16
leave_with_register16:
	movq	%rcx, %r8
	negq	%r8
	movq	FRAME_rax(%rbp, %r8, 8), %rax
	movw	%dx, %ax

/* Register %rcx = %rax. %rsp equals %rbp. */
	.globl	leave_with_register
leave_with_register:
	cmpl	$NUMBER_RSP, %ecx
	je	to_rsp
	negq	%rcx
	movq	%rax, FRAME_rax(%rbp, %rcx, 8)
	LEAVE

/*
 * RSP itself: the frame must end below the new top of stack. It goes by way of a copy below both places, since they may overlap; %rsp
 * stays below live data throughout, so interrupts may come at any moment.
 */
to_rsp:	leaq	-FRAME_SIZE(%rax), %rdi
	cmpq	%rdi, %rsp
	jbe	1f
	movq	%rdi, %rsp
1:	movl	$FRAME_SIZE / 8, %ecx
2:	decl	%ecx
	pushq	(%rbp, %rcx, 8)
	jnz	2b			/* pushq writes no flag */
3:	popq	(%rdi, %rcx, 8)
	incl	%ecx
	cmpl	$FRAME_SIZE / 8, %ecx
	jb	3b
	movq	%rdi, %rsp
	LEAVE
