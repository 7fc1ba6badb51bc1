/*
 * A program goes where it should not. Typed: j to jump there, r to read, w to write, f to fill a page, h to write a word and stay; then,
 * in sixteen hexadecimal digits each, the address and what is written. Prints the fault, or that the program came back, or that neither
 * happened within some ticks of the timer. Whatever returns finds the way back on the stack.
 */
#include "test.h"
#define TICKS	20
#define KERNEL	(LINK_OFFSET + 0x1000000)	/* where it lies, which is not for programs here */
#define PAGE_USER	4
#define BACK	(USER_CODE + back - program)

	.text
	.globl	main
main:	.irp	vector, 0, 1, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 16, 17, 19
	HOOK(\vector, fault)
	.endr
	HOOK(VECTOR_TIMER, timer)
	HOOK(VECTOR_SOFTWARE, software)
	andb	$~PAGE_USER, high_directory + (((KERNEL - LINK_OFFSET) >> 21) & 511) * 8
	invlpg	KERNEL
	call	keys_init
	call	read_key
	movb	%al, %r12b
	call	read_number
	movq	%rbx, %r13
	call	read_number
	movq	%rbx, %r14
	movq	%r13, %rbx
	movl	$program, %esi
	movl	$USER_CODE, %edi
	movl	$program_end - program, %ecx
	rep movsb
	movl	$BACK, %eax
	movl	$USER_STACK - 0x1000, %edi
	movl	$0x200, %ecx
	rep stosq
	SAY("going")
	cmpb	$'h', %r12b
	je	1f
	movb	$0xfe, %al
	outb	%al, $0x21
	movb	$0x34, %al		/* counter 0, low then high byte, mode 2: again and again */
	outb	%al, $0x43
	xorl	%eax, %eax
	outb	%al, $0x40
	movb	$0x30, %al
	outb	%al, $0x40
1:	pushq	$USER_DS
	pushq	$USER_STACK - 0x800
	pushq	$RFLAGS_IF | 2
	pushq	$USER_CS
	pushq	$USER_CODE
	iretq

fault:	SHOW("vector", TRAP_VECTOR(%rax))
	SHOW("error", TRAP_ERROR(%rax))
	jmp	1f
software:
	SAY("came back")
1:	movb	$0, %al
	jmp	leave_machine

timer:	movq	%rax, %rbx
	movb	$0x20, %al
	outb	%al, $0x20
	incl	ticks
	cmpl	$TICKS, ticks
	jb	2f
	SAY("late")
	jmp	1b
2:	ret

/* %rbx: where; %r12b: what for; %r14: what is written. */
	RING_3_CODE
program:
	cmpb	$'r', %r12b
	je	1f
	cmpb	$'w', %r12b
	je	2f
	cmpb	$'f', %r12b
	je	3f
	cmpb	$'h', %r12b
	je	4f
	jmp	*%rbx
1:	movq	(%rbx), %rax
	jmp	back
2:	movq	%r14, (%rbx)
	jmp	back
3:	movq	%rbx, %rdi
	movq	%r14, %rax
	movl	$0x200, %ecx
	rep stosq
	jmp	back
4:	movl	%r14d, (%rbx)
5:	jmp	5b
back:	int	$VECTOR_SOFTWARE
program_end:
	RING_3_CODE_END
	.bss
ticks:	.skip	4
