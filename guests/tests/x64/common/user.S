/* Programs, in ring 3, and the system calls that they make. */
#include "test.h"

	.text
/* Copies %rcx bytes from %rsi to USER_CODE and runs them, with flags %rdx, until somebody goes to leave_program. Clobbers registers. */
	.globl	run_program, leave_program
run_program:
	movl	$USER_CODE, %edi
	rep movsb
	movq	%rsp, kernel_stack
	pushq	$USER_DS
	pushq	$USER_STACK
	pushq	%rdx
	pushq	$USER_CS
	pushq	$USER_CODE
	iretq
leave_program:
	movq	kernel_stack, %rsp
	ret

/* SYSCALL leads to %rax, with the flags in %ebx cleared. Clobbers %rax, %rcx, %rdx. */
	.globl	system_calls_init
system_calls_init:
	xorl	%edx, %edx
	movl	$MSR_LSTAR, %ecx
	wrmsr
	movl	$MSR_FMASK, %ecx
	movl	%ebx, %eax
	wrmsr
	movl	$MSR_STAR, %ecx
	xorl	%eax, %eax
	movl	$(USER32_CS << 16) | KERNEL_CS, %edx
	wrmsr
	ret

	.bss
	.balign	8
	.globl	kernel_stack, user_stack
kernel_stack:
	.skip	8
user_stack:				/* for system calls that keep it */
	.skip	8
