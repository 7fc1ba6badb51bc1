/* SYSCALL clears the flags that its mask names, TF among them, and keeps all in R11; SYSRET brings them back. */
#include "test.h"
#define MASK		0x44fd5		/* AC, NT, DF, IF, TF, and the status flags, which QEMU clears in any case */
	.text
	.globl	main
main:	HOOK(1, debug)
	SYSTEM_CALLS(entry, MASK)
	RUN_PROGRAM($2)
	ret
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
	SHOW_PLACE("at")
	ret
	RING_3_CODE
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
	RING_3_CODE_END
