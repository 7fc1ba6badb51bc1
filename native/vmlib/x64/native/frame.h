/*
 * The frame of a native routine that needs scratch registers or operands: exactly what LILY_RECOVER_ALL_REGISTERS undoes. %rbp points to
 * it from ENTER to LEAVE, and %rsp does so too at every FAULTS LILY_RECOVER_ALL_REGISTERS.
 */
#include "vmlib.h"

/* Names for what both architectures share (../../common), with those of vmlib.h: what lies in the frame. */
#define FRAME_AX		FRAME_rax(%rbp)
#define FRAME_SP		FRAME_rsp(%rbp)
#define SAVED_FLAGS		FRAME_SAVED_FLAGS(%rbp)

/* Register number n lies at FRAME_rax - 8 * n. */
.set FRAME_rax, 120
.set FRAME_rsp, 88
#define FRAME_REGISTERS		128
#define FRAME_SAVED_FLAGS	128
#define FRAME_RETURN		136
#define FRAME_SIZE		144

.macro PUSH_REGISTERS
	.irp register, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	pushq	%\register
	.endr
.endm

/* The place of RSP is skipped. */
.macro POP_REGISTERS
	.irp register, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp
	popq	%\register
	.endr
	leaq	8(%rsp), %rsp
	.irp register, rbx, rdx, rcx, rax
	popq	%\register
	.endr
.endm

#include "../../common/frame.h"
