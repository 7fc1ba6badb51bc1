/* Three page directories with different pages at one address, in use by ring 3 in turn; global pages and how they are forgotten. */
#include "test.h"

#define WINDOW		0x00800000
#define PDE_WINDOW	8
#define OPEN		7
#define GLOBAL		0x107
#define CR4_PGE		0x80
#define ROUNDS		4

	.globl	main
main:	call	user_init
	movl	$tables, %edi
	movl	$directories, %esi
	movl	$pages, %ebx
	xorl	%ecx, %ecx
1:	leal	1(%ecx), %eax
	movl	%eax, (%ebx)
	leal	OPEN - LINK_OFFSET(%ebx), %eax
	movl	%eax, (%edi)
	leal	OPEN - LINK_OFFSET(%edi), %eax
	movl	%eax, PDE_WINDOW(%esi)
	movl	page_directory, %eax
	movl	%eax, (%esi)
	movl	%eax, LINK_OFFSET >> 20(%esi)
	addl	$0x1000, %edi
	addl	$0x1000, %esi
	addl	$0x1000, %ebx
	incl	%ecx
	cmpl	$3, %ecx
	jb	1b

	movl	$ROUNDS, rounds
2:	movl	$LOW(directories), %eax
	call	run_in
	movl	$LOW(directories) + 0x1000, %eax
	call	run_in
	movl	$LOW(directories) + 0x2000, %eax
	call	run_in
	decl	rounds
	jnz	2b

	/* A table that changes while another directory is in use. */
	movl	$LOW(pages) + 0x2000 + OPEN, tables
	movl	$LOW(directories), %eax
	call	run_in
	SHOW("page 0", pages)
	SHOW("page 1", pages + 0x1000)
	SHOW("page 2", pages + 0x2000)

	/* Global: what was in the kernel's window is seen to change after invlpg, or when CR4.PGE changes. */
	movl	%cr4, %eax
	orl	$CR4_PGE, %eax
	movl	%eax, %cr4
	movl	$LOW(pages) + GLOBAL, tables
	movl	$LOW(directories), %ecx
	movl	%ecx, %cr3
	movl	WINDOW, %ebx
	SHOW("global", %ebx)
	movl	$LOW(pages) + 0x1000 + GLOBAL, tables
	invlpg	WINDOW
	movl	WINDOW, %ebx
	SHOW("after invlpg", %ebx)
	movl	$LOW(pages) + 0x2000 + GLOBAL, tables
	movl	%cr4, %eax
	andl	$~CR4_PGE, %eax
	movl	%eax, %cr4
	movl	WINDOW, %ebx
	SHOW("after the end of PGE", %ebx)
	orl	$CR4_PGE, %eax
	movl	%eax, %cr4
	movl	$LOW(pages) + OPEN, tables
	andl	$~CR4_PGE, %eax
	movl	%eax, %cr4
	movl	WINDOW, %ebx
	SHOW("and again", %ebx)
	ret

run_in:	movl	%eax, %cr3
	RUN_RING_3(ring_3, $0x202)
	movl	WINDOW, %ebx
	SHOW("the kernel sees", %ebx)
	ret

	RING_3_CODE
ring_3:	TELL(WINDOW)
	addl	$0x10, WINDOW
	TELL(WINDOW)
	LEAVE_RING_3
	RING_3_CODE_END

	.bss
	.balign	0x1000
directories:
	.skip	0x3000
tables:	.skip	0x3000
pages:	.skip	0x3000
rounds:	.skip	4
