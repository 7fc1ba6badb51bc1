/*
 * Entries that need no engine. Interrupts may come anywhere in here; the virtual interrupt flag is set before the pending word is looked at, so that
 * what becomes pending later is delivered by the engine at once. Instructions that leave the kernel check all they need before they change anything, and
 * the windows around what changes something tell the engine to finish them.
 */
#include "engine.h"

#define VIF	VCPU_FLAGS + 1			/* bit 1 */

	.text
ROUTINE cli
	movb	$0, VIF
	ret

ROUTINE sti
	movb	$RFLAGS_IF >> 8, VIF
	pushq	%rcx
	movzbl	VCPU_PENDING, %ecx
	jrcxz	1f
	popq	%rcx
	jmp	hypercall_deliver
1:	popq	%rcx
	ret

#define VIRTUAL_FLAGS	VCPU_FLAGS
#include "../../common/pushf.S"

/* The real popfq leaves IF and IOPL alone. NT would break the next IRETQ, TF step through the library. */
ROUTINE popf
	testl	$RFLAGS_TF | RFLAGS_NT | RFLAGS_AC, 8(%rsp)
	jnz	hypercall_popf
	testb	$RFLAGS_IF >> 8, 9(%rsp)
	jz	1f
	movb	$RFLAGS_IF >> 8, VIF
	cmpb	$0, VCPU_PENDING
	jne	hypercall_popf
	pushq	8(%rsp)
	popfq
	ret	$8
1:	movb	$0, VIF
	pushq	8(%rsp)
	popfq
	ret	$8

/*
 * IRETQ, jumped to: RIP, CS, RFLAGS, RSP and SS at %rsp. To a program with the host's own selectors, and to the code segment in use, it is the CPU's
 * instruction; SS of the kernel's own level may be null or not.
 */
ROUTINE iret
	WINDOW	LILY_WINDOW_IRET
	movq	%rax, STATE(SCRATCH)
	WINDOW	LILY_WINDOW_IRET_SCRATCH
	lahf				/* for the engine, if it has to report a fault here */
	seto	%al
	movq	%rax, STATE(SCRATCH_FLAGS)
	cmpq	$0, STATE(WORK)
	jne	2f
	testl	$RFLAGS_TF | RFLAGS_NT | RFLAGS_AC, 16(%rsp)
	jnz	2f
	movq	8(%rsp), %rax
	cmpw	VCPU_CS, %ax
	je	1f
	cmpw	$PROGRAM_CS, %ax
	jne	2f
	cmpw	$PROGRAM_SS, 32(%rsp)
	jne	2f
	movq	(%rsp), %rax
	cmpq	STATE(PROGRAM_END), %rax
	jae	2f
	movb	17(%rsp), %al
	andb	$RFLAGS_IF >> 8, %al
	jz	2f
	WINDOW	LILY_WINDOW_IRET_PROGRAM
	movb	$RFLAGS_IF >> 8, VIF
	movb	$3, STATE(CPL)
	movb	$PROGRAM_CS, VCPU_CS
	movb	$PROGRAM_SS, VCPU_SS
	movq	STATE(SCRATCH), %rax
#ifdef KEYS
	TO_CROSSING
	WINDOW	LILY_WINDOW_IRET_PROGRAM|CROSSING_WINDOW
	movq	(%rsp), %rax
	movq	%rax, CROSS(IP)
	movq	8(%rsp), %rax
	movq	%rax, CROSS(CS)
	movq	16(%rsp), %rax
	movq	%rax, CROSS(FLAGS)
	movq	24(%rsp), %rax
	movq	%rax, CROSS(SP)
	movq	32(%rsp), %rax
	movq	%rax, CROSS(SS)
	movq	$CROSS(IP), %rsp
	CROSS_WITH PROGRAM_KEY_RIGHTS
#endif
	iretq
	WINDOW	LILY_WINDOW_IRET_SCRATCH
1:	movq	32(%rsp), %rax
	testw	%ax, %ax
	jz	3f
	cmpw	$KERNEL_SS, %ax
	jne	2f
3:	movq	(%rsp), %rax
	shrq	$47, %rax
	jnz	2f
	movb	17(%rsp), %al
	andb	$RFLAGS_IF >> 8, %al
	WINDOW	LILY_WINDOW_IRET_KERNEL
	movb	%al, VIF
	movq	32(%rsp), %rax
	movw	%ax, VCPU_SS
	movq	$PROGRAM_CS, 8(%rsp)
	movq	$PROGRAM_SS, 32(%rsp)
	movq	STATE(SCRATCH), %rax
	iretq
	WINDOW	LILY_WINDOW_IRET_SCRATCH
2:	movq	STATE(SCRATCH_FLAGS), %rax
	addb	$0x7f, %al
	sahf
	movq	STATE(SCRATCH), %rax
	WINDOW	LILY_WINDOW_IRET
	jmp	hypercall_iret
	WINDOW	LILY_WINDOW_NONE

/* SYSRETQ, jumped to: %rsp is the program's, %rcx its RIP, %r11 its flags. */
ROUTINE sysret
	WINDOW	LILY_WINDOW_SYSRET		/* from the start: work that an interruption brings must not be overlooked */
	cmpq	$0, STATE(WORK)
	jne	hypercall_sysret
	cmpq	STATE(PROGRAM_END), %rcx
	jae	hypercall_sysret
	testl	$RFLAGS_TF | RFLAGS_NT | RFLAGS_AC, %r11d
	jnz	hypercall_sysret
	testl	$RFLAGS_IF, %r11d
	jz	hypercall_sysret
	movb	$RFLAGS_IF >> 8, VIF
	movb	$3, STATE(CPL)
	movb	$PROGRAM_CS, VCPU_CS
	movb	$PROGRAM_SS, VCPU_SS
	movq	%rsp, STATE(SCRATCH_STACK)
	movq	STATE(ENGINE_STACK), %rsp
	WINDOW	LILY_WINDOW_SYSRET_STACK
	pushq	%r11
	popfq
#ifdef KEYS
	TO_CROSSING
	WINDOW	LILY_WINDOW_SYSRET_STACK|CROSSING_WINDOW
	movq	STATE(SCRATCH_STACK), %rsp
	CROSS_WITH PROGRAM_KEY_RIGHTS
#else
	movq	STATE(SCRATCH_STACK), %rsp
#endif
	jmp	*%rcx
	WINDOW	LILY_WINDOW_NONE

/*
 * SYSCALL of a program from a place that was patched: %ecx is a code that has its offset and perhaps the number of the call (PatchCode), %r11 the page. The kernel
 * starts with the flags that every kernel asks for clear, or else the engine does it.
 */
	.balign	16
	.globl	program_call
program_call:
	WINDOW	LILY_WINDOW_CALL
#ifdef KEYS
	TO_CROSSING
	WINDOW	LILY_WINDOW_CALL|CROSSING_WINDOW
	CROSS_WITH 0
	WINDOW	LILY_WINDOW_CALL
#endif
	movq	%rsp, STATE(SCRATCH_STACK)
	movq	%rcx, STATE(SCRATCH)
	movq	%r11, STATE(SCRATCH_PAGE)
	movq	STATE(ENGINE_STACK), %rsp
	WINDOW	LILY_WINDOW_CALL_STACK
	pushfq
	andl	$CALL_OFFSET, %ecx
	addq	%r11, %rcx
	movl	STATE(SCRATCH), %r11d
	shrl	$CALL_SHIFT, %r11d
	andl	$CALL_NO_NUMBER, %r11d
	cmpl	$CALL_NO_NUMBER, %r11d
	cmovneq	%r11, %rax
	movq	(%rsp), %r11			/* it stays below the engine's stack, for who takes all this back */
	movq	STATE(SCRATCH_STACK), %rsp
	testl	$RFLAGS_TF | RFLAGS_DF | RFLAGS_NT | RFLAGS_AC, %r11d
	jnz	hypercall_program
	cmpq	$0, STATE(SYSTEM_CALL_TARGET)
	je	hypercall_program
	WINDOW	LILY_WINDOW_CALL_ENTERED
	movb	$0, VIF
	movb	$0, STATE(CPL)
	movb	$KERNEL_CS, VCPU_CS
	movb	$KERNEL_SS, VCPU_SS
	incq	STATE(QUICK_SYSTEM_CALLS)
	testb	$1, one			/* clears all status flags, as the mask asks for */
	jmp	*STATE(SYSTEM_CALL_TARGET)
	WINDOW	LILY_WINDOW_NONE
one:	.byte	1

/*
 * CPUID of a program from a place that was patched: %ebx is a code (IdentificationCode), %rdx the page. All four registers are CPUID's results, flags stay
 * what they are. An engine that comes in between takes it back: what CPUID is asked for stands in the code before it.
 */
	.balign	16
	.globl	program_identification
program_identification:
	WINDOW	LILY_WINDOW_IDENTIFY
	movq	%rbx, STATE(SCRATCH)
	movzwl	%bx, %eax
	leaq	(%rdx, %rax), %rcx
	movq	%rcx, STATE(SCRATCH_PAGE)
	WINDOW	LILY_WINDOW_IDENTIFY_RESULT
	bswapl	%ebx
	movzbl	%bh, %ebx		/* bits 16 to 23 */
	movl	STATE(IDENTIFICATION)(, %rbx, 8), %eax
	movl	STATE(IDENTIFICATION) + 8(, %rbx, 8), %ecx
	movl	STATE(IDENTIFICATION) + 12(, %rbx, 8), %edx
	movl	STATE(IDENTIFICATION) + 4(, %rbx, 8), %ebx
	jmp	*STATE(SCRATCH_PAGE)
	WINDOW	LILY_WINDOW_NONE
