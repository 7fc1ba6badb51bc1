/* iret to ring 3 and back by a software interrupt, a fault, and a timer interrupt. Code of ring 3 is not converted and prints nothing. */
#include "test.h"

/* Only what is not sensitive may run in ring 3 unconverted; the interrupt is spelled in bytes so that it stays what it is. */
#define SYSTEM_CALL	.byte 0xcd, VECTOR_SYSCALL

	.globl	main
main:	movl	$TSS_SELECTOR, %eax
	ltr	%ax
	HOOK(VECTOR_SYSCALL, system_call)
	HOOK(13, protection_fault)

	movl	$USER_DS, %eax
	movl	%eax, %fs
	movl	$KERNEL_DS, %eax
	movl	%eax, %gs		/* too privileged: iret clears it */
	movl	$LOW(user_system_call), %eax
	call	run_user
	movl	%gs, %eax
	SHOW("gs afterwards", %eax)
	movl	%fs, %eax
	SHOW("fs afterwards", %eax)

	movl	$LOW(user_hlt), %eax
	call	run_user

	call	timer_arm
	movl	$LOW(user_loop), %eax
	call	run_user
	SHOW("ticks", ticks)
	andl	$0x3200, tick_flags	/* the rest depends on where it came */
	SHOW("IF and IOPL in ring 3", tick_flags)
	ret

/* Goes to ring 3 at %eax with known registers; leave_user returns from here. */
run_user:
	pushl	%ebp
	movl	%esp, kernel_stack
	movl	%esp, tss + 4
	pushl	$USER_DS
	pushl	$LOW(user_stack_top)
	pushl	$0x202
	pushl	$USER_CS
	pushl	%eax
	movl	$USER_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	$0xcafe0001, %ecx
	movl	$0xcafe0002, %edx
	stc
	iret

leave_user:
	movl	kernel_stack, %esp
	popl	%ebp
	ret

/* A system call prints its frame; the one with %eax = 0 ends the stay in ring 3. */
system_call:
	SHOW("system call", TRAP_EAX(%eax))
	SHOW("ecx", TRAP_ECX(%eax))
	SHOW("edx", TRAP_EDX(%eax))
	SHOW("cs", TRAP_CS(%eax))
	SHOW("ss", TRAP_SS(%eax))
	SHOW("ds", TRAP_DS(%eax))
	SHOW("eflags", TRAP_EFLAGS(%eax))
	movl	$LOW(user_stack_top), %ebx
	subl	TRAP_ESP(%eax), %ebx
	SHOW("stack used", %ebx)
	cmpl	$0, TRAP_EAX(%eax)
	je	leave_user
	movl	$0xcafe0003, TRAP_ECX(%eax)
	ret

protection_fault:
	SHOW("fault in ring 3, error", TRAP_ERROR(%eax))
	SHOW("cs", TRAP_CS(%eax))
	movl	TRAP_EIP(%eax), %ebx
	subl	$LOW(user_hlt), %ebx
	SHOW("at", %ebx)
	jmp	leave_user

user_system_call:
	movl	$1, %eax
	pushl	%eax
	SYSTEM_CALL
	movl	%ecx, %edx
	xorl	%eax, %eax
	SYSTEM_CALL

user_hlt:
	nop
	.byte	0xf4			/* hlt */

/* Waits for the timer, which the kernel counts in memory. */
user_loop:
	cmpl	$0, LOW(ticks)
	je	user_loop
	xorl	%eax, %eax
	movl	%eax, %ecx
	SYSTEM_CALL

	.bss
	.balign	16
kernel_stack:
	.skip	4
	.skip	0x1000
user_stack_top:
