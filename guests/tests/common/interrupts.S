/* The 8259 pair, and one interrupt at a time of the 8254: raised at the 8259 or delivered to the CPU. */
#include "test.h"

	.text
/* Vectors from VECTOR_TIMER, everything masked. Clobbers %al. */
	.globl	interrupts_init
interrupts_init:
	movb	$0x11, %al
	outb	%al, $0x20
	outb	%al, $0xa0
	movb	$VECTOR_TIMER, %al
	outb	%al, $0x21
	movb	$VECTOR_TIMER + 8, %al
	outb	%al, $0xa1
	movb	$4, %al
	outb	%al, $0x21
	movb	$2, %al
	outb	%al, $0xa1
	movb	$1, %al
	outb	%al, $0x21
	outb	%al, $0xa1
	movb	$0xff, %al
	outb	%al, $0x21
	outb	%al, $0xa1
	ret

/* Arms the 8254 for one interrupt and unmasks it. Clobbers %al. */
	.globl	timer_start
timer_start:
	movb	$0xfe, %al
	outb	%al, $0x21
	movb	$0x30, %al		/* counter 0, low then high byte, mode 0: interrupt on terminal count */
	outb	%al, $0x43
	movb	$0, %al
	outb	%al, $0x40
	movb	$4, %al
	outb	%al, $0x40
	ret

/* Waits until the 8259 has the request. Interrupts are off. Clobbers %al. */
	.globl	timer_wait_raised
timer_wait_raised:
	movb	$0x0a, %al		/* OCW3: read the request register */
	outb	%al, $0x20
1:	inb	$0x20, %al
	testb	$1, %al
	jz	1b
	ret
