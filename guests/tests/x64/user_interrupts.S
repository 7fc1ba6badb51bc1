/* The timer interrupts a program: its registers survive, and the handler sees where it was. */
#include "test.h"
	.text
	.globl	main
main:	HOOK(VECTOR_TIMER, timer)
	HOOK(VECTOR_SOFTWARE, software)
	movb	$0xfe, %al
	outb	%al, $0x21
	movb	$0x34, %al		/* counter 0, low then high byte, mode 2: again and again */
	outb	%al, $0x43
	movb	$0, %al
	outb	%al, $0x40
	movb	$8, %al
	outb	%al, $0x40
	RUN_PROGRAM($RFLAGS_IF | 3)		/* and the carry */
	ret
timer:	incl	ticks
	movq	%rax, %rbx
	movb	$0x20, %al
	outb	%al, $0x20
	movq	%rbx, %rax
	movq	TRAP_CS(%rax), %rcx
	orq	%rcx, from
	movq	TRAP_RFLAGS(%rax), %rcx
	andl	$0x201, %ecx
	orq	%rcx, flags
	cmpl	$3, ticks
	jb	1f
	movq	$1, 40(%rax)		/* R10: it may stop */
1:	ret
software:
	movb	$0xff, %al
	outb	%al, $0x21
	SHOW("from", from)
	SHOW("flags", flags)
	SHOW("registers that differ", %rbx)
	jmp	leave_program
	RING_3_CODE
program:
	movq	$0x1111, %r8
	movq	$0x2222, %r15
	xorl	%r10d, %r10d
	movl	$0, %ebx
	stc				/* nothing in the loop changes a flag */
1:	leaq	-0x1111(%r8), %rcx
	jrcxz	2f
	movl	$1, %ebx
2:	leaq	-0x2222(%r15), %rcx
	jrcxz	3f
	movl	$2, %ebx
3:	jc	4f
	movl	$4, %ebx
4:	movq	%r10, %rcx
	jrcxz	1b
	int	$VECTOR_SOFTWARE
program_end:
	RING_3_CODE_END
	.bss
	.balign	8
from:	.skip	8
flags:	.skip	8
ticks:	.skip	8
