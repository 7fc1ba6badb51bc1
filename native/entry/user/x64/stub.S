/*
 * Entry and leaving of the user hypervisor for x86-64 guests: code of the process in which the guest's own 64-bit code runs too.
 *
 * The vCPU's registers lie in the VM area, at an absolute address. "Complete" means: all of the guest's state is there, so that whatever runs now may
 * be abandoned at any instruction and lily_resume started anew. FPU and SSE registers are the guest's throughout (the build gate keeps C# from them),
 * FS and GS bases too. Each stub has one stack for this code, and one for signal handlers.
 */
#include "machine.h"

/* Of lily_isolation (KeptKernel, Programs): protection keys; 2 is a process of their own. */
#define ISOLATION_KEYS	1

#include "../../common/helpers.S"
#include "../../common/process.S"

/* The guest's registers but AX, CX, DX and SP. */
.macro LOAD_REGISTERS
	movq	STATE(BX), %rbx
	movq	STATE(BP), %rbp
	movq	STATE(SI), %rsi
	movq	STATE(DI), %rdi
	movq	STATE(R8), %r8
	movq	STATE(R9), %r9
	movq	STATE(R10), %r10
	movq	STATE(R11), %r11
	movq	STATE(R12), %r12
	movq	STATE(R13), %r13
	movq	STATE(R14), %r14
	movq	STATE(R15), %r15
.endm

/*
 * From the VM library: general registers are in the vCPU, %eax is the entry's number, %rsp this stack. C# expects DF clear; an AC of the guest would make
 * its own unaligned accesses fault; NT would break IRETQ. POPF is slow.
 */
	.globl	lily_hypercall
	.balign	16
lily_hypercall:
	pushfq
	popq	%rcx
	movq	%rcx, STATE(FLAGS)
	cld
	testl	$RFLAGS_NT | RFLAGS_AC | RFLAGS_ID, %ecx
	jnz	1f
2:	movl	%eax, %edi
	call	lily_on_hypercall
	/* fall through */

/* Enters the guest; the state is complete. One comparison asks for attention and lily_isolation. */
	RESUME	5f, cmpq
6:
	movq	STATE(FLAGS), %rdx
	movq	STATE(CX), %rcx
	LOAD_REGISTERS
	testl	$RFLAGS_TF, %edx
	jnz	4f
	movq	STATE(AX), %rax
	pushq	%rdx
	movq	STATE(DX), %rdx
	popfq
	movq	STATE(SP), %rsp
	jmp	*STATE(IP)
/* Single-stepping: only IRETQ sets TF and reaches the guest before the trap. */
4:	movl	%ss, %eax
	pushq	%rax
	pushq	STATE(SP)
	pushq	%rdx
	movl	%cs, %eax
	pushq	%rax
	pushq	STATE(IP)
	movq	STATE(AX), %rax
	movq	STATE(DX), %rdx
	iretq
/* Programs are kept from their kernel. In a process of their own: the other side goes on with them, and this one comes back only to look again. */
5:	cmpl	$0, lily_attention(%rip)
	jne	3f
	cmpl	$3, STATE(CPL)
	jne	6b
	cmpl	$ISOLATION_KEYS, lily_isolation(%rip)
	je	7f
	call	lily_enter_program
	jmp	lily_resume
/* With keys. To a program, the kernel's is closed; from there on only the crossing page can be read. WRPKRU wants ECX and EDX clear. */
7:	movq	STATE(AX), %rax
	movq	%rax, CROSS(AX)
	movq	STATE(CX), %rax
	movq	%rax, CROSS(CX)
	movq	STATE(DX), %rax
	movq	%rax, CROSS(DX)
	movq	STATE(IP), %rax
	movq	%rax, CROSS(IP)
	movl	%cs, %eax
	movq	%rax, CROSS(CS)
	movq	STATE(FLAGS), %rax
	movq	%rax, CROSS(FLAGS)
	movq	STATE(SP), %rax
	movq	%rax, CROSS(SP)
	movl	%ss, %eax
	movq	%rax, CROSS(SS)
	LOAD_REGISTERS
	movq	$CROSS(IP), %rsp
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	movl	$PROGRAM_KEY_RIGHTS, %eax
	wrpkru
	movq	CROSS(AX), %rax
	movq	CROSS(CX), %rcx
	movq	CROSS(DX), %rdx
	iretq
/* Anew, from an instruction behind that WRPKRU perhaps. */
	.globl	lily_keyed_resume
lily_keyed_resume:
	xorl	%eax, %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	wrpkru
	jmp	lily_resume
lily_resume_end:
3:	call	lily_on_attention
	jmp	lily_resume
1:	pushq	$0x202
	popfq
	jmp	2b

/* lily_signal with protection keys: PKRU is Linux's first one, which forbids all but the signal's frame. */
	.balign	16
lily_keyed_signal:
	movq	%rdx, %r8
	xorl	%eax, %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	wrpkru
	movq	%r8, %rdx
	jmp	lily_signal

/* void lily_write_fs(ulong base), lily_write_gs: only where the host's kernel keeps what these write. */
	.globl	lily_write_fs, lily_write_gs
	.balign	16
lily_write_fs:
	wrfsbase %rdi
	ret
	.balign	16
lily_write_gs:
	wrgsbase %rdi
	ret

	.data
	.globl	lily_attention
	.balign	16
lily_attention:	.long	0		/* set by handlers: something is to be done before the guest goes on */
lily_isolation:				/* behind it: one comparison asks for both */
	.long	0			/* what keeps programs from their kernel; set before the guest runs */

	.section .rodata
	.balign	8
addresses:
	.quad	lily_hypercall, lily_resume, lily_resume_end, lily_restorer, lily_signal, lily_signal_stack, lily_stack_top, lily_attention
	.quad	lily_text_end, lily_keyed_signal, lily_keyed_resume, lily_isolation, lily_data, lily_program_signal

	.section .note.GNU-stack, "", @progbits
