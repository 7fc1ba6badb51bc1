/*
 * Entry from the guest and return to it, in ring 0 on the CPU's RSP0 stack, which is empty whenever the guest runs. Interrupts stay off
 * throughout.
 *
 * The guest's general registers, EIP, ESP and flags go to the vCPU at lily_machine. "Complete" means: all of it is there, so that
 * lily_resume may be started anew from the top of the stack. DS, ES, FS and GS play no role in 64-bit code and keep the guest's selectors;
 * R8 to R15 are not the guest's, which runs 32-bit code; FPU and SSE registers are the guest's throughout (the build gate keeps C# from
 * them).
 */
#include "machine.h"
#include "../../common/ia32.h"
#include "../../common/vectors.h"

	.text
.macro VECTOR
	.if vector == VECTOR_PAGE_FAULT
	jmp	lily_page_fault
	.elseif vector == VECTOR_HYPERCALL
	jmp	hypercall
	.elseif vector == VECTOR_SYSTEM_CALL
	jmp	lily_system_call
	.else
	HOST_OR_TRAP
	.endif
.endm
	VECTORS

	.section .rodata
/*
 * Interrupt stack and privilege level of each gate (struct ImageHeader). INT3, INTO and INT 80h are a program's, the hypercall the guest
 * kernel's.
 */
	.globl	lily_gates
lily_gates:
	.set	vector, 0
	.rept	256
	.if vector == VECTOR_NMI
	.byte	1
	.elseif vector == VECTOR_DOUBLE_FAULT
	.byte	2
	.elseif vector == VECTOR_MACHINE_CHECK
	.byte	3
	.elseif vector == 3 || vector == 4 || vector == VECTOR_SYSTEM_CALL
	.byte	3 << 5
	.elseif vector == VECTOR_HYPERCALL
	.byte	1 << 5
	.else
	.byte	0
	.endif
	.set	vector, vector + 1
	.endr

	.text
/*
 * All general registers of the guest but ESP; then the rest from the frame, which is at \frame(%rsp) as if vector and error code were
 * there.
 */
.macro SAVE frame
	movl	%eax, STATE(AX)
	movl	%ecx, STATE(CX)
	movl	%edx, STATE(DX)
	movl	%ebx, STATE(BX)
	movl	%ebp, STATE(BP)
	movl	%esi, STATE(SI)
	movl	%edi, STATE(DI)
	movl	\frame + FRAME_RIP(%rsp), %eax
	movl	\frame + FRAME_CS(%rsp), %ecx
	movl	\frame + FRAME_RFLAGS(%rsp), %edx
	movl	\frame + FRAME_RSP(%rsp), %ebx
	movl	\frame + FRAME_SS(%rsp), %ebp
	movl	%eax, STATE(IP)
	movl	%ecx, MACHINE(MACHINE_REAL_CS)
	movl	%edx, STATE(FLAGS)
	movl	%ebx, STATE(SP)
	movl	%ebp, MACHINE(MACHINE_REAL_SS)
	cld
.endm

	.globl	lily_trap
	.balign	16
lily_trap:
	testb	$3, FRAME_CS(%rsp)
	jz	lily_own_trap
	SAVE	0
	movl	FRAME_VECTOR(%rsp), %edi
	movl	FRAME_ERROR(%rsp), %esi
	leaq	lily_stack_top(%rip), %rsp
	call	lily_on_trap
	/* fall through */

/* Enters the guest; its state is complete, and DS, ES, FS and GS are loaded. */
	.globl	lily_resume, lily_iretq
lily_resume:
	leaq	lily_stack_top(%rip), %rsp
	cmpl	$0, MACHINE(MACHINE_ATTENTION)
	jne	1f
	movl	STATE(SP), %eax
	movl	STATE(IP), %ecx
	pushq	MACHINE(MACHINE_REAL_SS)
	pushq	%rax
	pushq	MACHINE(MACHINE_REAL_FLAGS)
	pushq	MACHINE(MACHINE_REAL_CS)
	pushq	%rcx
	LOAD_REGISTERS
lily_iretq:
	iretq
1:	call	lily_on_attention
	jmp	lily_resume

/* Where an exception of that IRETQ goes on: the CPU refused CS or SS. */
	.globl	lily_resume_refused
lily_resume_refused:
	leaq	lily_stack_top(%rip), %rsp
	call	lily_on_refused
	jmp	lily_resume

	.balign	16
hypercall:
	testb	$3, FRAME_CS - 16(%rsp)
	jz	2f
	SAVE	-16
	leaq	lily_stack_top(%rip), %rsp
	call	lily_on_hypercall
	jmp	lily_resume
2:	pushq	$0
	pushq	$VECTOR_HYPERCALL
	jmp	lily_own_trap

/*
 * An exception in the hypervisor's own code, on whatever stack: vector and error code are on it. Everything that a call may change is
 * saved.
 */
	.globl	lily_own_trap
lily_own_trap:
.irp register, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11, rbp
	pushq	%\register
.endr
	movq	%rsp, %rbp
	cld
	movl	80 + FRAME_VECTOR(%rsp), %edi
	movl	80 + FRAME_ERROR(%rsp), %esi
	movq	%cr2, %rdx
	leaq	80 + FRAME_RIP(%rsp), %rcx
	andq	$-16, %rsp
	call	lily_on_own_trap
	movq	%rbp, %rsp
.irp register, rbp, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	popq	%\register
.endr
	addq	$16, %rsp
	iretq

	.section .note.GNU-stack, "", @progbits
