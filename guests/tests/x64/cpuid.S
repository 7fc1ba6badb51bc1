/* cpuid: four registers change, their upper halves are cleared, flags stay. */
#include "test.h"
	.text
	.globl	main
main:	movq	$-1, %rax
	movq	%rax, %rbx
	movq	%rax, %rcx
	movq	%rax, %rdx
	movl	$0x80000000, %eax
	stc
	cpuid
	sbbq	%rsi, %rsi
	SHOW("carry", %rsi)
	shrq	$32, %rbx
	shrq	$32, %rcx
	shrq	$32, %rdx
	SHOW("rbx", %rbx)
	SHOW("rcx", %rcx)
	SHOW("rdx", %rdx)
	xorl	%eax, %eax
	cpuid
	SHOW("vendor", %rbx)
	ret
