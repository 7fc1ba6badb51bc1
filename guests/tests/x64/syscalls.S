/* A program in ring 3: SYSCALL and SYSRET, with its stack pointer left alone at entry, faults and interrupts from it. */
#include "test.h"
	.text
	.globl	main
main:	SYSTEM_CALLS(entry, RFLAGS_IF)
	HOOK(VECTOR_SOFTWARE, software)
	HOOK(14, page_fault)
	RUN_PROGRAM($2)
	ret

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
	RING_3_CODE
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
	RING_3_CODE_END

