/* Page tables of four levels for PLACE, apart from those that the guest runs by, and two pages for them. */
#include "test.h"

#define ALL		7		/* present, writable, user */

	.text
/* Maps `page` at PLACE. */
	.globl	map_place
map_place:
	movq	$page - LINK_OFFSET + ALL, first
	movq	$first - LINK_OFFSET + ALL, second
	movq	$second - LINK_OFFSET + ALL, third
	movq	$third - LINK_OFFSET + ALL, root + 8
	ret

/* Takes all of the tables away. Clobbers %rax. */
	.globl	unmap_place
unmap_place:
	movq	$0, root + 8
	/* fall through */

/* Clobbers %rax. */
	.globl	flush
flush:	movq	%cr3, %rax
	movq	%rax, %cr3
	ret

/* A page fault by a reserved bit, of an instruction of two bytes. QEMU 7.2 leaves out that the page is present (SDM vol. 3, 4.7). */
	.globl	reserved_bit
reserved_bit:
	movq	TRAP_ERROR(%rax), %rcx
	orl	$1, %ecx
	SHOW("a reserved bit: error", %rcx)
	addq	$2, TRAP_RIP(%rax)
	ret

	.bss
	.globl	third, second, first, page, other
	.balign	0x1000
third:	.skip	0x1000
second:	.skip	0x1000
first:	.skip	0x1000
page:	.skip	0x1000
other:	.skip	0x1000
