/* Frames that iretq refuses on its way to a program: the fault is the iretq's own, in the kernel, with the kernel's stack. */
#include "test.h"
.macro TRY name, cs=USER_CS, ss=USER_DS
	movq	$\cs, 8(%rsp)
	movq	$\ss, 32(%rsp)
	MAY_FAULT("\name", iretq)
.endm
	.text
	.globl	main
main:	HOOK(13, protection)
	HOOK(14, protection)
	pushq	$USER_DS
	pushq	$USER_STACK
	pushq	$2
	pushq	$USER_CS
	pushq	$USER_CODE
	TRY	name="null code selector", cs=0
	TRY	name="null code selector of ring 3", cs=3
	TRY	name="beyond the table", cs=0x123b
	TRY	name="data as code", cs=USER_DS
	TRY	name="kernel code for ring 3", cs=(KERNEL_CS+3)
	TRY	name="a system segment", cs=(TSS_SELECTOR+3)
	TRY	name="null stack for a program", ss=3
	TRY	name="kernel stack for a program", ss=KERNEL_DS
	TRY	name="code as stack", ss=USER_CS
	TRY	name="stack of another level", ss=(USER_DS-3)
	TRY	name="absent stack", ss=ABSENT_DS
	addq	$40, %rsp
	/* A program that begins where nothing is: its own fault. */
	movq	%rsp, kernel_stack
	movabsq	$0x7000000000, %rdi
	pushq	$USER_DS
	pushq	$USER_STACK
	pushq	$2
	pushq	$USER_CS
	pushq	%rdi
	iretq
protection:
	SHOW("vector", TRAP_VECTOR(%rax))
	SHOW("error", TRAP_ERROR(%rax))
	SHOW("cs", TRAP_CS(%rax))
	SHOW("rip", TRAP_RIP(%rax))
	SHOW("rsp", TRAP_RSP(%rax))
	jmp	leave_program
