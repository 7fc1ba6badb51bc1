/*
 * Writes what follows from the eight hexadecimal digits that are typed over words of the vCPU page, which the engine shares with its guest,
 * and uses what is kept there: interrupt flag, control registers, tables, a program. Says so if it lives through all of it.
 */
#include "test.h"

#define VCPU_PAGE	0xff810000
#define WORDS		1024
#define ROUNDS		3000

	.globl	main
main:	call	keys_init
	call	read_number
	movl	$ROUNDS, %esi
1:	imull	$1664525, %ebx, %ebx	/* Numerical Recipes, "quick and dirty" */
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
	RUN_RING_3(program, $2)
	popl	%ebx
	popl	%esi
	decl	%esi
	jnz	1b
	SAY("lived")
	ret

	RING_3_CODE
program:
	LEAVE_RING_3
	RING_3_CODE_END
