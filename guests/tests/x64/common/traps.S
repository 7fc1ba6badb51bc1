/* Interrupt table and handler of the small guests: the exception table, then hooks, else the test has failed. */
#include "test.h"

#define AX		%rax
#define CX		%rcx
#define SI		%rsi
#define SP		%rsp
#define WORD_SIZE	8
#define TRAP_IP		TRAP_RIP

	.text
	.globl	trap
trap:	.irp	register, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	pushq	%\register
	.endr
#include "dispatch.h"
trap_return:
	.irp	register, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp
	popq	%\register
	.endr
	addq	$8, %rsp
	.irp	register, rbx, rdx, rcx, rax
	popq	%\register
	.endr
	addq	$16, %rsp
	iretq

/* Keeps registers, flags and stack as they were at the fault. */
fixup:	movq	TRAP_RSP(%rsp), %rax
	movq	%rax, 88(%rsp)		/* RSP's place among the registers */
	movq	%rsp, %rsi
	movq	$registers_at_fault, %rdi
	movl	$16, %ecx
	rep movsq
	movq	TRAP_RFLAGS(%rsp), %rax
	movq	%rax, registers_at_fault + 128
	jmp	trap_return

#include "unexpected.h"

/* Registers in the order of the trap frame, then flags. */
	.globl	before_fault
before_fault:
	movq	$-1, fault_vector
	pushfq
	popq	registers_before + 128
	.set	place, 120
	.irp	register, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	movq	%\register, registers_before + place
	.set	place, place - 8
	.endr
	pushq	%rax
	leaq	16(%rsp), %rax
	movq	%rax, registers_before + 88
	popq	%rax
	pushq	registers_before + 128
	popfq
	ret

	.globl	after_fault
after_fault:
	pushq	%rax
	pushq	%rcx
	movq	16(%rsp), %rax
	cmpq	$-1, fault_vector
	jne	1f
	SAY("no fault in:")
	jmp	3f
1:	SHOW("vector", fault_vector)
	SHOW("error", fault_error)
	andq	$~0x10000, registers_at_fault + 128	/* RF is the fault's own */
	movl	$17, %ecx
2:	decl	%ecx
	js	3f
	movq	registers_before(, %rcx, 8), %rax
	cmpq	registers_at_fault(, %rcx, 8), %rax
	je	2b
	SHOW("CHANGED place", %rcx)
	SHOW("before", registers_before(, %rcx, 8))
	SHOW("at fault", registers_at_fault(, %rcx, 8))
	jmp	2b
3:	popq	%rcx
	popq	%rax
	jmp	say

	.globl	traps_init
traps_init:
	movq	$stubs, %rax
	movq	$idt, %rdi
	movl	$GATES, %ecx
1:	movw	%ax, (%rdi)
	movw	$KERNEL_CS, 2(%rdi)
	movw	$0x8e00, 4(%rdi)
	movq	%rax, %rdx
	shrq	$16, %rdx
	movw	%dx, 6(%rdi)
	shrq	$16, %rdx
	movl	%edx, 8(%rdi)
	addq	$16, %rax
	addq	$16, %rdi
	loop	1b
	movb	$0xee, idt + 16 * VECTOR_SOFTWARE + 5	/* for user code too */
	lidt	idt_pointer
	movq	$tss, %rax
	movw	$103, tss_descriptor
	movw	%ax, tss_descriptor + 2
	shrq	$16, %rax
	movb	%al, tss_descriptor + 4
	movb	$0x89, tss_descriptor + 5
	movb	%ah, tss_descriptor + 7
	movq	$trap_stack_top, tss + 4
	movl	$TSS_SELECTOR, %eax
	ltr	%ax
	jmp	interrupts_init

	.data
	.globl	idt_pointer, trap_hooks, fault_vector, fault_error
idt_pointer:
	.word	GATES * 16 - 1
	.quad	idt

	.bss
	.balign	16
	.globl	idt, tss
idt:	.skip	GATES * 16
tss:	.skip	104
	.balign	8
trap_hooks:
	.skip	GATES * 8
fault_vector:
	.skip	8
fault_error:
	.skip	8
registers_before:
	.skip	17 * 8
registers_at_fault:
	.skip	17 * 8
	.skip	0x2000
trap_stack_top:
