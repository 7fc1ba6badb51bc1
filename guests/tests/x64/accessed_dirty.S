/* A walk through four levels sets the accessed bit in each, a write the dirty bit in the last; tables for a page at 512 GiB. */
#include "test.h"
#define BITS(name, table)	movq table, %rax; andl $0xfff, %eax; SHOW(name, %rax)
	.text
	.globl	main
main:	call	map_place
	movq	$page - LINK_OFFSET + 1, first + 8	/* read-only, the kernel's */
	movq	$0x55667788, page
	movabsq	$PLACE, %rdi
	movq	(%rdi), %rax
	SHOW("read", %rax)
	call	show_all
	movb	$1, (%rdi)
	BITS("page after a write", first)
	andq	$~0x60, first			/* accessed and dirty */
	andq	$~0x20, second
	invlpg	(%rdi)
	cmpb	$1, (%rdi)
	BITS("page anew", first)
	BITS("table anew", second)
	addq	$0x1000, %rdi
	MAY_FAULT("write of a read-only page", movb $2, (%rdi))
	BITS("read-only page", first + 8)
	movzbl	(%rdi), %eax
	SHOW("the same page", %rax)
	BITS("read-only page after a read", first + 8)
	addq	$0x1000, %rdi
	MAY_FAULT("absent page", movb (%rdi), %al)
	andq	$~1, second
	invlpg	(%rdi)
	subq	$0x2000, %rdi
	invlpg	(%rdi)
	MAY_FAULT("absent table", movb (%rdi), %al)
	movq	$0, root + 8
	invlpg	(%rdi)
	MAY_FAULT("absent entry of the root", movb (%rdi), %al)
	movq	%cr2, %rax
	SHOW("cr2", %rax)
	ret
show_all:	BITS("root", root + 8)
	BITS("third level", third)
	BITS("second level", second)
	BITS("page", first)
	ret
