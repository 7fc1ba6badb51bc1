/* Debug registers: what is written is read, by extended registers too. */
#include "test.h"
	.text
	.globl	main
main:	movq	$0x1122334455667788, %r9
	movq	$0x123456789abc, %r10
	movq	%r10, %db0
	movq	%r10, %db3
	movq	%db0, %rax
	SHOW("dr0", %rax)
	movq	%db3, %r15
	SHOW("dr3", %r15)
	movq	%db6, %rcx
	andl	$0xf, %ecx
	SHOW("dr6", %rcx)
	movq	%db7, %rdx
	SHOW("dr7", %rdx)
	xorl	%eax, %eax
	movq	%rax, %db0
	ret
