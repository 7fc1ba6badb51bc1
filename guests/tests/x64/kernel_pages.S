/*
 * A program touches pages of its kernel's, which the kernel has used before: beside pages of its own in one table, as a large page, and
 * pages that change hands with a flush or without one.
 */
#include "test.h"
#define PLACE	0x8000000000
#define LARGE	(PLACE + 0x200000)
#define LARGE_FRAME	0x2000000
#define PROGRAMS	0x67		/* accessed and dirty, writable, a program's */
#define KERNELS		0x63
#define LARGE_BIT	0x80

	.text
	.globl	main
main:	HOOK(14, page_fault)
	HOOK(VECTOR_SOFTWARE, software)
	movq	$third - LINK_OFFSET + 7, root + 8
	movq	$second - LINK_OFFSET + 7, third
	movq	$first - LINK_OFFSET + 7, second
	movq	$LARGE_FRAME + KERNELS + LARGE_BIT, second + 8
	/* 16 pages in a row, each other one a program's. */
	movq	$pages - LINK_OFFSET + PROGRAMS, %rax
	xorl	%ecx, %ecx
1:	movq	%rax, first(, %rcx, 8)
	xorq	$PROGRAMS ^ KERNELS, %rax
	addq	$0x1000, %rax
	incl	%ecx
	cmpl	$16, %ecx
	jb	1b
	call	touch
	movl	$program, %esi
	movl	$USER_CODE, %edi
	movl	$program_end - program, %ecx
	rep movsb
	movq	%rsp, kernel_stack
	pushq	$USER_DS
	pushq	$USER_STACK
	pushq	$2
	pushq	$USER_CS
	pushq	$USER_CODE
	iretq

/* The kernel writes to all of them. */
touch:	movabsq	$PLACE, %rdi
	movabsq	$0x1122334455667788, %rax
	movl	$16, %ecx
2:	movq	%rax, (%rdi)
	addq	$0x1000, %rdi
	loop	2b
	movabsq	$LARGE, %rdi
	movq	%rax, (%rdi)
	ret

page_fault:
	SHOW("page fault", TRAP_ERROR(%rax))
	movq	%cr2, %rcx
	SHOW("for", %rcx)
	movq	TRAP_RIP(%rax), %rcx
	subq	$USER_CODE, %rcx
	SHOW("at", %rcx)
	andq	$~15, TRAP_RIP(%rax)	/* to the next instruction: each has 16 bytes */
	addq	$16, TRAP_RIP(%rax)
	jmp	touch

/* What the program asks for with %ebx; it shows what it read. */
software:
	SHOW("read", 120(%rax))		/* RAX */
	movq	96(%rax), %rcx		/* RBX */
	cmpl	$1, %ecx
	je	exchange
	cmpl	$2, %ecx
	je	take_all
	movq	$0, root + 8
	movq	%cr3, %rax
	movq	%rax, %cr3
	movq	kernel_stack, %rsp
	ret

/* One page and the large one are given, which needs no flush; another page is taken. */
exchange:
	orq	$4, first + 8
	orq	$4, second + 8
	andq	$~4, first
	movabsq	$PLACE, %rcx
	invlpg	(%rcx)
	jmp	touch

/* All are taken. */
take_all:
	andq	$~4, second
	andq	$~4, second + 8
	movq	%cr3, %rcx
	movq	%rcx, %cr3
	jmp	touch

	.set	.Llilyvm_rewrite, 0
	.macro	ACCESSES
	.balign	16
	movabsq	PLACE, %rax
	.balign	16
	movabsq	PLACE + 0x1000, %rax
	.balign	16
	movabsq	%rax, PLACE + 0x2000
	.balign	16
	movabsq	%rax, PLACE + 0x3000
	.balign	16
	movabsq	LARGE, %rax
	.balign	16
	movabsq	%rax, LARGE
	.balign	16
	.endm
	.balign	16
program:
	ACCESSES
	movl	$1, %ebx
	int	$VECTOR_SOFTWARE
	ACCESSES
	movl	$2, %ebx
	int	$VECTOR_SOFTWARE
	ACCESSES
	movl	$3, %ebx
	int	$VECTOR_SOFTWARE
program_end:
	.set	.Llilyvm_rewrite, 1
	.bss
	.balign	0x1000
third:	.skip	0x1000
second:	.skip	0x1000
first:	.skip	0x1000
pages:	.skip	0x10000
kernel_stack:
	.skip	8
