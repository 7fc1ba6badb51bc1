/*
 * Writes what follows from the eight hexadecimal digits that are typed over words of the vCPU page, which the engine shares with its guest, and uses
 * what is kept there: interrupt flag, control registers, tables, a program. Says so if it lives through all of it.
 */
#include "test.h"

#define VCPU_PAGE	0xff810000
#define WORDS		1024
#define ROUNDS		3000

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
	movl	$8, %ecx
2:	movw	$0x3fd, %dx
3:	inb	%dx, %al
	testb	$1, %al
	jz	3b
	movw	$0x3f8, %dx
	inb	%dx, %al
	subb	$'0', %al
	cmpb	$9, %al
	jbe	4f
	subb	$'a' - '0' - 10, %al
4:	shll	$4, %ebx
	orb	%al, %bl
	loop	2b
	movl	$ROUNDS, %esi
5:	imull	$1664525, %ebx, %ebx	/* Numerical Recipes, "quick and dirty" */
	addl	$1013904223, %ebx
	movl	%ebx, %eax
	shrl	$20, %eax
	andl	$WORDS - 1, %eax
	imull	$1664525, %ebx, %ebx
	addl	$1013904223, %ebx
	movl	%ebx, VCPU_PAGE(, %eax, 4)
	sti
	nop
	cli
	pushfl
	popfl
	movl	%cr0, %eax
	movl	%cr3, %eax
	movl	%eax, %cr3
	movl	%ds, %eax
	movl	%eax, %ds
	str	%eax
	pushl	%esi
	pushl	%ebx
	movl	$LOW(program), %eax
	movl	$2, %edx
	call	run_user
	popl	%ebx
	popl	%esi
	decl	%esi
	jnz	5b
	SAY("lived")
	ret

faulted:
	SHOW("vector", TRAP_VECTOR(%eax))
	movb	$0, %al
	jmp	leave_machine

	RING_3_CODE
program:
	LEAVE_RING_3
	RING_3_CODE_END
