/* Code at its physical address: calls reach the library all the same, and a fault is reported where it stands. */
#include "test.h"
	.section .head.text, "ax"
physical:
	movq	%cr2, %rax
	pushfq
	popq	%rbx
	movl	$MSR_LSTAR, %ecx
	movl	$0x1111, %eax
	xorl	%edx, %edx
	wrmsr
	xorl	%eax, %eax
	rdmsr
	movl	%eax, %r13d
	sgdt	stored - LINK_OFFSET
	movl	%ss, %r14d
	movl	$0x1230, %ecx
	stc
	movq	$-1, fault_vector
91:	lldt	%cx			/* beyond the table */
92:	ret
	.pushsection .extable, "a"
	.quad	91b - LINK_OFFSET, 92b - LINK_OFFSET
	.popsection

	.text
	.globl	main
main:	movq	$physical - LINK_OFFSET, %rax
	call	*%rax
	SHOW("msr", %r13)
	SHOW("ss", %r14)
	SHOW("vector", fault_vector)
	movq	stored + 2, %rax
	subq	$gdt, %rax
	SHOW("gdt", %rax)
	ret
	.bss
	.balign	8
stored:	.skip	16
