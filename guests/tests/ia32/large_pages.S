/* Pages of 4 MiB: accessed and dirty bits, rights, another frame, and a table of small pages in their place. */
#include "test.h"

#define WINDOW		0x00800000
#define PDE_WINDOW	page_directory + 8
#define FIRST		0x01000000	/* physical */
#define SECOND		0x01400000
#define LARGE		0x87
#define LARGE_READ_ONLY	0x85
#define LARGE_KERNEL	0x83
#define OPEN		7
#define CR4_PSE		0x10

	.globl	main
main:	call	user_init
	movl	%cr4, %eax
	orl	$CR4_PSE, %eax
	movl	%eax, %cr4

	movl	$SECOND + LARGE, PDE_WINDOW
	movl	$0x22222222, WINDOW + 0x3ff000
	invlpg	WINDOW
	movl	$FIRST + LARGE, PDE_WINDOW
	invlpg	WINDOW
	movl	WINDOW + 0x3ff000, %eax
	SHOW("first", %eax)
	call	show_bits
	movl	$0x11111111, WINDOW + 0x123000
	call	show_bits
	movl	$SECOND + LARGE, PDE_WINDOW
	invlpg	WINDOW + 0x5000			/* any address in it */
	movl	WINDOW + 0x3ff000, %eax
	SHOW("second", %eax)
	movl	WINDOW + 0x123000, %eax
	SHOW("second", %eax)

	movl	$SECOND + LARGE_READ_ONLY, PDE_WINDOW
	invlpg	WINDOW
	MAY_FAULT("write to a read-only one", movl $1, WINDOW)
	RUN_RING_3(ring_3, $0x202)
	movl	$FIRST + LARGE_KERNEL, PDE_WINDOW
	movl	%cr3, %eax
	movl	%eax, %cr3
	RUN_RING_3(ring_3, $0x202)
	movl	WINDOW + 0x123000, %eax
	SHOW("the kernel reads", %eax)

	/* Small pages: one of them in the other frame. */
	movl	$LOW(table) + OPEN, PDE_WINDOW
	movl	$FIRST + 0x123000 + OPEN, table + 4 * 0x3ff
	movl	$SECOND + 0x3ff000 + OPEN, table + 4 * 0x123
	invlpg	WINDOW + 0x123000
	invlpg	WINDOW + 0x3ff000
	movl	WINDOW + 0x123000, %eax
	SHOW("small", %eax)
	movl	WINDOW + 0x3ff000, %eax
	SHOW("small", %eax)
	MAY_FAULT("no small page", movl WINDOW, %eax)
	movl	$FIRST + LARGE, PDE_WINDOW
	movl	%cr3, %eax
	movl	%eax, %cr3
	movl	WINDOW + 0x123000, %eax
	SHOW("large again", %eax)
	RUN_RING_3(ring_3, $0x202)
	ret

show_bits:
	movl	PDE_WINDOW, %ebx
	andl	$0x60, %ebx
	SHOW("accessed, dirty", %ebx)
	ret

	RING_3_CODE
ring_3:	movl	$0x33333333, %ecx
	USER_MAY_FAULT(movl WINDOW + 0x123000, %ecx)
	TELL(%ecx)
	USER_MAY_FAULT(movl %ecx, WINDOW + 0x200000)
	LEAVE_RING_3
	RING_3_CODE_END

	.bss
	.balign	0x1000
table:	.skip	0x1000
