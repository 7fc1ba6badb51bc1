/* Bases of FS and GS: by MSR, by a load of a selector, by SWAPGS, and how a program sees them. */
#include "test.h"
.macro SET register, value
	movl	$\register, %ecx
	movl	$\value, %eax
	xorl	%edx, %edx
	wrmsr
.endm
	.text
	.globl	main
main:	HOOK(VECTOR_SOFTWARE, software)
	SET	MSR_FS_BASE, first
	SET	MSR_GS_BASE, second
	SET	MSR_KERNEL_GS, third
	RUN_PROGRAM($2)
	ret
/* The program's registers, then other bases for it. */
software:
	SHOW("fs word", 112(%rax))	/* RCX */
	SHOW("gs word", 104(%rax))	/* RDX */
	decl	rounds
	jz	done
	cmpl	$1, rounds
	je	1f
	pushq	%rax
	swapgs
	SET	MSR_FS_BASE, second
	popq	%rax
	ret
1:	pushq	%rax
	movl	$USER_DS, %eax		/* a base of zero */
	movl	%eax, %fs
	movl	$MSR_FS_BASE, %ecx
	rdmsr
	SHOW("fs base after a load", %rax)
	SET	MSR_FS_BASE, third
	popq	%rax
	ret
done:	movl	$MSR_GS_BASE, %ecx
	rdmsr
	subl	$first, %eax
	SHOW("gs base", %rax)
	movl	$MSR_KERNEL_GS, %ecx
	rdmsr
	subl	$first, %eax
	SHOW("other gs base", %rax)
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	jmp	leave_program
	RING_3_CODE
program:
	.rept	3
	movq	%fs:0, %rcx
	movq	%gs:0, %rdx
	int	$VECTOR_SOFTWARE
	.endr
program_end:
	RING_3_CODE_END
	.data
	.balign	8
first:	.quad	0x11
second:	.quad	0x22
third:	.quad	0x33
rounds:	.long	3
