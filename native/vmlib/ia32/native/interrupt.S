/*
 * int n: delivered in software through the guest's IDT, so that the return address is the one behind the NOP. The guest kernel's own
 * privilege level is the target's, since nothing is more privileged (SDM vol. 3, 6.12.1).
 */
#include "frame.h"
#include "gate.h"

	.text
ROUTINE int
	ENTER
	call	operand			/* %eax = vector */
	call	guest_idt		/* %ebx = base, %ecx = limit */
	leal	(%ebx, %eax, 8), %edx
	leal	7(, %eax, 8), %edi
	cmpl	%ecx, %edi
	movl	$VECTOR_GP, %ecx
	ja	absent
	movb	%ss:5(%edx), %bl
	andl	$GATE_KIND_MASK, %ebx
	movl	$~(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM), %edi
	cmpl	$GATE_TRAP, %ebx
	je	present
	movl	$~(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | EFLAGS_IF), %edi
	cmpl	$GATE_INTERRUPT, %ebx
	je	present
	orl	$GATE_PRESENT_BIT, %ebx	/* a good gate but for its present bit is #NP, anything else #GP */
	cmpl	$GATE_TRAP, %ebx
	ja	absent
	cmpl	$GATE_INTERRUPT, %ebx
	jb	absent
	movl	$VECTOR_NP, %ecx
	jmp	absent

/* Stack for the handler: EIP, CS, EFLAGS; below it the far pointer to the handler itself. %edi masks its flags. */
present:
	LOAD_GATE_TARGET
	COPY_REGISTERS
	movl	FRAME_SAVED_FLAGS(%ebp), %eax
	andl	%eax, %edi
	pushl	%edi
	movl	%eax, 36(%ebp)
	movl	%cs, %eax
	movl	%eax, 32(%ebp)
	movl	%esi, 28(%ebp)
	movl	%edx, 24(%ebp)
	movl	%ecx, 20(%ebp)
	popfl
	popal
	leal	20(%esp), %esp
	lret

/* A fault at the call site with the gate's number and the IDT bit as error code (SDM vol. 3, 6.13); %ecx = vector. */
absent:
	cli
	COPY_REGISTERS
	leal	2(, %eax, 8), %eax
	movl	FRAME_RETURN(%ebp), %ebx
	subl	$5, %ebx
	movl	FRAME_SAVED_FLAGS(%ebp), %edx
	movl	%edx, 36(%ebp)
	movl	%cs, %edx
	movl	%edx, 32(%ebp)
	movl	%ebx, 28(%ebp)
	movl	%eax, 24(%ebp)
	cmpl	$VECTOR_NP, %ecx
	popal
	leal	24(%esp), %esp
	je	fault_11
	jmp	fault_13
