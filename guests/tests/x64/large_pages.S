/* Pages of 2 MiB and 1 GiB: their bits, their reserved bits, and a page of 4 KiB in the place of a large one. */
#include "test.h"
#define LARGE	0x87
	.text
	.globl	main
main:	movq	$third - LINK_OFFSET + 7, root + 8
	movq	$LARGE, third			/* the first GiB again */
	movq	$second - LINK_OFFSET + 7, third + 8
	movq	$0x1000000 + LARGE, second	/* 2 MiB at 16 MiB: this program */
	movabsq	$PLACE, %rdi
	movq	%rdi, %rsi
	addq	$marker - LINK_OFFSET, %rsi
	movq	(%rsi), %rax
	SHOW("by 1 GiB", %rax)
	movzbl	third, %eax
	SHOW("1 GiB after a read", %rax)
	movq	$0x1234, (%rsi)
	movzbl	third, %eax
	SHOW("1 GiB after a write", %rax)
	movabsq	$PLACE + 0x40000000, %rdx
	leaq	(%rdx), %rbx
	addq	$marker - LINK_OFFSET - 0x1000000, %rbx
	movq	(%rbx), %rax
	SHOW("by 2 MiB", %rax)
	movzbl	second, %eax
	SHOW("2 MiB after a read", %rax)
	addq	$1, (%rbx)
	movzbl	second, %eax
	SHOW("2 MiB after a write", %rax)
	SHOW("marker", marker)
	movq	$0x1002000 + LARGE, second	/* bit 13 of a 2 MiB page is reserved */
	invlpg	(%rdx)
	HOOK(14, reserved_bit)
	movb	(%rdx), %al
	movq	$0x200000 + LARGE, third	/* bit 21 of a 1 GiB page too */
	invlpg	(%rdi)
	movb	(%rdi), %al
	movq	$first - LINK_OFFSET + 7, second
	movq	$page - LINK_OFFSET + 7, first + 8
	movq	$0x99, page
	invlpg	(%rdx)
	MAY_FAULT("around the small page", movb (%rdx), %al)
	movq	0x1000(%rdx), %rax
	SHOW("small page", %rax)
	jmp	unmap_place
	.data
	.balign	8
marker:	.quad	0x1122
