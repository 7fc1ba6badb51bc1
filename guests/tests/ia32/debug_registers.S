/* mov to and from the debug registers, and a breakpoint that they raise. */
#include "test.h"

	.globl	main
main:	movl	$0x11111111, %eax
	movl	$0x22222222, %ebx
	movl	$0x33333333, %ecx
	movl	$0x44444444, %edx
	movl	%eax, %dr0
	movl	%ebx, %db1
	movl	%ecx, %dr2
	movl	%edx, %db3
	movl	%db0, %esi
	SHOW("dr0", %esi)
	movl	%dr1, %edi
	SHOW("dr1", %edi)
	movl	%db2, %ebp
	SHOW("dr2", %ebp)
	movl	%dr3, %eax
	SHOW("dr3", %eax)
	xorl	%eax, %eax
	movl	%eax, %dr6
	movl	%dr6, %ebx
	SHOW("dr6", %ebx)
	movl	$0x400, %eax
	movl	%eax, %dr7
	movl	%dr7, %ecx
	SHOW("dr7", %ecx)

	/* Break on writes to a word, breakpoint 2. */
	HOOK(1, debug)
	movl	$word, %eax
	movl	%eax, %dr2
	movl	$0x0d000420, %eax
	movl	%eax, %dr7
	movl	$1, word
	nop
	movl	$0x400, %eax
	movl	%eax, %dr7
	movl	$2, word
	SHOW("hits", hits)
	ret

debug:	incl	hits
	movl	%dr6, %edx
	andl	$0xf, %edx
	SHOW("breakpoints met", %edx)
	xorl	%edx, %edx
	movl	%edx, %dr6
	ret

	.bss
	.balign	4
word:	.skip	4
hits:	.skip	4
