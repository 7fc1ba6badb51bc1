/* sysexit to ring 3, by itself and behind sti, and sysenter back. Code of ring 3 is not converted. */
#include "test.h"

#define SYSENTER_CS	0x174
#define SYSENTER_ESP	0x175
#define SYSENTER_EIP	0x176
#define SYSENTER	.byte 0x0f, 0x34

	.globl	main
main:	movl	$TSS_SELECTOR, %eax
	ltr	%ax
	xorl	%edx, %edx
	movl	$SYSENTER_CS, %ecx
	movl	$KERNEL_CS, %eax
	wrmsr
	movl	$SYSENTER_ESP, %ecx
	movl	$entry_stack_top, %eax
	wrmsr
	movl	$SYSENTER_EIP, %ecx
	movl	$entry, %eax
	wrmsr

	movl	$1f, resume
	movl	%esp, kernel_stack
	movl	$LOW(user), %edx
	movl	$LOW(user_stack_top), %ecx
	movl	$0xcafe0001, %eax
	stc
	sysexit
1:	SAY("back once")

	movl	$2f, resume
	movl	$LOW(user), %edx
	movl	$LOW(user_stack_top), %ecx
	movl	$0xcafe0002, %eax
	clc
	sti
	sysexit
2:	SAY("back twice")

	/* From ring 0 too: it goes to the same place. */
	movl	$3f, resume
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	sysenter
3:	xorl	%eax, %eax
	movl	$SYSENTER_CS, %ecx
	xorl	%edx, %edx
	wrmsr
	movl	%esp, %ebp
	MAY_FAULT("sysexit without selectors", sysexit)
	subl	%esp, %ebp
	SHOW("stack difference", %ebp)
	ret

user:	setc	%bl
	movzbl	%bl, %ebx
	movl	%esp, %ebp
	SYSENTER

entry:	pushfl
	popl	%ecx
	andl	$0x200, %ecx
	SHOW("eax", %eax)
	SHOW("carry", %ebx)
	SHOW("IF", %ecx)
	movl	%cs, %ecx
	SHOW("cs", %ecx)
	movl	%ss, %ecx
	SHOW("ss", %ecx)
	testl	%ebp, %ebp
	jz	1f
	subl	$LOW(user_stack_top), %ebp
	SHOW("user stack", %ebp)
1:	movl	kernel_stack, %esp
	jmp	*resume

	.bss
	.balign	16
kernel_stack:
	.skip	4
resume:	.skip	4
	.skip	0x1000
entry_stack_top:
	.skip	0x1000
user_stack_top:
