/* A program in ring 3: SYSCALL and SYSRET, with its stack pointer left alone at entry, faults and interrupts from it. */
#include "test.h"
	.text
	.globl	main
main:	movl	$MSR_STAR, %ecx
	xorl	%eax, %eax
	movl	$(USER32_CS << 16) | KERNEL_CS, %edx
	wrmsr
	movl	$MSR_LSTAR, %ecx
	movl	$entry, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$MSR_FMASK, %ecx
	movl	$RFLAGS_IF, %eax
	wrmsr
	HOOK(VECTOR_SOFTWARE, software)
	HOOK(14, page_fault)
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

/* Nothing may be pushed until the stack is the kernel's. */
entry:	swapgs
	movq	%rsp, user_stack
	movq	kernel_stack, %rsp
	pushq	%rcx
	pushq	%r11
	SHOW("number", %rdi)
	SHOW("user stack", user_stack)
	movl	%cs, %eax
	SHOW("cs", %rax)
	cmpl	$3, %edi
	je	done
	popq	%r11
	popq	%rcx
	movq	user_stack, %rsp
	swapgs
	sysretq

done:	addq	$16, %rsp
	ret

software:
	movq	TRAP_CS(%rax), %rcx
	SHOW("int from cs", %rcx)
	ret

page_fault:
	movq	TRAP_ERROR(%rax), %rcx
	SHOW("page fault", %rcx)
	movq	%cr2, %rcx
	SHOW("at", %rcx)
	addq	$10, TRAP_RIP(%rax)	/* the instruction's length */
	ret

/* A program is not the kernel's: its instructions stay. */
	.set	.Llilyvm_rewrite, 0
program:
	movl	$0x11, -8(%rsp)		/* the red zone */
	movl	$1, %edi
	syscall
	movl	-8(%rsp), %edi
	syscall
	int	$VECTOR_SOFTWARE
	movabsq	%rax, 0x7000000000
	movl	$3, %edi
	syscall
program_end:
	.set	.Llilyvm_rewrite, 1

	.bss
	.balign	8
user_stack:
	.skip	8
kernel_stack:
	.skip	8
