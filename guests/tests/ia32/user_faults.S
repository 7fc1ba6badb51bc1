/* Page faults of ring 3: error codes, addresses, accessed and dirty bits, pages mapped on demand, and the kernel's pages. */
#include "test.h"

#define WINDOW		0x00800000
#define PDE_WINDOW	8
#define SUPERVISOR	3
#define READ_ONLY	5
#define OPEN		7

	.globl	main
main:	call	user_init
	movl	$LOW(window_table) + OPEN, page_directory + PDE_WINDOW
	movl	$LOW(first) + READ_ONLY, window_table + 4
	movl	$LOW(first) + SUPERVISOR, window_table + 8
	movl	$LOW(second) + OPEN, window_table + 12
	movl	$0xc3, second		/* ret */
	movl	$0xaabbccdd, second + 0xffc

	/* The kernel at LINK_OFFSET gets its own table, which ring 3 may not use but for one page. */
	movl	$page_table, %esi
	movl	$kernel_table, %edi
	movl	$1024, %ecx
1:	lodsl
	andl	$~4, %eax
	stosl
	loop	1b
	movl	$LOW(kernel_table) + OPEN, page_directory + (LINK_OFFSET >> 20)
	movl	%cr3, %eax
	movl	%eax, %cr3

	RUN_RING_3(ring_3, $0x202)
	call	show_bits
	movl	%cr3, %eax		/* forget, so that the bits are set anew */
	andl	$~0x60, window_table + 12
	movl	%eax, %cr3
	RUN_RING_3(reading, $0x202)
	call	show_bits
	RUN_RING_3(writing, $0x202)
	call	show_bits

	HOOK(14, map_on_demand)
	RUN_RING_3(demanding, $0x202)
	SHOW("faults", faults)
	ret

show_bits:
	movl	window_table + 12, %ebx
	andl	$0x60, %ebx
	SHOW("accessed, dirty", %ebx)
	movl	window_table + 4, %ebx
	andl	$0x60, %ebx
	SHOW("of the read-only page", %ebx)
	ret

/* Maps the next page of a few where it is missing, and lets the instruction run again. */
map_on_demand:
	movl	%cr2, %ecx
	SHOW("demand, error", TRAP_ERROR(%eax))
	SHOW("  cr2", %ecx)
	incl	faults
	shrl	$12, %ecx
	andl	$0x3ff, %ecx
	movl	faults, %eax
	shll	$12, %eax
	addl	$LOW(pages) - 0x1000 + OPEN, %eax
	movl	%eax, window_table(, %ecx, 4)
	ret

	RING_3_CODE
ring_3:	USER_MAY_FAULT(movl WINDOW, %ecx)
	USER_MAY_FAULT(movl %ecx, WINDOW + 4)
	USER_MAY_FAULT(movl WINDOW + 0x1000, %ecx)
	USER_MAY_FAULT(movl %ecx, WINDOW + 0x1000)
	USER_MAY_FAULT(addl %ecx, WINDOW + 0x1ffc)
	USER_MAY_FAULT(movl WINDOW + 0x2000, %ecx)
	USER_MAY_FAULT(movl %ecx, WINDOW + 0x2000)
	USER_MAY_FAULT(movl WINDOW + 0x1ffe, %ecx)	/* over the edge to the kernel's */
	USER_MAY_FAULT(movl WINDOW + 0x3ffe, %ecx)	/* over the edge to nothing */
	USER_MAY_FAULT(movl %ecx, WINDOW + 0x3ffe)
	TELL(WINDOW + 0x3ffc)				/* unchanged */
	USER_MAY_FAULT(movl 0x00c00000, %ecx)		/* no page table */

	/* Fetches. */
	movl	$WINDOW + 0x3000, %ecx
	call	*%ecx
	movl	$WINDOW, %ecx
	movl	$LOW(1f), %ebp
	jmp	*%ecx
1:	movl	$WINDOW + 0x2000, %ecx
	movl	$LOW(2f), %ebp
	jmp	*%ecx
2:
	/* The kernel. */
	movl	$LINK_OFFSET, %esi
	USER_MAY_FAULT(movl LINK_OFFSET + 0x100000, %ecx)
	USER_MAY_FAULT(movl %ecx, LINK_OFFSET + 0x100000)
	USER_MAY_FAULT(movb $1, 0x100000(%esi))
	USER_MAY_FAULT(movzbl 0x100001(%esi), %ecx)
	USER_MAY_FAULT(lodsl)
	USER_MAY_FAULT(cmpl $1, 0x500000(%esi))		/* nothing there */
	USER_MAY_FAULT(movl %ecx, 0x500000(%esi))
	TELL(%esi)
	LEAVE_RING_3

reading:
	movl	WINDOW + 0x3000, %ecx
	LEAVE_RING_3
writing:
	movl	%ecx, WINDOW + 0x3100
	LEAVE_RING_3

demanding:
	movl	$0xcafe0001, WINDOW + 0x10000
	movl	$0xcafe0002, WINDOW + 0x11ffe		/* two pages */
	movl	$WINDOW + 0x20ff8, %edi
	movl	$0xcafe0003, %eax
	movl	$4, %ecx
	rep stosl
	TELL(WINDOW + 0x10000)
	TELL(WINDOW + 0x11ffe)
	TELL(WINDOW + 0x12000)
	TELL(WINDOW + 0x20ffc)
	TELL(WINDOW + 0x21004)
	TELL(%ecx)
	movl	$WINDOW + 0x30008, %esp			/* a new stack that grows */
	pushl	$0xcafe0004
	pushl	$0xcafe0005
	pushl	$0xcafe0006
	popl	%ecx
	TELL(%ecx)
	LEAVE_RING_3
	RING_3_CODE_END

	.bss
	.balign	0x1000
kernel_table:
	.skip	0x1000
first:	.skip	0x1000
second:	.skip	0x1000
pages:	.skip	0x8000
faults:	.skip	4
