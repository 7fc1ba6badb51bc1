/* A program steps through its own instructions: a trap after each, and one by a breakpoint of the debug registers. */
#include "test.h"
#define TRAP_FLAG	0x100
	.text
	.globl	main
main:	HOOK(1, debug)
	HOOK(VECTOR_SOFTWARE, done)
	movl	$program, %esi
	movl	$USER_CODE, %edi
	movl	$program_end - program, %ecx
	rep movsb
	movl	$USER_CODE + (breakpoint - program), %eax
	movq	%rax, %db0
	movl	$0x701, %eax		/* local enable of the first, an instruction */
	movq	%rax, %db7
	movq	%rsp, kernel_stack
	pushq	$USER_DS
	pushq	$USER_STACK
	pushq	$2 | TRAP_FLAG
	pushq	$USER_CS
	pushq	$USER_CODE
	iretq
debug:	movq	%db6, %rcx
	andl	$0xe00f, %ecx
	SHOW("dr6", %rcx)
	movl	$0xffff0ff0, %ecx
	movq	%rcx, %db6
	movq	TRAP_RIP(%rax), %rcx
	subq	$USER_CODE, %rcx
	SHOW("at", %rcx)
	orq	$0x10000, TRAP_RFLAGS(%rax)	/* RF: the breakpoint is not met again */
	ret
done:	movl	$0x400, %ecx
	movq	%rcx, %db7
	movq	kernel_stack, %rsp
	ret
	.set	.Llilyvm_rewrite, 0
program:
	nop
	movl	$3, %ecx
1:	loop	1b
	pushfq
	andq	$~TRAP_FLAG, (%rsp)
	popfq				/* the last trap comes behind it */
	nop
breakpoint:
	nop
	nop
	int	$VECTOR_SOFTWARE
program_end:
	.set	.Llilyvm_rewrite, 1
	.bss
	.balign	8
kernel_stack:
	.skip	8
