/* For guests that are told at the serial port what to do. */
#include "test.h"

	.text
/* Ring 3 can run, each exception is told and ends the run, and who types is told to go on. Clobbers registers. */
	.globl	keys_init
keys_init:
	call	user_init
	movl	$31, %ecx
1:	movl	$faulted, trap_hooks(, %ecx, 4)
	decl	%ecx
	jns	1b
	movb	$3, %al			/* DTR and RTS */
	movw	$0x3fc, %dx
	outb	%al, %dx
	SAY("ready")
	ret

faulted:
	SHOW("vector", TRAP_VECTOR(%eax))
	movb	$0, %al
	jmp	leave_machine

/* The eight hexadecimal digits that are typed next, in %ebx. Clobbers %eax, %ecx, %edx. */
	.globl	read_number
read_number:
	movl	$8, %ecx
1:	call	read_digit
	shll	$4, %ebx
	orb	%al, %bl
	loop	1b
	ret
