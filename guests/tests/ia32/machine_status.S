/* smsw, lmsw, clts: all operand forms, and the device-not-available fault that TS is for. */
#include "test.h"

	.globl	main
main:	movl	%cr0, %eax
	andl	$~0xe, %eax
	movl	%eax, %cr0
	movl	$-1, %ebx
	smsw	%ebx
	andl	$0xffff, %ebx		/* the upper half is undefined */
	SHOW("smsw, register", %ebx)
	movl	$-1, %ecx
	smsw	%cx
	SHOW("smsw, half register", %ecx)
	movl	$-1, word
	smsw	word
	SHOW("smsw, memory", word)

	movl	$0x9, %edx		/* TS, PE */
	lmsw	%dx
	movl	%cr0, %esi
	SHOW("cr0", %esi)
	MAY_FAULT("fnop with TS", fnop)
	stc
	clts
	setc	%al
	movzbl	%al, %eax
	SHOW("carry kept", %eax)
	movl	%cr0, %esi
	SHOW("cr0", %esi)
	MAY_FAULT("fnop without TS", fnop)
	movw	$0xa, word		/* TS; PE cannot be cleared this way */
	lmsw	word
	movl	%cr0, %esi
	SHOW("cr0", %esi)
	clts
	movl	$1, %edx
	lmsw	%dx
	movl	%cr0, %esi
	SHOW("cr0", %esi)
	MAY_FAULT("lmsw from nowhere", lmsw 0x00900000)
	MAY_FAULT("smsw to nowhere", smsw 0x00900000)
	ret

	.bss
	.balign	4
word:	.skip	4
