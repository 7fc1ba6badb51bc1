/* Stays in ring 3: run_user enters, system call 0 leaves, 1 prints %ebx. Code there is not converted. */
#include "test.h"

	.text
	.globl	user_init
user_init:
	movl	$TSS_SELECTOR, %eax
	ltr	%ax
	HOOK(VECTOR_SYSCALL, user_system_call)
	HOOK(11, user_fault)
	HOOK(13, user_fault)
	HOOK(14, user_fault)
	ret

/* Runs the code at %eax, below LINK_OFFSET, with flags %edx until it leaves. Clobbers registers. */
	.globl	run_user, leave_user
run_user:
	pushl	%ebp
	movl	%esp, stack_before
	movl	%esp, tss + 4
	pushl	$USER_DS
	pushl	$LOW(user_stack)
	pushl	%edx
	pushl	$USER_CS
	pushl	%eax
	movl	$USER_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	iret
leave_user:
	movl	stack_before, %esp
	popl	%ebp
	ret

user_system_call:
	cmpl	$0, TRAP_EAX(%eax)
	je	leave_user
	SHOW("ring 3 says", TRAP_EBX(%eax))
	ret

/* Tells of a fault and goes on at the user's %ebp. */
	.globl	user_fault
user_fault:
	movl	%cr2, %ecx
	SHOW("vector", TRAP_VECTOR(%eax))
	SHOW("  error", TRAP_ERROR(%eax))
	cmpl	$14, TRAP_VECTOR(%eax)
	jne	1f
	SHOW("  cr2", %ecx)
1:	testl	$3, TRAP_CS(%eax)
	jz	2f
	movl	TRAP_EBP(%eax), %ecx
	movl	%ecx, TRAP_EIP(%eax)
	ret
2:	SHOW("UNEXPECTED in ring 0, eip", TRAP_EIP(%eax))
	movb	$1, %al
	jmp	leave_machine

	.bss
	.balign	16
stack_before:
	.skip	4
	.skip	0x1000
	.globl	user_stack
user_stack:
