/* One timer interrupt at a time, and where it stands: raised at the 8259 or delivered to the CPU. */
#include "test.h"

	.text
/* Arms the 8254 for one interrupt and unmasks it. Clobbers %eax. */
	.globl	timer_arm
timer_arm:
	HOOK(VECTOR_TIMER, timer_interrupt)
	movb	$0xfe, %al
	outb	%al, $0x21
	movb	$0x30, %al		/* counter 0, low then high byte, mode 0: interrupt on terminal count */
	outb	%al, $0x43
	movb	$0, %al
	outb	%al, $0x40
	movb	$4, %al
	outb	%al, $0x40
	ret

/* Waits until the 8259 has the request. Interrupts are off. Clobbers %eax. */
	.globl	timer_wait_raised
timer_wait_raised:
	movb	$0x0a, %al		/* OCW3: read the request register */
	outb	%al, $0x20
1:	inb	$0x20, %al
	testb	$1, %al
	jz	1b
	ret

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
