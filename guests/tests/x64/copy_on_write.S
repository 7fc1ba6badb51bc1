/* Copy on write: a program and the kernel write to a shared page; CR0.WP says whether the kernel's write faults. */
#include "test.h"
#define CR0_WP	0x10000
#define PLACE	0x8000000000
	.text
	.globl	main
main:	HOOK(14, page_fault)
	HOOK(VECTOR_SOFTWARE, software)
	movq	$third - LINK_OFFSET + 7, root + 8
	movq	$second - LINK_OFFSET + 7, third
	movq	$first - LINK_OFFSET + 7, second
	movl	$program, %esi
	movl	$USER_CODE, %edi
	movl	$program_end - program, %ecx
	rep movsb
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
	movq	%rsp, kernel_stack
	pushq	$USER_DS
	pushq	$USER_STACK
	pushq	$2
	pushq	$USER_CS
	pushq	$USER_CODE
	iretq
share:	movq	$page - LINK_OFFSET + 5, first
	movabsq	$PLACE, %rax
	invlpg	(%rax)
	ret
show_both:
	SHOW("page", page)
	SHOW("copy", copy)
	ret
page_fault:
	SHOW("page fault", TRAP_ERROR(%rax))
	movl	$page, %esi
	movl	$copy, %edi
	movl	$512, %ecx
	rep movsq
	movq	$copy - LINK_OFFSET + 7, first
	movabsq	$PLACE, %rcx
	invlpg	(%rcx)
	ret
software:
	SHOW("the program read", 120(%rax))	/* RAX */
	call	show_both
	movq	$0, root + 8
	movq	%cr3, %rax
	movq	%rax, %cr3
	movq	kernel_stack, %rsp
	ret
	.set	.Llilyvm_rewrite, 0
program:
	movabsq	$PLACE, %rdi
	movq	(%rdi), %rax
	addq	$5, %rax
	movq	%rax, (%rdi)
	xorl	%eax, %eax
	movq	(%rdi), %rax
	int	$VECTOR_SOFTWARE
program_end:
	.set	.Llilyvm_rewrite, 1
	.bss
	.balign	0x1000
third:	.skip	0x1000
second:	.skip	0x1000
first:	.skip	0x1000
page:	.skip	0x1000
copy:	.skip	0x1000
kernel_stack:
	.skip	8
