/* How a stub begins, calls the host kernel, gets its signals, and begins to enter the guest. */
	.text
/* From the host kernel: the stack as execve left it. */
FUNCTION _start
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	leaq	lily_stack_top(%rip), %rsp
	call	lily_main
	ud2

/* long lily_syscall(long number, long a, long b, long c, long d, long e, long f): a filter may know the address behind the instruction. */
FUNCTION lily_syscall
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	movq	8(%rsp), %r9
	syscall
	ret

/*
 * Begins lily_resume, which enters the guest. A signal handler that interrupts the code up to lily_resume_end moves RIP to lily_resume,
 * having set lily_attention if something is to be done first. Only the host kernel leaves a signal's frame behind on the stack, so starting
 * anew from the top is right. Compare says how long the word is.
 */
.macro RESUME attention, compare=cmpl
	.globl	lily_resume, lily_resume_end
	.balign	16
lily_resume:
	leaq	lily_stack_top(%rip), %rsp
	\compare	$0, lily_attention(%rip)
	jne	\attention
.endm

/*
 * From the host kernel: a signal, on the signal stack, with the arguments of lily_on_signal. Of the interrupted flags only DF, RF and TF
 * were cleared; NT would break an IRETQ, AC unaligned accesses, and lily_resume of IA-32 wants ID clear too.
 */
FUNCTION lily_signal
	pushq	$0x202
	popfq
	jmp	lily_on_signal

/* Where handlers return to that end by sigreturn. */
FUNCTION lily_restorer
	movl	$15, %eax
	syscall
	ud2

/* The stack of this code, and that of signal handlers, in pages of its own: they may have another protection key. */
	.bss
	.balign	64
	.skip	0x8000
lily_stack_top:
	.skip	64

	.section .signal_stack, "aw", @nobits
	.balign	0x1000
	.globl	lily_signal_stack
lily_signal_stack:
	.skip	0x10000

	.text
