/* String I/O that runs into an absent page: the fault shows how far it came, and it goes on from there. */
#include "test.h"
#define PORT	0x80
	.text
	.globl	main
main:	HOOK(14, page_fault)
	call	map_place
	movabsq	$PLACE + 0xffd, %rsi
	movw	$PORT, %dx
	movl	$6, %ecx
	rep outsb
	SHOW("left", %rcx)
	movabsq	$PLACE + 0x1003, %rax
	subq	%rsi, %rax
	SHOW("short of the end", %rax)
	movq	$0, first + 8
	movabsq	$PLACE + 0x1000, %rax
	invlpg	(%rax)
	movabsq	$PLACE + 0xffe, %rdi
	movb	$0x50, %al		/* a byte of the clock's memory that means nothing */
	outb	%al, $0x70
	movb	$0xa5, %al
	outb	%al, $0x71
	movb	$0x50, %al
	outb	%al, $0x70
	movw	$0x71, %dx
	movl	$4, %ecx
	rep insb
	SHOW("left", %rcx)
	movabsq	$PLACE + 0xffe, %rdi
	movl	(%rdi), %eax
	SHOW("read", %rax)
	jmp	unmap_place
page_fault:
	SHOW("page fault", TRAP_ERROR(%rax))
	SHOW("rcx", 112(%rax))
	movq	%cr2, %rcx
	SHOW("at", %rcx)
	movq	$other - LINK_OFFSET + 7, first + 8
	ret
