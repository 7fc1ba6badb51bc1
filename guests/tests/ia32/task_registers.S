/* ltr, str, lldt, sldt: all operand forms, the busy bit, faults, and what an LDT is for. */
#include "test.h"

	.globl	main
main:	movl	$-1, %eax
	str	%eax
	SHOW("tr at start", %eax)
	movl	$TSS_SELECTOR, %ecx
	ltr	%cx
	movl	$-1, %ebx
	str	%ebx
	SHOW("str, register", %ebx)
	movl	$-1, %ebx
	str	%bx
	SHOW("str, half register", %ebx)
	movl	$-1, word
	str	word
	SHOW("str, memory", word)
	movl	gdt + TSS_SELECTOR + 4, %eax
	andl	$0xff00, %eax
	SHOW("access byte, now busy", %eax)
	MAY_FAULT("ltr of a busy one", ltr %cx)
	andb	$~2, gdt + TSS_SELECTOR + 5
	movw	$TSS_SELECTOR, word
	ltr	word
	SAY("ltr from memory")
	movl	$KERNEL_DS, %esi
	MAY_FAULT("ltr of data", ltr %si)
	MAY_FAULT("ltr from nowhere", ltr 0x00900000)

	movl	$LDT_SELECTOR, %edx
	lldt	%dx
	movl	$-1, %edi
	sldt	%edi
	SHOW("sldt, register", %edi)
	movl	$-1, %edi
	sldt	%di
	SHOW("sldt, half register", %edi)
	movl	$-1, word
	sldt	word
	SHOW("sldt, memory", word)

	/* Its second descriptor with a base, so that fs operands go through the LDT. */
	movl	$based_data, %eax
	movw	%ax, ldt + 10
	shrl	$16, %eax
	movb	%al, ldt + 12
	movb	%ah, ldt + 15
	movl	$12, %eax
	movl	%eax, %fs
	movl	%fs, %ecx
	SHOW("ldt selector", %ecx)
	SHOW("through it", %fs:0)
	movw	%cs, %fs:2
	SHOW("stored through it", based_data)

	xorl	%eax, %eax
	movl	%eax, %fs
	movw	$0, word
	lldt	word
	sldt	%eax
	SHOW("no ldt", %eax)
	movl	$12, %eax
	MAY_FAULT("a selector in no ldt", movl %eax, %fs)
	movl	$TSS_SELECTOR, %ebp
	MAY_FAULT("lldt of the tss", lldt %bp)
	MAY_FAULT("lldt from nowhere", lldt 0x00900000)
	ret

	.bss
	.balign	4
word:	.skip	4
