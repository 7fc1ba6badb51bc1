/* Segment registers: reads of each width and place, loads, and loads that fault at the instruction. */
#include "test.h"
	.text
	.globl	main
main:	movq	$-1, %r9
	movl	%ds, %r9d
	SHOW("ds", %r9)
	movq	$-1, %rax
	movw	%cs, %ax
	SHOW("cs", %rax)
	movq	%ss, %r15
	SHOW("ss", %r15)
	movl	$USER_DS, %r10d
	movl	%r10d, %es
	movw	%es, 6(%rsp)
	movzwl	6(%rsp), %eax
	movw	$0, 6(%rsp)
	SHOW("es", %rax)
	movw	$KERNEL_DS, selector
	movw	selector(%rip), %es
	movl	%es, %edx
	SHOW("es from memory", %rdx)
	movl	$USER_DS, %esi
	movl	%esi, %fs
	pushq	%fs
	popq	%r12
	SHOW("fs", %r12)
	pushq	$KERNEL_DS
	popq	%gs
	movl	%gs, %eax
	SHOW("gs", %rax)
	xorl	%eax, %eax
	movl	%eax, %gs
	movl	%eax, %fs
	lfs	pointer, %r13d
	SHOW("lfs offset", %r13)
	movl	%fs, %eax
	SHOW("lfs selector", %rax)
	movl	$KERNEL_DS, %eax
	movl	%eax, %ss
	stc
	movl	$0x1230, %r14d
	MAY_FAULT("beyond the table", movl %r14d, %es)
	movl	$ABSENT_DS, %ecx
	MAY_FAULT("absent", movl %ecx, %fs)
	movq	$0x7000000000, %rdi
	MAY_FAULT("no memory", movw (%rdi), %ds)
	movl	$0x9500, %ebx
	MAY_FAULT("beyond the table, stack", movl %ebx, %ss)
	movl	$TSS_SELECTOR, %eax
	MAY_FAULT("system segment", movw %ax, %gs)
	pushq	$0x1230
	MAY_FAULT("pop", popq %gs)
	popq	%rax
	MAY_FAULT("store", movw %ds, 8(%rdi))
	ret
	.data
	.balign	8
selector:
	.quad	0
pointer:
	.long	0x11223344
	.word	USER_DS
