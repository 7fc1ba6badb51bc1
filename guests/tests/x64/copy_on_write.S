/* Copy on write: a program and the kernel write to a shared page; CR0.WP says whether the kernel's write faults. */
#include "test.h"
#define CR0_WP	0x10000
	.text
	.globl	main
main:	HOOK(14, page_fault)
	HOOK(VECTOR_SOFTWARE, software)
	call	map_place
	movq	$0x77, page
	call	share
	SAY("the kernel writes")
	movabsq	$PLACE, %rdi
	addq	$1, (%rdi)
	call	show_both
	call	share
	SAY("without WP")
	movq	%cr0, %rax
	andq	$~CR0_WP, %rax
	movq	%rax, %cr0
	addq	$1, (%rdi)
	orq	$CR0_WP, %rax
	movq	%rax, %cr0
	call	show_both
	call	share
	SAY("a program writes")
	RUN_PROGRAM($2)
	ret
share:	movq	$page - LINK_OFFSET + 5, first
	movabsq	$PLACE, %rax
	invlpg	(%rax)
	ret
show_both:
	SHOW("page", page)
	SHOW("copy", other)
	ret
page_fault:
	SHOW("page fault", TRAP_ERROR(%rax))
	movl	$page, %esi
	movl	$other, %edi
	movl	$512, %ecx
	rep movsq
	movq	$other - LINK_OFFSET + 7, first
	movabsq	$PLACE, %rcx
	invlpg	(%rcx)
	ret
software:
	SHOW("the program read", 120(%rax))	/* RAX */
	call	show_both
	call	unmap_place
	jmp	leave_program
	RING_3_CODE
program:
	movabsq	$PLACE, %rdi
	movq	(%rdi), %rax
	addq	$5, %rax
	movq	%rax, (%rdi)
	xorl	%eax, %eax
	movq	(%rdi), %rax
	int	$VECTOR_SOFTWARE
program_end:
	RING_3_CODE_END
