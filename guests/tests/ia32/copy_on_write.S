/*
 * Copy on write as kernels do it: a shared page is made read-only, ring 3 writes, the kernel gives it a copy and flushes, by invlpg or by a
 * load of CR3.
 */
#include "test.h"

#define WINDOW		0x00800000
#define PDE_WINDOW	8
#define READ_ONLY	5
#define OPEN		7

	.globl	main
main:	call	user_init
	HOOK(14, copy)
	movl	$LOW(window_table) + OPEN, page_directory + PDE_WINDOW
	movl	$0x11111111, shared
	movl	$LOW(shared) + OPEN, window_table
	movl	$LOW(shared) + OPEN, window_table + 4

	SAY("by invlpg")
	call	run
	invlpg	WINDOW
	invlpg	WINDOW + 0x1000
	call	share
	invlpg	WINDOW
	invlpg	WINDOW + 0x1000
	call	run

	SAY("by cr3")
	movl	$1, by_cr3
	call	share
	call	flush
	call	run
	SHOW("copies", copies)
	ret

run:	RUN_RING_3(ring_3, $0x202)
	SHOW("shared", shared)
	SHOW("private", private)
	ret

/* Both addresses get the same page, as after a fork. */
share:	movl	$LOW(shared) + READ_ONLY, window_table
	movl	$LOW(shared) + READ_ONLY, window_table + 4
	ret

flush:	movl	%cr3, %eax
	movl	%eax, %cr3
	ret

copy:	movl	%cr2, %ecx
	SHOW("copy for", %ecx)
	SHOW("  error", TRAP_ERROR(%eax))
	incl	copies
	movl	$shared, %esi
	movl	$private, %edi
	movl	$1024, %ecx
	rep movsl
	movl	$LOW(private) + OPEN, window_table
	cmpl	$0, by_cr3
	jne	flush
	invlpg	WINDOW
	ret

	RING_3_CODE
ring_3:	TELL(WINDOW)
	TELL(WINDOW + 0x1000)
	incl	WINDOW
	TELL(WINDOW)
	TELL(WINDOW + 0x1000)
	LEAVE_RING_3
	RING_3_CODE_END

	.bss
	.balign	0x1000
shared:	.skip	0x1000
private:
	.skip	0x1000
by_cr3:	.skip	4
copies:	.skip	4
