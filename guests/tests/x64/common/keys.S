/* For guests that are told at the serial port what to do. */
#include "test.h"

	.text
/* Who types is told to go on. Clobbers %rax, %rdx. */
	.globl	keys_init
keys_init:
	movb	$3, %al			/* DTR and RTS */
	movw	$0x3fc, %dx
	outb	%al, %dx
	SAY("ready")
	ret

/* The sixteen hexadecimal digits that are typed next, in %rbx. Clobbers %rax, %rcx, %rdx. */
	.globl	read_number
read_number:
	movl	$16, %ecx
1:	call	read_digit
	shlq	$4, %rbx
	orb	%al, %bl
	loop	1b
	ret
