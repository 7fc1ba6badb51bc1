/* Descriptor tables, with operands by RSP, RIP, extended registers and an index; faults at the instruction. */
#include "test.h"
	.text
	.globl	main
main:	subq	$32, %rsp
	sgdt	8(%rsp)
	movq	10(%rsp), %rax
	subq	$gdt, %rax
	SHOW("gdt by rsp", %rax)
	leaq	buffer, %r13
	sidt	(%r13)
	movq	2(%r13), %rax
	subq	$idt, %rax
	SHOW("idt by r13", %rax)
	movzwl	(%r13), %eax
	SHOW("limit", %rax)
	movl	$2, %r14d
	sidt	-16(%r13, %r14, 8)
	movq	buffer + 2(%rip), %rax
	subq	$idt, %rax
	SHOW("idt by index", %rax)
	leaq	buffer, %r12
	sgdt	(%r12)
	lgdt	(%r12)
	movl	%ds, %eax
	movl	%eax, %ds
	lidt	idt_pointer(%rip)
	movl	$buffer, %ebp
	sgdt	(%ebp)
	movzwl	(%rbp), %eax
	SHOW("by 32 bits", %rax)
	addq	$32, %rsp
	movq	$0x7000000000, %rcx
	stc
	MAY_FAULT("sgdt", sgdt 4(%rcx))
	MAY_FAULT("lgdt", lgdt (%rcx))
	MAY_FAULT("lidt", lidt -8(%rcx))
	invlpg	(%rcx)
	invlpg	main(%rip)
	ret
	.bss
	.balign	8
buffer:	.skip	32
