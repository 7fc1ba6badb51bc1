/* GS bases: swapgs exchanges them, loads through MSRs see it, and operands with a prefix use the base. */
#include "test.h"
	.text
	.globl	main
main:	movl	$MSR_GS_BASE, %ecx
	movl	$one, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$MSR_KERNEL_GS, %ecx
	movl	$two, %eax
	wrmsr
	movq	%gs:0, %rbx
	SHOW("first", %rbx)
	stc
	swapgs
	jnc	1f
	movq	%gs:0, %rbx
	SHOW("second", %rbx)
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	subl	$one, %eax
	SHOW("base", %rax)
	sgdt	%gs:16
	movzwl	%gs:16, %eax
	SHOW("limit", %rax)
	swapgs
	movq	%gs:0, %rbx
	SHOW("first again", %rbx)
	movl	$MSR_FS_BASE, %ecx
	movl	$two, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$16, %r9d
	str	%fs:(%r9)
	movzwl	two + 16, %eax
	SHOW("str by fs", %rax)
	ret
1:	SAY("flags lost")
	ret
	.data
	.balign	8
one:	.quad	0x1111, 0, 0, 0
two:	.quad	0x2222, 0, 0, 0
