/* RAM on both sides of the PC's hole below 4 GiB, by pages of each size, and page tables there. Wants 5 GiB: 3 below, 2 from 4 GiB on. */
#include "test.h"
#define LARGE	0x87
#define HIGH	0x100000000		/* 4 GiB */
#define LAST	0x17ffffff8		/* the last word */
#define TABLES	0x140000000		/* 5 GiB: a directory, and the tables below it */
	.text
	.globl	main
main:	movq	$third - LINK_OFFSET + 7, root + 8
	movq	$LARGE, third				/* the first GiB, then what ends below the hole, then the two high ones */
	movl	$0x80000000 + LARGE, %eax
	movq	%rax, third + 8
	movabsq	$HIGH + LARGE, %rax
	movq	%rax, third + 16
	movabsq	$TABLES + LARGE, %rax
	movq	%rax, third + 24
	movabsq	$PLACE, %rbx
	movabsq	$PLACE + 0x7ffffff8, %rdi		/* below the hole */
	movabsq	$PLACE + 0x80000000, %rsi		/* behind it */
	movabsq	$PLACE + LAST - HIGH + 0x80000000, %rdx
	movq	$0x1111, (%rdi)
	movq	$0x2222, (%rsi)
	movq	$0x3333, (%rdx)
	SHOW("below the hole", (%rdi))
	SHOW("behind it", (%rsi))
	SHOW("the last word", (%rdx))
	movq	marker - LINK_OFFSET(%rbx), %rax
	SHOW("low", %rax)

	/* A directory at 5 GiB, its first entry a page of 2 MiB, its second one a table beside it with pages of 4 KiB. */
	movabsq	$PLACE + 0xc0000000, %r14
	movabsq	$HIGH + LARGE, %rax
	movq	%rax, (%r14)
	movabsq	$TABLES + 0x1007, %rax
	movq	%rax, 8(%r14)
	movabsq	$HIGH + 7, %rax
	movq	%rax, 0x1000(%r14)
	movl	$0xbffff007, %eax
	movq	%rax, 0x1008(%r14)
	movabsq	$TABLES + 7, %rax
	movq	%rax, third + 32
	movabsq	$PLACE + 0x100000000, %r15
	movq	(%r15), %rax
	SHOW("by 2 MiB", %rax)
	movq	0x200000(%r15), %rax
	SHOW("by 4 KiB", %rax)
	movq	0x201ff8(%r15), %rax
	SHOW("below the hole by 4 KiB", %rax)
	addq	$1, 0x200000(%r15)
	addq	$1, 8(%r15)
	SHOW("written", (%rsi))
	SHOW("beside it", 8(%rsi))
	movzbl	(%r14), %eax
	SHOW("marks of 2 MiB", %rax)
	movzbl	0x1000(%r14), %eax
	SHOW("marks of 4 KiB", %rax)
	jmp	unmap_place
	.data
	.balign	8
marker:	.quad	0x1122
	.bss
	.balign	0x1000
third:	.skip	0x1000
