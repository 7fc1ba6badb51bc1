/* iretq within the kernel, and frames that fault: reported at the iretq itself. */
#include "test.h"
	.text
	.globl	main
main:	movq	%rsp, %rbp
	movl	$KERNEL_DS, %eax
	pushq	%rax
	pushq	%rbp
	pushq	$0x203			/* carry, IF */
	pushq	$KERNEL_CS
	pushq	$1f
	iretq
1:	pushfq
	popq	%rax
	cli
	andl	$0x201, %eax
	SHOW("flags", %rax)
	subq	%rsp, %rbp
	SHOW("rsp", %rbp)
	pushq	$KERNEL_DS
	pushq	%rsp
	pushq	$2
	pushq	$0x1230
	pushq	$1b
	MAY_FAULT("bad selector", iretq)
	movq	$KERNEL_CS, 8(%rsp)
	movq	$0x1230, 32(%rsp)
	MAY_FAULT("bad stack selector", iretq)
	addq	$40, %rsp
	pushq	$OTHER_CS
	pushq	$2f
	lretq
2:	movl	%cs, %eax
	SHOW("lretq", %rax)
	pushq	$KERNEL_CS
	pushq	$3f
	lretq
3:	movl	%cs, %eax
	SHOW("back", %rax)
	movl	$4f, pointer
	movw	$OTHER_CS, pointer + 4
	ljmp	*pointer
4:	movl	%cs, %eax
	SHOW("ljmp", %rax)
	movl	$called, pointer
	movw	$KERNEL_CS, pointer + 4
	movl	$pointer, %r15d
	lcall	*(%r15)
	movl	%cs, %eax
	SHOW("after lcall", %rax)
	movw	$0x1230, pointer + 4
	MAY_FAULT("ljmp", ljmp *pointer(%rip))
	pushq	$KERNEL_CS
	pushq	$5f
	lretq
5:	ret
called:	movl	%cs, %eax
	SHOW("called", %rax)
	movl	4(%rsp), %eax
	SHOW("pushed", %rax)
	lretl
	.data
	.balign	8
pointer:
	.quad	0
