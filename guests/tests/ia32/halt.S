/* hlt: sti; hlt sleeps until the interrupt, however soon it comes, and the interrupt returns behind it. */
#include "test.h"

	.globl	main
main:	call	timer_arm
	sti
	hlt
	cli
	SHOW("ticks", ticks)

	/* The interrupt waits already: it must end the sleep, not come before it. */
	call	timer_arm
	call	timer_wait_raised
	sti
	hlt
	cli
	SHOW("ticks", ticks)

	/* hlt by itself: a periodic timer, because one interrupt could come before it. */
	call	timer_arm
	movb	$0x34, %al		/* counter 0, low then high byte, mode 2: periodic */
	outb	%al, $0x43
	movb	$0, %al
	outb	%al, $0x40
	movb	$0x10, %al
	outb	%al, $0x40
	sti
	nop
	hlt
	cli
	SAY("woken")
	andl	$0x200, tick_flags
	SHOW("IF when it came", tick_flags)
	ret
