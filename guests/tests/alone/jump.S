/*
 * Calls the address that is typed in eight hexadecimal digits: after k in the kernel, after u in a program, after p a physical one. Tells the fault, if it
 * comes back by one.
 */
#include "test.h"

#define WINDOW	0x01000000	/* where the physical address is mapped */

	.globl	main
main:	call	user_init
	movl	$31, %ecx
1:	movl	$faulted, trap_hooks(, %ecx, 4)
	decl	%ecx
	jns	1b
	movb	$3, %al			/* DTR and RTS */
	movw	$0x3fc, %dx
	outb	%al, %dx
	SAY("ready")
	call	read
	movb	%al, mode
	xorl	%ebx, %ebx
	movl	$8, %ecx
2:	call	read
	subb	$'0', %al
	cmpb	$9, %al
	jbe	3f
	subb	$'a' - '0' - 10, %al
3:	shll	$4, %ebx
	orb	%al, %bl
	loop	2b
	movl	%ebx, target
	cmpb	$'u', mode
	je	4f
	cmpb	$'p', mode
	jne	5f
	movl	$window_table - LINK_OFFSET + 3, page_directory + (WINDOW >> 22) * 4
	movl	%ebx, %eax
	andl	$~0xfff, %eax
	orl	$3, %eax
	movl	%eax, window_table
	movl	%cr3, %eax
	movl	%eax, %cr3
	andl	$0xfff, %ebx
	orl	$WINDOW, %ebx
5:	call	*%ebx
	SAY("returned")
	ret
4:	movl	$LOW(program), %eax
	movl	$2, %edx
	call	run_user
	SAY("left")
	ret

faulted:
	SHOW("vector", TRAP_VECTOR(%eax))
	movb	$0, %al
	jmp	leave_machine

/* A key in %al. Clobbers %edx. */
read:	movw	$0x3fd, %dx
1:	inb	%dx, %al
	testb	$1, %al
	jz	1b
	movw	$0x3f8, %dx
	inb	%dx, %al
	ret

	RING_3_CODE
program:
	call	*LOW(target)
	LEAVE_RING_3
	RING_3_CODE_END

	.bss
	.balign	0x1000
window_table:
	.skip	0x1000
target:	.skip	4
mode:	.skip	1
