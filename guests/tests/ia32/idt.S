/* lidt and sidt: the pointer as it was loaded, another table, gates changed while they are in use. */
#include "test.h"

	.globl	main
main:	sidt	image
	movzwl	image, %eax
	SHOW("limit", %eax)
	movl	image + 2, %eax
	subl	$idt, %eax
	SHOW("base - idt", %eax)

	/* Another table: vectors up to 15, so that later ones are beyond its limit. */
	movl	$idt, %esi
	movl	$copy, %edi
	movl	$32, %ecx
	rep movsl
	movw	$127, image
	movl	$copy, image + 2
	movl	$image, %ecx
	lidt	(%ecx)
	leal	-8(%esp), %esp
	sidt	(%esp)
	movzwl	(%esp), %eax
	SHOW("limit", %eax)
	movl	2(%esp), %eax
	subl	$copy, %eax
	SHOW("base - copy", %eax)
	leal	8(%esp), %esp
	HOOK(3, breakpoint)
	MAY_FAULT("int beyond the limit", int $0x30)
	int3

	/* A handler for #GP that comes after lidt. */
	movl	$copy + 13 * 8, %edi
	movl	$own_handler, %eax
	call	set_gate
	movl	$BEYOND_GDT, %ebx
first:	movl	%ebx, %fs
	SHOW("handled", %edi)

	/* The same as a trap gate, with interrupts on. */
	movl	$BEYOND_GDT, %ebx
	movb	$0x8f, copy + 13 * 8 + 5
	sti
second:	movl	%ebx, %fs
	cli
	SHOW("handled", %edi)
	SHOW("flags in the handler", %ecx)
	MAY_FAULT("lidt from nowhere", lidt 0x00900000)
	MAY_FAULT("sidt to nowhere", sidt 0x00900000)
	lidt	idt_pointer
	ret

breakpoint:
	SAY("breakpoint")
	ret

/* Replaces the selector by a good one and lets the instruction run again. */
own_handler:
	pushfl
	popl	%ecx
	andl	$0x200, %ecx
	popl	%edi			/* error code */
	movl	$KERNEL_DS, %ebx
	cmpl	$first, (%esp)
	je	1f
	cmpl	$second, (%esp)
	je	1f
	SAY("at another place")
1:	iret

	.bss
	.balign	8
image:	.skip	8
copy:	.skip	128
