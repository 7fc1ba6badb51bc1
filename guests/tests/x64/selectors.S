/* Selector inspection, and the task and LDT registers, by every kind of operand. */
#include "test.h"
	.text
	.globl	main
main:	movq	$-1, %r8
	str	%r8d
	SHOW("str", %r8)
	movq	$-1, %rax
	str	%ax
	SHOW("str 16", %rax)
	movq	$-1, %r11
	sldt	%r11
	SHOW("sldt", %r11)
	movw	$-1, place
	sldt	place(%rip)
	movzwl	place, %eax
	SHOW("sldt memory", %rax)
	movl	$KERNEL_CS, %ecx
	lar	%ecx, %r12d
	SHOW("lar", %r12)
	lsl	%cx, %r13d
	SHOW("lsl", %r13)
	movl	$0x1230, %edx
	movl	$0x55, %ebx
	cmpl	%ecx, %ecx
	lar	%edx, %ebx
	pushfq
	popq	%rax
	andl	$0x44, %eax
	SHOW("lar bad flags", %rax)
	SHOW("lar bad", %rbx)
	movw	$USER_DS, place
	lsl	place, %r9
	SHOW("lsl memory", %r9)
	verr	%cx
	pushfq
	popq	%rax
	andl	$0x40, %eax
	SHOW("verr", %rax)
	verw	%cx
	pushfq
	popq	%rax
	andl	$0x40, %eax
	SHOW("verw", %rax)
	verw	place
	pushfq
	popq	%rax
	andl	$0x40, %eax
	SHOW("verw memory", %rax)
	movq	$0x7000000000, %rdi
	MAY_FAULT("verr no memory", verr (%rdi))
	movl	$0x1230, %eax
	MAY_FAULT("ltr", ltr %ax)
	MAY_FAULT("lldt", lldt %ax)
	MAY_FAULT("ltr busy", ltr tss_selector)
	xorl	%eax, %eax
	lldt	%ax
	ret
	.data
	.balign	8
place:	.quad	0
tss_selector:
	.quad	TSS_SELECTOR
