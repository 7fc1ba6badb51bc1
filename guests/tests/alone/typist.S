/* Waits for keys with interrupts off and prints them; q ends it with status 7, f by a triple fault. */
#include "test.h"

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
	cmpb	$'q', %al
	je	2f
	cmpb	$'f', %al
	je	3f
	outb	%al, %dx
	jmp	1b
2:	movb	$7, %al
	jmp	leave_machine
3:	lidt	nothing
	ud2

	.data
nothing:
	.word	0
	.long	0
