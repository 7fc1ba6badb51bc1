/*
 * Waits for keys with interrupts off and prints them. q ends it with status 7, f by a triple fault; K, C and A by the reset ports of the
 * keyboard controller, the chip set and port 92h; O powers off, H halts, N tells of a panic. W writes to the reset flag, which some kernels
 * do at their start.
 */
#include "test.h"

#define KEY(key, label)	cmpb $key, %al; je label

	.globl	main
main:	movb	$3, %al			/* DTR and RTS: it may be typed */
	movw	$0x3fc, %dx
	outb	%al, %dx
	SAY("ready")
1:	movw	$0x3fd, %dx
	inb	%dx, %al
	testb	$1, %al			/* received */
	jz	1b
	movw	$0x3f8, %dx
	inb	%dx, %al
	KEY('q', 2f)
	KEY('f', 3f)
	KEY('W', 4f)
	KEY('K', 5f)
	KEY('C', 6f)
	KEY('A', 7f)
	KEY('O', 8f)
	KEY('H', 9f)
	KEY('N', 10f)
	outb	%al, %dx
	jmp	1b
2:	movb	$7, %al
	jmp	leave_machine
	.globl	crash
crash:
3:	lidt	nothing
	ud2
4:	movw	$0x1234, LINK_OFFSET + 0x472
	jmp	1b
5:	movb	$0xfe, %al
	outb	%al, $0x64
6:	movb	$6, %al
	movw	$0xcf9, %dx
	outb	%al, %dx
7:	movb	$1, %al
	outb	%al, $0x92
8:	movw	$0x2000, %ax		/* sleep enable, type 0 */
	movw	$0x604, %dx
	outw	%ax, %dx
9:	hlt
10:	movb	$1, %al
	movw	$0x505, %dx
	outb	%al, %dx

	.data
nothing:
	.word	0
	.long	0
