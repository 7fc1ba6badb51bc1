/* A changed page-table entry is seen at the latest after INVLPG, a load of CR3, or for global pages a change of CR4.PGE. */
#include "test.h"
#define GLOBAL	0x107
#define CR4_PGE	0x80
	.text
	.globl	main
main:	call	map_place
	movq	$0x1111, page
	movq	$0x2222, other
	movabsq	$PLACE, %rdi
	movq	$page - LINK_OFFSET + 7, first
	SHOW("mapped", (%rdi))
	movq	$other - LINK_OFFSET + 7, first
	invlpg	(%rdi)
	SHOW("after invlpg", (%rdi))
	movq	$page - LINK_OFFSET + 7, first
	call	flush
	SHOW("after a load of cr3", (%rdi))
	movq	%cr4, %rbx
	orq	$CR4_PGE, %rbx
	movq	%rbx, %cr4
	movq	$other - LINK_OFFSET + GLOBAL, first
	invlpg	(%rdi)
	SHOW("global", (%rdi))
	call	flush
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
	call	unmap_place
	MAY_FAULT("the whole table gone", movb (%rdi), %al)
	ret
