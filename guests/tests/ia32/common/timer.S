/* Counts the interrupts of the 8254, and keeps the flags that the last one found. */
#include "test.h"

	.text
/* Arms the 8254 for one interrupt and unmasks it. Clobbers %eax. */
	.globl	timer_arm
timer_arm:
	HOOK(VECTOR_TIMER, timer_interrupt)
	jmp	timer_start

timer_interrupt:
	incl	ticks
	movl	TRAP_EFLAGS(%eax), %eax
	movl	%eax, tick_flags
	movb	$0x20, %al		/* end of interrupt */
	outb	%al, $0x20
	ret

	.bss
	.globl	ticks, tick_flags
	.balign	4
ticks:	.skip	4
tick_flags:
	.skip	4
