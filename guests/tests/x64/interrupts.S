/* A timer interrupt: it waits while interrupts are off, comes at sti, and ends hlt. Software interrupts. */
#include "test.h"
	.text
	.globl	main
main:	HOOK(VECTOR_TIMER, timer)
	HOOK(VECTOR_SOFTWARE, software)
	HOOK(3, breakpoint)
	call	timer_start
	call	timer_wait_raised
	SHOW("ticks while off", ticks)
	sti
	nop
	cli
	SHOW("ticks", ticks)
	call	timer_start
	sti
	hlt
	cli
	SHOW("ticks after hlt", ticks)
	movl	$0x77, %ebx
	int	$VECTOR_SOFTWARE
after:	SHOW("int", seen)
	int3
	SHOW("int3", seen)
	ret
timer:	incq	ticks
	movb	$0x20, %al
	outb	%al, $0x20
	ret
software:
	movq	TRAP_RIP(%rax), %rcx
	subq	$after, %rcx
	SHOW("return address", %rcx)
	addq	%rbx, seen
	ret
breakpoint:
	incq	seen
	ret
	.bss
	.balign	8
ticks:	.skip	8
seen:	.skip	8
