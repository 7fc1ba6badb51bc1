/* A changed page-table entry is seen at the latest after INVLPG, a load of CR3, or for global pages a change of CR4.PGE. */
#include "test.h"
#define PLACE	0x8000000000
#define GLOBAL	0x107
#define CR4_PGE	0x80
	.text
	.globl	main
main:	movq	$third - LINK_OFFSET + 7, root + 8
	movq	$second - LINK_OFFSET + 7, third
	movq	$first - LINK_OFFSET + 7, second
	movq	$0x1111, page
	movq	$0x2222, other
	movabsq	$PLACE, %rdi
	movq	$page - LINK_OFFSET + 7, first
	SHOW("mapped", (%rdi))
	movq	$other - LINK_OFFSET + 7, first
	invlpg	(%rdi)
	SHOW("after invlpg", (%rdi))
	movq	$page - LINK_OFFSET + 7, first
	movq	%cr3, %rax
	movq	%rax, %cr3
	SHOW("after a load of cr3", (%rdi))
	movq	%cr4, %rbx
	orq	$CR4_PGE, %rbx
	movq	%rbx, %cr4
	movq	$other - LINK_OFFSET + GLOBAL, first
	invlpg	(%rdi)
	SHOW("global", (%rdi))
	movq	%cr3, %rax
	movq	%rax, %cr3
	SHOW("after a load of cr3", (%rdi))
	movq	$page - LINK_OFFSET + GLOBAL, first
	invlpg	(%rdi)
	SHOW("after invlpg", (%rdi))
	movq	$other - LINK_OFFSET + GLOBAL, first
	andq	$~CR4_PGE, %rbx
	movq	%rbx, %cr4
	SHOW("after cr4.pge", (%rdi))
	/* A right that is taken away, and one that is given, which needs no flush after the fault. */
	movq	$other - LINK_OFFSET + 1, first
	invlpg	(%rdi)
	MAY_FAULT("read-only", movb $1, (%rdi))
	movq	$other - LINK_OFFSET + 3, first
	MAY_FAULT("writable", movb $1, (%rdi))
	movq	$0, first
	invlpg	(%rdi)
	MAY_FAULT("gone", movb (%rdi), %al)
	movq	$page - LINK_OFFSET + 3, first
	SHOW("present, without a flush", (%rdi))
	movq	$0, root + 8
	movq	%cr3, %rax
	movq	%rax, %cr3
	MAY_FAULT("the whole table gone", movb (%rdi), %al)
	ret
	.bss
	.balign	0x1000
third:	.skip	0x1000
second:	.skip	0x1000
first:	.skip	0x1000
page:	.skip	0x1000
other:	.skip	0x1000
