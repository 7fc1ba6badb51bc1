/* Model-specific registers, and a fault that leaves all registers. */
#include "test.h"
	.text
	.globl	main
main:	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$0x501, %eax
	SHOW("efer", %rax)
	movl	$MSR_LSTAR, %ecx
	movl	$0x55667788, %eax
	movl	$0x00001122, %edx
	wrmsr
	xorl	%eax, %eax
	xorl	%edx, %edx
	rdmsr
	SHOW("lstar low", %rax)
	SHOW("lstar high", %rdx)
	movl	$0x12345678, %ecx
	movq	$0x1111111111111111, %rbx
	movq	%rbx, %r8
	movq	%rbx, %r15
	cmpl	%ebx, %ecx
	movl	$1000, %ecx
	MAY_FAULT("rdpmc", rdpmc)
	ret
