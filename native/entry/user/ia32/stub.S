/*
 * Entry and leaving of the user hypervisor: 64-bit code in the process that also runs the guest's 32-bit code.
 *
 * The vCPU's registers lie in shared memory at lily_vcpu. "Complete" means: all of the guest's state is there, so that whatever runs now
 * may be abandoned at any instruction and lily_resume started anew. DS and ES play no role in 64-bit code and keep the guest's selectors;
 * FPU and SSE registers are the guest's throughout (the build gate keeps C# from them). Each stub has one stack for this code, and one for
 * signal handlers.
 */
#include "machine.h"
#include "../../common/ia32.h"

#include "../../common/helpers.S"
#include "../../common/process.S"
#include "../../common/segments.S"

/*
 * From the VM library, through the trampoline: 32-bit registers of the guest, RSP its stack with the entry's number on top, interrupted
 * anywhere by signals. Neither registers nor flags may change before they are stored. SAVE ends with the state complete but for EIP.
 */
.macro SAVE
	movl	%eax, STATE(AX)
	movl	%ecx, STATE(CX)
	movl	%edx, STATE(DX)
	movl	%ebx, STATE(BX)
	movl	%esp, STATE(SP)
	movl	%ebp, STATE(BP)
	movl	%esi, STATE(SI)
	movl	%edi, STATE(DI)
	leaq	lily_stack_top(%rip), %rsp
	pushfq
	popq	%rax
	movl	%eax, STATE(FLAGS)
	/*
	 * C# expects DF clear, an AC of the guest would make its own unaligned accesses fault, and lily_resume wants NT and ID clear. POPF
	 * is slow.
	 */
	cld
	testl	$EFLAGS_NT | EFLAGS_AC | EFLAGS_ID, %eax
	jz	9f
	pushq	$0x202
	popfq
9:
.endm

	.globl	lily_hypercall
	.balign	16
lily_hypercall:
	SAVE
	call	lily_on_hypercall
	jmp	lily_resume

/* From the guest's vDSO: the far call's return address and selector on the guest's stack. */
	.globl	lily_system_call
	.balign	16
lily_system_call:
	SAVE
	call	lily_on_system_call
	/* fall through */

/* Enters the guest; the state is complete, and DS, ES, FS and GS are already the guest's. */
	RESUME	1f
	movl	STATE(FLAGS), %edx
	testl	$EFLAGS_TF, %edx
	jnz	2f
	movl	lily_guest_ss(%rip), %eax
	movl	%ss, %ecx
	cmpl	%eax, %ecx
	je	3f
	movl	%eax, %ss
3:	testl	$EFLAGS_DF | EFLAGS_NT | EFLAGS_AC | EFLAGS_ID, lily_guest_flags(%rip)
	jnz	4f
	/* Only status flags: SAHF for all but OF, which an addition makes. */
	movl	STATE(IP), %eax
	movl	%eax, lily_target(%rip)
	movl	STATE(CX), %ecx
	movl	STATE(BX), %ebx
	movl	STATE(BP), %ebp
	movl	STATE(SI), %esi
	movl	STATE(DI), %edi
	movl	STATE(SP), %esp
	movl	%edx, %eax
	shrl	$11, %eax
	andb	$1, %al			/* OF */
	addb	$0x7f, %al
	movb	%dl, %ah
	sahf
	movl	STATE(AX), %eax
	movl	STATE(DX), %edx
	ljmpl	*lily_target(%rip)
/* Flags that only POPF sets. */
4:	pushq	lily_guest_flags(%rip)
	movl	STATE(IP), %eax
	movl	%eax, lily_target(%rip)
	LOAD_REGISTERS
	popfq
	movl	STATE(SP), %esp
	ljmpl	*lily_target(%rip)
/* Single-stepping: only IRETQ sets TF and reaches the guest before the trap. */
2:	movl	lily_guest_ss(%rip), %eax
	pushq	%rax
	movl	STATE(SP), %eax
	pushq	%rax
	pushq	lily_guest_flags(%rip)
	movzwl	lily_target + 4(%rip), %eax
	pushq	%rax
	movl	STATE(IP), %eax
	pushq	%rax
	LOAD_REGISTERS
	iretq
lily_resume_end:
1:	call	lily_on_attention
	jmp	lily_resume

/* void lily_old_system_call(void): getpid, as 32-bit programs ask for it. */
	.globl	lily_old_system_call
	.balign	16
lily_old_system_call:
	movl	$20, %eax
lily_int80:
	int	$0x80
	ret

/* uint lily_has_segment(uint selector): LAR never faults. */
	.globl	lily_has_segment
	.balign	16
lily_has_segment:
	xorl	%eax, %eax
	larl	%edi, %edx
	setz	%al
	ret

/* void lily_load_{ds,es,fs,gs}(uint selector): the selector was validated, or its descriptor written, by C#. */
.irp segment, ds, es, fs, gs
	.globl	lily_load_\segment
	.balign	16
lily_load_\segment:
	movl	%edi, %\segment
	ret
.endr

	.data
	.globl	lily_attention, lily_guest_ss, lily_guest_flags, lily_target
	.balign	16
lily_target:	.long	0, 0		/* EIP and CS of the guest, for the far jump */
lily_guest_flags: .quad	0x202
lily_guest_ss:	.long	0
lily_attention:	.long	0		/* set by handlers: something is to be done before the guest goes on */

	.section .rodata
	.balign	8
addresses:
	.quad	lily_hypercall, lily_system_call, lily_resume, lily_resume_end, lily_restorer, lily_signal, lily_signal_stack
	.quad	lily_target, lily_guest_flags, lily_guest_ss, lily_attention, lily_int80

	.section .note.GNU-stack, "", @progbits
