/*
 * The process of a stub's programs (src/LilyVM.Hypervisor/Engines/User/X64/Programs.cs): all the code that runs there beside programs. It has no data of
 * its own but the page that it shares with its stub, which programs can write, and no stack but that of signals. Signals are blocked while it runs.
 *
 * %r14 has the secret that the filter wants, from the beginning of the commands until the system call that returns to a program: no memory has it then,
 * no signal's frame, and no program its registers.
 */
#include "machine.h"

#define PAGE(field)	PROGRAMS_##field(%rbx)

#define RT_SIGRETURN	15
#define ARCH_PRCTL	158
#define FUTEX		202

	.text
/* A command is six words; the fifth argument is the same for all. */
	.macro	LOAD_COMMAND
	movq	COMMAND_NUMBER(%rbp), %rax
	movq	COMMAND_FIRST(%rbp), %rdi
	movq	COMMAND_SECOND(%rbp), %rsi
	movq	COMMAND_THIRD(%rbp), %rdx
	movq	COMMAND_FOURTH(%rbp), %r10
	movq	%r14, %r8
	movq	COMMAND_SIXTH(%rbp), %r9
	.endm

/* void lily_begin_programs(void): the first commands, which take the caller's memory away; then the first signal, whose frame the stub needs. */
	.globl	lily_begin_programs
	.balign	16
lily_begin_programs:
	movabsq	$PROGRAMS_ADDRESS, %rbx
	xorl	%esp, %esp
	xorl	%r13d, %r13d			/* no frame to return to */
	jmp	commands
first_signal:
	xorl	%r14d, %r14d
	xorl	%r8d, %r8d
	ud2

/* From the host kernel: a signal, on the stack of signals. Everything of the program's is in the frame. */
	.globl	lily_program_signal
	.balign	16
lily_program_signal:
	movabsq	$PROGRAMS_ADDRESS, %rbx
	movl	%edi, PAGE(SIGNAL)
	movq	%rsi, PAGE(INFORMATION)
	movq	%rdx, PAGE(CONTEXT)
	leaq	8(%rsp), %r13			/* where sigreturn expects the stack */
hand_over:
	movl	$1, %eax
	xchgl	%eax, PAGE(BACK)		/* and all before it */
	cmpl	$0, PAGE(BACK_SLEEPS)
	je	1f
	leaq	PAGE(BACK), %rdi
	movl	$1, %esi			/* FUTEX_WAKE */
	movl	$1, %edx
	movl	$FUTEX, %eax
	syscall
1:	movl	PAGE(LOOKS), %ecx
2:	cmpl	$0, PAGE(GO)
	jne	4f
	pause
	subl	$1, %ecx
	ja	2b
3:	movl	$1, %eax
	xchgl	%eax, PAGE(GO_SLEEPS)
	cmpl	$0, PAGE(GO)
	jne	5f
	leaq	PAGE(GO), %rdi
	xorl	%esi, %esi			/* FUTEX_WAIT */
	xorl	%edx, %edx
	xorl	%r10d, %r10d
	movl	$FUTEX, %eax
	syscall
	cmpl	$0, PAGE(GO)
	je	3b
5:	movl	$0, PAGE(GO_SLEEPS)
4:	movl	$0, PAGE(GO)

/* What the stub has mapped meanwhile. */
commands:
	xorl	%r14d, %r14d
	xchgq	%r14, PAGE(SECRET)
	movl	PAGE(COMMAND_COUNT), %r12d
	leaq	PROGRAMS_COMMANDS(%rbx), %rbp
6:	subl	$1, %r12d
	jb	7f
	LOAD_COMMAND
	cmpl	$ARCH_PRCTL, %eax
	syscall					/* %rcx and %r11 change, flags stay */
	je	8f				/* a base that the host refuses is not the guest's business */
	cmpq	$-4095, %rax
	jae	9f
8:	addq	$COMMAND_SIZE, %rbp
	jmp	6b
9:	movq	%rax, PAGE(ERROR)
	movl	$0, PAGE(SIGNAL)
	xorl	%r14d, %r14d
	jmp	hand_over
7:	testq	%r13, %r13
	jz	first_signal
	cmpl	$0, PAGE(STAY)
	jne	10f
	movq	%r13, %rsp
	movq	%r14, %r8
	movl	$RT_SIGRETURN, %eax
	syscall
	ud2
10:	movl	$0, PAGE(SIGNAL)
	xorl	%r14d, %r14d
	jmp	hand_over

	.section .note.GNU-stack, "", @progbits
