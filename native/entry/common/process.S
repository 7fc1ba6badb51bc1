/* How a stub begins, and how it calls the host kernel. */
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
