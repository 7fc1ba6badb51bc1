/* A program loads every selector there is into every data segment register. Those of the host work; the kernel must not notice. */
#include "test.h"

	.globl	main
main:	call	user_init
	HOOK(11, go_on)
	HOOK(13, go_on)
	HOOK(14, go_on)
	RUN_RING_3(program, $2)
	movw	%ds, %ax
	movzwl	%ax, %eax
	SHOW("ds in the kernel", %eax)
	movl	%cs:kernel_word, %eax
	SHOW("its data", %eax)
	ret

go_on:	movl	TRAP_EBP(%eax), %ecx
	movl	%ecx, TRAP_EIP(%eax)
	ret

	RING_3_CODE
program:
	xorl	%esi, %esi
1:	movl	$LOW(2f), %ebp
	movw	%si, %fs
2:	movl	$LOW(3f), %ebp
	movw	%si, %gs
3:	movl	$LOW(4f), %ebp
	movw	%si, %es
4:	movl	$LOW(5f), %ebp
	movw	%si, %ds
5:	movl	$USER_DS, %eax
	movw	%ax, %ds
	movw	%ax, %es
	incl	%esi
	cmpl	$0x10000, %esi
	jb	1b
	LEAVE_RING_3
	RING_3_CODE_END

	.data
	.balign	4
kernel_word:
	.long	0x600df00d
