/* in and out of all widths, with the port in DX and as an immediate; what a narrow read leaves of EAX. */
#include "test.h"

	.globl	main
main:	movl	$0xaabbcc8f, %eax
	outb	%al, $0x70
	movl	$0xaabbcc5a, %eax
	outb	%al, $0x71
	movb	$0x8f, %al
	movw	$0x70, %dx
	outb	%al, %dx
	movl	$0x11223344, %eax
	inb	$0x71, %al
	SHOW("inb immediate", %eax)
	movb	$0x8f, %al
	outb	%al, %dx
	movl	$0x55667788, %eax
	incl	%edx
	inb	%dx, %al
	SHOW("inb dx", %eax)

	/* PCI configuration space: the host bridge's identity, through all widths. */
	movl	$0x80000000, %eax
	movw	$0xcf8, %dx
	outl	%eax, %dx
	inl	%dx, %eax
	SHOW("PCI address, outl and inl", %eax)
	movw	$0xcfc, %dx
	movl	$-1, %eax
	inl	%dx, %eax
	SHOW("PCI identity, inl", %eax)
	movl	$-1, %eax
	inw	%dx, %ax
	SHOW("PCI identity, inw", %eax)
	movl	$-1, %eax
	inb	%dx, %al
	SHOW("PCI identity, inb", %eax)

	/* 8259 mask registers and the delay port by immediates of every width. */
	movl	$0xa5a5a5fd, %eax
	outb	%al, $0x21
	movl	$0, %eax
	inb	$0x21, %al
	SHOW("mask", %eax)
	movb	$0xff, %al
	outb	%al, $0x21
	outw	%ax, $0x80
	outl	%eax, $0x80
	movw	$0x80, %dx
	outw	%ax, %dx
	stc
	outb	%al, $0x80
	inb	$0x80, %al
	setc	%bl
	movzbl	%bl, %ebx
	SHOW("carry kept", %ebx)
	movl	$0x12345678, %eax
	inw	$0xe0, %ax
	SHOW("inw immediate, nobody there", %eax)
	movl	$0x12345678, %eax
	inl	$0xe0, %eax
	SHOW("inl immediate, nobody there", %eax)
	ret
