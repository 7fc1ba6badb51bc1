/* Sensitive instructions in macros: as body, with registers as arguments, and as arguments themselves. */
#include "test.h"
	.macro	READ register, into
	movq	\register, \into
	.endm
	.macro	FLAGS into
	pushfq
	popq	\into
	andl	$RFLAGS_IF, %eax
	.endm
	.macro	CR2 into
	movq	%cr2, \into
	.endm
	.macro	DO operation
	\operation
	.endm
	.text
	.globl	main
main:	movl	$0x4321, %eax
	movq	%rax, %cr2
	CR2	%r12
	CR2	%rbx
	SHOW("cr2", %r12)
	SHOW("again", %rbx)
	READ	%r12, %r9
	SHOW("plain", %r9)
	DO	cli
	FLAGS	%rax
	SHOW("cli", %rax)
	DO	sti
	FLAGS	%rax
	cli
	SHOW("sti", %rax)
	xorl	%eax, %eax
	DO	cpuid
	SHOW("cpuid", %rbx)
	ret
