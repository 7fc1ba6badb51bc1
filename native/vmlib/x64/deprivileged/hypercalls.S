/*
 * A hypercall for every entry, as hypercall_NAME and as the entry's own routine; the latter is weak, and fast.S replaces those that need no
 * engine. Nothing is pushed: the stack may be a program's. The state of the guest is complete when the engine is reached, but for RIP.
 */
#include "engine.h"

	.text
#define ENTRY(number, name)	.weak impl_##name; .globl hypercall_##name; impl_##name: hypercall_##name: \
	movq %rax, STATE(AX); movl $number, %eax; jmp enter_engine;
	WINDOW	LILY_WINDOW_HYPERCALL
#include "jump_table.inc"

	.globl	hypercall_program
hypercall_program:
	movq	%rax, STATE(AX)
	movl	$PROGRAM_CALL, %eax
enter_engine:
	movq	%rcx, STATE(CX)
	movq	%rdx, STATE(DX)
	movq	%rbx, STATE(BX)
	movq	%rsp, STATE(SP)
	movq	%rbp, STATE(BP)
	movq	%rsi, STATE(SI)
	movq	%rdi, STATE(DI)
	movq	%r8, STATE(R8)
	movq	%r9, STATE(R9)
	movq	%r10, STATE(R10)
	movq	%r11, STATE(R11)
	movq	%r12, STATE(R12)
	movq	%r13, STATE(R13)
	movq	%r14, STATE(R14)
	movq	%r15, STATE(R15)
	movq	STATE(ENGINE_STACK), %rsp
	jmp	*STATE(ENGINE_ENTRY)
	WINDOW	LILY_WINDOW_NONE
