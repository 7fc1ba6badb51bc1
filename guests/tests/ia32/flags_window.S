/* cli, sti, pushf and popf windows: a raised timer interrupt comes when the flag opens, and only then. */
#include "test.h"

	.globl	main
main:	call	timer_arm
	call	timer_wait_raised
	SHOW("raised, cli", ticks)
	sti
	nop
	cli
	SHOW("after sti", ticks)
	SHOW("its flags", tick_flags)

	call	timer_arm
	call	timer_wait_raised
	pushfl
	orl	$0x200, (%esp)
	SHOW("raised, before popf", ticks)
	popfl
	nop
	cli
	SHOW("after popf", ticks)

	/* A critical section inside another: the inner end must not open the window, the outer one must. */
	sti
	pushfl
	cli
	pushfl
	cli
	call	timer_arm
	call	timer_wait_raised
	popfl
	nop
	SHOW("after the inner popf", ticks)
	popfl
	nop
	cli
	SHOW("after the outer popf", ticks)

	/* sti with flags that are still needed. */
	call	timer_arm
	call	timer_wait_raised
	movl	$5, %eax
	cmpl	$5, %eax
	sti
	jne	1f
	cli
	je	2f
1:	SAY("flags lost")
2:	cli
	SHOW("after the live sti", ticks)

	/* popf that closes the window. */
	pushfl
	sti
	popfl
	call	timer_arm
	call	timer_wait_raised
	SHOW("after the closing popf", ticks)
	sti
	nop
	cli
	SHOW("and sti", ticks)
	ret
