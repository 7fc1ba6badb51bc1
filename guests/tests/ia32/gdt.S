/* lgdt and sgdt: another table, a changed descriptor, faults through their operands. */
#include "test.h"

	.globl	main
main:	movl	$-1, image
	movl	$-1, image + 4
	sgdt	image
	movzwl	image, %eax
	SHOW("limit", %eax)
	movl	image + 2, %eax
	subl	$gdt, %eax
	SHOW("base - gdt", %eax)
	movzwl	image + 6, %eax
	SHOW("behind", %eax)

	/* A copy of the table, one descriptor longer. */
	movl	$gdt, %esi
	movl	$copy, %edi
	movl	$24, %ecx
	rep movsl
	movl	$0x0000ffff, copy + 96
	movl	$0x00cf9300, copy + 100
	movl	$image, %ebx
	movw	$103, (%ebx)
	movl	$copy, 2(%ebx)
	lgdt	(%ebx)
	movl	$96, %eax
	movl	%eax, %fs
	movl	%fs, %ecx
	SHOW("new selector", %ecx)
	leal	-8(%esp), %esp
	sgdt	(%esp)
	movzwl	(%esp), %eax
	SHOW("limit", %eax)
	lgdt	gdt_pointer
	sgdt	(%esp)
	movzwl	(%esp), %eax
	SHOW("limit back", %eax)
	leal	8(%esp), %esp
	movl	$96, %eax
	MAY_FAULT("its selector now", movl %eax, %fs)
	MAY_FAULT("lgdt from nowhere", lgdt 0x00900000)
	MAY_FAULT("sgdt to nowhere", sgdt 0x00900000)
	xorl	%eax, %eax
	movl	%eax, %fs
	ret

	.bss
	.balign	8
image:	.skip	8
copy:	.skip	104
