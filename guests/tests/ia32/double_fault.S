/* A page fault whose frame does not fit the stack is a double fault, for which kernels have a task of its own. */
#include "test.h"

#define NOWHERE		0x00900000
#define TASK		OTHER_CS	/* its place in the GDT */
#define TSS_CR3		28
#define TSS_EIP		32
#define TSS_EFLAGS	36
#define TSS_EAX		40
#define TSS_ESP		56
#define TSS_ES		72

	.globl	main
main:	movl	$TSS_SELECTOR, %eax
	ltr	%ax
	movl	$task, %eax
	movw	$103, gdt + TASK
	movw	%ax, gdt + TASK + 2
	shrl	$16, %eax
	movb	%al, gdt + TASK + 4
	movb	$0x89, gdt + TASK + 5
	movb	$0, gdt + TASK + 6
	movb	%ah, gdt + TASK + 7
	movl	%cr3, %eax
	movl	%eax, task + TSS_CR3
	movl	$double_fault, task + TSS_EIP
	movl	$2, task + TSS_EFLAGS
	movl	$task_stack, task + TSS_ESP
	movl	$KERNEL_DS, %eax
	movl	%eax, task + TSS_ES
	movl	$KERNEL_CS, task + TSS_ES + 4
	movl	%eax, task + TSS_ES + 8
	movl	%eax, task + TSS_ES + 12
	movl	$TASK << 16, idt + 8 * 8
	movl	$0x8500, idt + 8 * 8 + 4
	lidt	idt_pointer

	movl	$0xcafe0001, %eax
	movl	$0xcafe0002, %edi
	movl	$NOWHERE, %esp
faulting:
	pushl	%eax
	SAY("not reached")
	ret

double_fault:
	popl	%eax
	SHOW("double fault, error", %eax)
	movl	task, %eax
	SHOW("link", %eax)
	pushfl
	popl	%eax
	SHOW("flags", %eax)
	str	%eax
	SHOW("tr", %eax)
	movl	%cr0, %eax
	andl	$8, %eax
	SHOW("TS", %eax)
	clts
	movl	%cr2, %eax
	SHOW("cr2", %eax)
	movzbl	gdt + TASK + 5, %eax
	SHOW("busy", %eax)
	movzbl	gdt + TSS_SELECTOR + 5, %eax
	SHOW("the other one", %eax)
	movl	tss + TSS_EIP, %eax
	subl	$faulting, %eax
	SHOW("it was at", %eax)
	SHOW("with eax", tss + TSS_EAX)
	SHOW("with edi", tss + TSS_EAX + 28)
	SHOW("with esp", tss + TSS_ESP)
	SHOW("with es", tss + TSS_ES)
	SHOW("with cs", tss + TSS_ES + 4)

	/* Back to it, at another place with another stack. */
	movl	$recovered, tss + TSS_EIP
	movl	$stack_top, tss + TSS_ESP
	movl	%cr3, %eax
	movl	%eax, tss + TSS_CR3
	iret

recovered:
	SHOW("back, eax", %eax)
	SHOW("edi", %edi)
	str	%eax
	SHOW("tr", %eax)
	movzbl	gdt + TASK + 5, %eax
	SHOW("busy", %eax)
	pushfl
	popl	%eax
	andl	$0x4000, %eax
	SHOW("NT", %eax)
	clts
	SAY("OK")
	movb	$0, %al
	jmp	leave_machine

	.bss
	.balign	16
task:	.skip	104
	.skip	0x1000
task_stack:
