/* One page at 81,920 addresses, each of which is a mapping of its own for a host, that gives a process no more than 65,530 as a rule. */
#include "test.h"
#define TABLES	160
	.text
	.globl	main
main:	movq	$third - LINK_OFFSET + 7, root + 8
	movq	$second - LINK_OFFSET + 7, third
	movl	$tables - LINK_OFFSET + 7, %eax
	xorl	%ecx, %ecx
1:	movq	%rax, second(, %rcx, 8)
	addq	$0x1000, %rax
	incl	%ecx
	cmpl	$TABLES, %ecx
	jb	1b
	movl	$page - LINK_OFFSET + 7, %eax
	movl	$tables, %edi
	movl	$TABLES * 512, %ecx
	rep stosq
	movq	$3, page
	movl	$TABLES * 512, %ecx
	call	sum
	SHOW("sum", %r12)
	movabsq	$PLACE, %rax
	movq	$5, (%rax)
	movl	$512, %ecx
	call	sum
	SHOW("the first again", %r12)
	jmp	unmap_place

/* Reads %ecx of them. */
sum:	movabsq	$PLACE, %rdi
	xorl	%r12d, %r12d
1:	addq	(%rdi), %r12
	addq	$0x1000, %rdi
	decl	%ecx
	jnz	1b
	ret
	.bss
	.balign	0x1000
third:	.skip	0x1000
second:	.skip	0x1000
tables:	.skip	0x1000 * TABLES
