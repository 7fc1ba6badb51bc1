/* The inline idioms: pushf; pop %reg and push %reg; popf, with every register, the way irq save and restore use them. */
#include "test.h"

#define SAVE_AND_RESTORE(register)					\
	sti;								\
	pushf; pop register;						\
	cli;								\
	SHOW("saved", register);					\
	pushf; popl register;						\
	SHOW("closed", register);					\
	orl	$0x200, register;					\
	push	register; popf;						\
	pushfl; popl register;						\
	SHOW("opened", register);					\
	cli

	.globl	main
main:	xorl	%eax, %eax
	SAVE_AND_RESTORE(%eax)
	SAVE_AND_RESTORE(%ebx)
	SAVE_AND_RESTORE(%ecx)
	SAVE_AND_RESTORE(%edx)
	SAVE_AND_RESTORE(%esi)
	SAVE_AND_RESTORE(%edi)
	SAVE_AND_RESTORE(%ebp)

	/* A pending interrupt comes at the restoring popf. */
	sti
	pushf
	pop	%ebx
	cli
	call	timer_arm
	call	timer_wait_raised
	SHOW("before", ticks)
	push	%ebx
	popf
	nop
	cli
	SHOW("after", ticks)

	/* Arithmetic flags through both idioms. */
	movl	$0xffffffff, %eax
	addl	$1, %eax
	pushf
	pop	%edx
	SHOW("carry, zero, parity", %edx)
	xorl	%eax, %eax
	push	%edx
	popf
	setc	%al
	setz	%ah
	SHOW("carry and zero back", %eax)
	ret
