/* The interrupt table: a gate that changes after lidt, another table, and what sidt shows. */
#include "test.h"
	.text
	.globl	main
main:	movq	$handler, %rax
	movq	$idt + 13 * 16, %rdi
	movw	%ax, (%rdi)
	shrq	$16, %rax
	movw	%ax, 6(%rdi)
	movl	$0x1230, %ecx
	lldt	%cx			/* beyond the table */
after:	SHOW("seen", seen)
	movl	$idt, %esi
	movl	$other, %edi
	movl	$49 * 2, %ecx
	rep movsq
	lidt	pointer
	sidt	shown(%rip)
	movq	shown + 2, %rax
	subq	$other, %rax
	SHOW("base", %rax)
	movzwl	shown, %eax
	SHOW("limit", %rax)
	movl	$0x1230, %ecx
	lldt	%cx
	SHOW("seen", seen)
	movb	$0x8f, other + 13 * 16 + 5	/* a trap gate: interrupts stay on */
	movl	$0x1230, %ecx
	sti
	lldt	%cx
	cli
	SHOW("seen", seen)
	SHOW("flag", flag)
	lidt	idt_pointer
	ret
handler:
	addq	$8, %rsp		/* the error code */
	pushq	%rax
	pushfq
	popq	%rax
	andl	$RFLAGS_IF, %eax
	movq	%rax, flag
	incq	seen
	movq	8(%rsp), %rax
	addq	$3, 8(%rsp)		/* behind lldt, or the call that took its place and its operand */
	cmpb	$0xe8, (%rax)
	jne	1f
	addq	$5, 8(%rsp)
1:	popq	%rax
	iretq
	.data
pointer:
	.word	48 * 16 - 1
	.quad	other
	.bss
	.balign	16
other:	.skip	49 * 16
seen:	.skip	8
flag:	.skip	8
shown:	.skip	16
