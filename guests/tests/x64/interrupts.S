/* A timer interrupt: it waits while interrupts are off, comes at sti, and ends hlt. Software interrupts. */
#include "test.h"
	.text
	.globl	main
main:	HOOK(VECTOR_TIMER, timer)
	HOOK(VECTOR_SOFTWARE, software)
	HOOK(3, breakpoint)
	movb	$0xfe, %al
	outb	%al, $0x21
	movb	$0x30, %al		/* counter 0, low then high byte, mode 0: interrupt on terminal count */
	outb	%al, $0x43
	movb	$0, %al
	outb	%al, $0x40
	movb	$4, %al
	outb	%al, $0x40
	movb	$0x0a, %al		/* OCW3: read the request register */
	outb	%al, $0x20
1:	inb	$0x20, %al
	testb	$1, %al
	jz	1b
	SHOW("ticks while off", ticks)
	sti
	nop
	cli
	SHOW("ticks", ticks)
	movb	$0x30, %al
	outb	%al, $0x43
	movb	$0, %al
	outb	%al, $0x40
	movb	$8, %al
	outb	%al, $0x40
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
