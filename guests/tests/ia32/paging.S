/* Page-table changes with invlpg, a second address space, accessed and dirty bits, write protection. */
#include "test.h"

#define WINDOW		0x00800000	/* virtual address under test, in page-directory entry 2 */
#define PDE_WINDOW	8
#define PTE_SUPERVISOR	3
#define PTE_READ_ONLY	1

	.globl	main
main:	movl	$0x11111111, first
	movl	$0x22222222, second
	movl	$window_table - LINK_OFFSET + PTE_SUPERVISOR, page_directory + PDE_WINDOW
	MAY_FAULT("not mapped", movl WINDOW, %eax)

	movl	$first - LINK_OFFSET + PTE_SUPERVISOR, window_table
	movl	WINDOW, %eax
	SHOW("first", %eax)
	call	show_bits
	movl	%eax, WINDOW
	call	show_bits

	movl	$second - LINK_OFFSET + PTE_SUPERVISOR, window_table
	invlpg	WINDOW
	movl	WINDOW, %eax
	SHOW("second", %eax)

	movl	$first - LINK_OFFSET + PTE_READ_ONLY, window_table
	movl	$WINDOW, %edi
	stc
	invlpg	(%edi)
	setc	%bl
	movzbl	%bl, %ebx
	SHOW("carry kept", %ebx)
	MAY_FAULT("write to a read-only page", movl $3, WINDOW)
	MAY_FAULT("the same by a segment move", movw %ds, (%edi))
	movl	%cr0, %eax
	andl	$~0x10000, %eax
	movl	%eax, %cr0
	MAY_FAULT("write without CR0.WP", movl $0x33333333, WINDOW)
	movl	%cr0, %eax
	orl	$0x10000, %eax
	movl	%eax, %cr0
	SHOW("first", first)

	movl	$0, window_table
	movl	$1, %ecx
	invlpg	-4(%edi, %ecx, 4)
	MAY_FAULT("not mapped again", movl WINDOW, %eax)

	/*
	 * Paging off and on again, from the identity mapping; converted code needs a stack there too, and does so before the first other
	 * address space.
	 */
	subl	$LINK_OFFSET, %esp
	movl	$1f - LINK_OFFSET, %eax
	jmp	*%eax
1:	movl	%cr0, %eax
	andl	$0x7fffffff, %eax
	movl	%eax, %cr0
	movl	first - LINK_OFFSET, %ebx
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	movl	$2f, %eax
	jmp	*%eax
2:	addl	$LINK_OFFSET, %esp
	SHOW("read while unpaged", %ebx)

	/* A second page directory, alike but for the window. */
	movl	$first - LINK_OFFSET + PTE_SUPERVISOR, window_table
	movl	$second - LINK_OFFSET + PTE_SUPERVISOR, other_table
	movl	page_directory, %eax
	movl	%eax, other_directory
	movl	%eax, other_directory + (LINK_OFFSET >> 20)
	movl	$other_table - LINK_OFFSET + PTE_SUPERVISOR, other_directory + PDE_WINDOW
	movl	$other_directory - LINK_OFFSET, %ecx
	movl	%cr3, %edx
	movl	%ecx, %cr3
	movl	WINDOW, %eax
	SHOW("other address space", %eax)
	movl	%edx, %cr3
	movl	WINDOW, %eax
	SHOW("first address space", %eax)
	movl	%ecx, %cr3
	movl	%cr3, %ebx
	subl	$other_directory - LINK_OFFSET, %ebx
	SHOW("cr3", %ebx)
	MAY_FAULT("a fault there", movl WINDOW + 0x1000, %eax)
	MAY_FAULT("and inside a sensitive instruction", lgdt WINDOW + 0x1000)
	movl	%edx, %cr3
	ret

show_bits:
	movl	window_table, %ebx
	andl	$0x60, %ebx
	SHOW("accessed, dirty", %ebx)
	ret

	.bss
	.balign	0x1000
first:	.skip	0x1000
second:	.skip	0x1000
other_table:
	.skip	0x1000
other_directory:
	.skip	0x1000
