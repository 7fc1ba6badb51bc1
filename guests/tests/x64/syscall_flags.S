/* SYSCALL clears the flags that its mask names, TF among them, and keeps all in R11; SYSRET brings them back. */
#include "test.h"
#define MASK		0x44fd5		/* AC, NT, DF, IF, TF, and the status flags, which QEMU clears in any case */
	.text
	.globl	main
main:	HOOK(1, debug)
	movl	$MSR_STAR, %ecx
	xorl	%eax, %eax
	movl	$(USER32_CS << 16) | KERNEL_CS, %edx
	wrmsr
	movl	$MSR_LSTAR, %ecx
	movl	$entry, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$MSR_FMASK, %ecx
	movl	$MASK, %eax
	wrmsr
	movl	$program, %esi
	movl	$USER_CODE, %edi
	movl	$program_end - program, %ecx
	rep movsb
	movq	%rsp, kernel_stack
	pushq	$USER_DS
	pushq	$USER_STACK
	pushq	$2
	pushq	$USER_CS
	pushq	$USER_CODE
	iretq
entry:	movq	%rsp, user_stack
	movq	kernel_stack, %rsp
	pushfq
	popq	%rax
	SHOW("flags at entry", %rax)
	SHOW("r11", %r11)
	subq	$USER_CODE, %rcx
	SHOW("rcx", %rcx)
	addq	$USER_CODE, %rcx
	cmpl	$9, %edi
	je	1f
	movq	user_stack, %rsp
	sysretq
1:	ret
debug:	movq	TRAP_CS(%rax), %rcx
	SHOW("debug trap from", %rcx)
	movq	TRAP_RIP(%rax), %rcx
	subq	$USER_CODE, %rcx
	SHOW("at", %rcx)
	ret
	.set	.Llilyvm_rewrite, 0
program:
	movl	$1, %edi
	stc
	std
	syscall
	pushfq
	popq	%rbx
	cld
	orl	$0x40100, %ebx		/* AC, TF */
	andl	$~0x400, %ebx
	pushq	%rbx
	popfq
	syscall
	pushfq
	andq	$~0x40100, (%rsp)
	popfq
	movl	$9, %edi
	syscall
program_end:
	.set	.Llilyvm_rewrite, 1
	.bss
	.balign	8
user_stack:
	.skip	8
kernel_stack:
	.skip	8
