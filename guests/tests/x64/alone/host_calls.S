/*
 * A program makes a system call of the host's, with the stub's own instruction for it. Typed: its number and its six
 * arguments. What comes back is told.
 */
#include "test.h"
#define STUB		0x600000000000
#define CALL		0xc3050f	/* SYSCALL and RET */
#define ARGUMENTS	(USER_CODE + 0x2000)

	.text
	.globl	main
main:	.irp	vector, 6, 13, 14
	HOOK(\vector, fault)
	.endr
	HOOK(VECTOR_SOFTWARE, returned)
	call	keys_init
	movl	$ARGUMENTS, %esi
1:	call	read_number
	movq	%rbx, (%rsi)
	addq	$8, %rsi
	cmpq	$ARGUMENTS + 7 * 8, %rsi
	jb	1b
	SAY("calling")
	RUN_PROGRAM($2)
	ret

returned:
	SHOW("result", 120(%rax))
	movb	$0, %al
	jmp	leave_machine
fault:	SHOW("vector", TRAP_VECTOR(%rax))
	movb	$0, %al
	jmp	leave_machine

	RING_3_CODE
program:
	movabsq	$STUB, %rbx
1:	movl	(%rbx), %eax
	andl	$0xffffff, %eax
	incq	%rbx
	cmpl	$CALL, %eax
	jne	1b
	decq	%rbx
	movl	$ARGUMENTS, %ecx
	movq	(%rcx), %rax
	movq	8(%rcx), %rdi
	movq	16(%rcx), %rsi
	movq	24(%rcx), %rdx
	movq	32(%rcx), %r10
	movq	40(%rcx), %r8
	movq	48(%rcx), %r9
	call	*%rbx
	int	$VECTOR_SOFTWARE
program_end:
	RING_3_CODE_END
