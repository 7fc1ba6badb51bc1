/*
 * Single-stepping ring 3, across a system call, a page fault and a change of flags: where each trap comes, and that none comes in the
 * kernel.
 */
#include "test.h"

#define STEPPING	0x302

	.globl	main
main:	call	user_init
	HOOK(1, step)
	RUN_RING_3(ring_3, $STEPPING)
	SHOW("steps", steps)
	SHOW("a flag of the last", last_flags)
	ret

step:	incl	steps
	movl	TRAP_EIP(%eax), %ebx
	subl	$LOW(ring_3), %ebx
	SHOW("step at", %ebx)
	movl	TRAP_EFLAGS(%eax), %ebx
	andl	$0x100, %ebx
	movl	%ebx, last_flags
	testl	$3, TRAP_CS(%eax)
	jnz	1f
	SAY("in the kernel")
1:	ret

	RING_3_CODE
ring_3:	nop
	movl	$1, %eax
	movl	$0x55, %ebx
	int	$VECTOR_SYSCALL
	nop
	movl	$LOW(1f), %ebp
	movl	0x00900000, %ecx
	nop
1:	pushl	%ebx
	popl	%edx
	movl	$3, %ecx
2:	loop	2b
	pushfl
	andl	$~0x100, (%esp)
	popfl
	nop
	nop
	xorl	%eax, %eax
	int	$VECTOR_SYSCALL
	RING_3_CODE_END

	.bss
	.balign	4
steps:	.skip	4
last_flags:
	.skip	4
