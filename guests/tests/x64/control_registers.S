/* Control registers: reads and writes, by low and extended registers. */
#include "test.h"
	.text
	.globl	main
main:	movq	%cr0, %rax
	andl	$0x80010001, %eax
	SHOW("cr0", %rax)
	movq	%cr3, %r13
	subq	$root - LINK_OFFSET, %r13
	SHOW("cr3 - root", %r13)
	movq	%cr4, %r8
	SHOW("cr4", %r8)
	movl	$0x12345678, %r9d
	movq	%r9, %cr2
	movq	%cr2, %r10
	SHOW("cr2", %r10)
	movl	$5, %eax
	movq	%rax, %cr8
	xorl	%eax, %eax
	movq	%cr8, %r11
	SHOW("cr8", %r11)
	movq	%rax, %cr8
	clts
	movq	%cr0, %rbp
	orq	$8, %rbp
	movq	%rbp, %cr0
	movq	%cr0, %rbx
	andl	$8, %ebx
	SHOW("ts set", %rbx)
	clts
	movq	%cr0, %rbx
	andl	$8, %ebx
	SHOW("ts clear", %rbx)
	smsw	%rcx
	andl	$9, %ecx
	SHOW("smsw", %rcx)
	ret
