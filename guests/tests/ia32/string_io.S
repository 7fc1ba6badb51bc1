/*
 * ins and outs of all widths, single and repeated, both directions. The serial port, looped back, gives what
 * was sent to it.
 */
#include "test.h"

#define SERIAL_DATA	0x3f8
#define SERIAL_FIFO	0x3fa
#define SERIAL_MODEM	0x3fc
#define SCRATCH_PORT	0x80		/* a port where writes do nothing */

	.globl	main
main:	cld
	call	send_four
	movw	$SERIAL_DATA, %dx
	movl	$buffer, %edi
	movl	$4, %ecx
	rep insb
	SHOW("rep insb", buffer)
	SHOW("count", %ecx)
	subl	$buffer, %edi
	SHOW("moved", %edi)

	call	send_four
	movw	$SERIAL_DATA, %dx
	movl	$buffer + 7, %edi
	std
	insb
	insb
	insb
	insb
	cld
	SHOW("insb downwards", buffer + 4)
	subl	$buffer, %edi
	SHOW("at", %edi)

	/* The CMOS date would differ from run to run; its scratch byte does not. */
	movb	$0x0f, %al
	outb	%al, $0x70
	movl	$bytes, %esi
	movw	$0x71, %dx
	outsb
	movb	$0x0f, %al
	outb	%al, $0x70
	movl	$buffer, %edi
	movl	$0, buffer
	insb
	SHOW("outsb then insb", buffer)
	subl	$bytes, %esi
	SHOW("moved", %esi)

	movw	$SCRATCH_PORT, %dx
	movl	$bytes, %esi
	outsw
	outsl
	movl	$2, %ecx
	rep outsw
	movl	$2, %ecx
	rep outsl
	movl	$3, %ecx
	rep outsb
	subl	$bytes, %esi
	SHOW("outs moved", %esi)
	SHOW("count", %ecx)

	movl	$buffer, %edi
	insw
	insl
	movl	$2, %ecx
	rep insw
	movl	$2, %ecx
	rep insl
	subl	$buffer, %edi
	SHOW("ins moved", %edi)
	xorl	%ecx, %ecx
	movl	$0x00900000, %edi
	rep insb
	SHOW("nothing moved", %edi)

	/* The console: a word that outs writes byte by byte. */
	movl	$text, %esi
	movw	$0x3f8, %dx
	movl	$text_end - text, %ecx
	rep outsb

	MAY_FAULT("insb to nowhere", insb)
	movl	$0x00900000, %esi
	movl	$3, %ecx
	MAY_FAULT("rep outsb from nowhere", rep outsb)
	movl	$0x003fffff, %esi
	movl	$3, %ecx
	movw	$SCRATCH_PORT, %dx
	MAY_FAULT("rep outsb over the edge", rep outsb; nop)
	SHOW("left", %ecx)
	ret

/* Leaves four bytes in the receiver's FIFO. */
send_four:
	movw	$SERIAL_FIFO, %dx
	movb	$7, %al			/* on, and emptied */
	outb	%al, %dx
	movw	$SERIAL_MODEM, %dx
	movb	$0x10, %al		/* loopback */
	outb	%al, %dx
	movw	$SERIAL_DATA, %dx
	movl	$bytes, %esi
	movl	$4, %ecx
	rep outsb
	movw	$SERIAL_MODEM, %dx
	movb	$0, %al
	outb	%al, %dx
	ret

	.section .rodata
bytes:	.ascii	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
text:	.ascii	"written by outs\n"
text_end:

	.bss
	.balign	4
buffer:	.skip	64
