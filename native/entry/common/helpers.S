/*
 * What C# cannot say, of every engine. Included by an image's assembly, which has a table `addresses` in the order of AssemblyAddress. Each
 * is an ordinary function (System V) that touches what its line says and no memory else.
 */
.macro FUNCTION name
	.globl	\name
	.balign	16
\name:
.endm

	.text
/* ulong lily_address(uint which): addresses that C# needs as data. */
FUNCTION lily_address
	movl	%edi, %edi
	leaq	addresses(%rip), %rax
	movq	(%rax,%rdi,8), %rax
	ret

/*
 * void lily_save_fpu(void* area, ulong components), lily_restore_fpu: XSAVE state, or FXSAVE state if the host has no XSAVE. In ring 0
 * CR0.TS is clear, unless an NMI came since; OwnTraps clears it then, knowing where these begin and end.
 */
FUNCTION lily_save_fpu
	movl	%esi, %eax
	movq	%rsi, %rdx
	shrq	$32, %rdx
	testq	%rsi, %rsi
	jz	1f
	xsave64	(%rdi)
	ret
1:	fxsave64 (%rdi)
	ret
FUNCTION lily_restore_fpu
	movl	%esi, %eax
	movq	%rsi, %rdx
	shrq	$32, %rdx
	testq	%rsi, %rsi
	jz	1f
	xrstor64 (%rdi)
	ret
1:	fxrstor64 (%rdi)
	ret
lily_fpu_end:

FUNCTION lily_rdtsc
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	ret

/*
 * From C#'s failed bounds checks and the like: a bug, reported as an exception in the hypervisor itself, or by the stub's signal handler.
 */
FUNCTION lily_panic
	ud2
