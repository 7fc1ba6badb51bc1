/* INT 80h of a guest program: as a rule straight on to its kernel. */
#include "delivery.h"

	.text
	.globl	lily_system_call
	.balign	16
lily_system_call:
	testb	$2, FRAME_CS - 16(%rsp)
	jz	1f
	cmpl	$0, STATE(VIRTUAL_FLAGS)
	jne	1f
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	DELIVER	lily_system_call, VECTOR_SYSTEM_CALL, 24, 0, COUNTER_FAST_SYSTEM_CALLS
1:	pushq	$0
	pushq	$VECTOR_SYSTEM_CALL
	jmp	lily_trap

	.section .note.GNU-stack, "", @progbits
