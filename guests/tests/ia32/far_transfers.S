/* Far jumps, calls and returns: immediate and indirect, to another descriptor, lret with an immediate, bad selectors. */
#include "test.h"

	.globl	main
main:	movl	%esp, %ebp
	stc
	ljmp	$OTHER_CS, $1f
	SAY("not reached")
1:	setc	%al
	movzbl	%al, %eax
	movl	%cs, %ebx
	SHOW("carry kept", %eax)
	SHOW("ljmp to", %ebx)
	ljmp	*back
2:	movl	%cs, %ebx
	SHOW("ljmp back to", %ebx)

	movl	$0x01010101, %ecx
	lcall	$OTHER_CS, $far_function
	movl	%cs, %ebx
	SHOW("after lcall", %ebx)
	SHOW("its result", %ecx)
	movl	$function_pointer, %edx
	lcall	*(%edx)
	SHOW("its result", %ecx)
	pushl	$OTHER_CS
	pushl	$far_function
	lcall	*(%esp)
	leal	8(%esp), %esp
	SHOW("its result", %ecx)

	pushl	$0x22222222
	pushl	$0x33333333
	lcall	$KERNEL_CS, $far_function_2
	SHOW("sum", %eax)
	sti
	pushl	$0x44444444
	pushl	$0x11111111
	lcall	$KERNEL_CS, $far_function_2
	cli
	SHOW("sum with interrupts on", %eax)

	/* lret as a jump: what pushl %cs; call is for. */
	pushl	%cs
	call	far_function
	SHOW("its result", %ecx)
	pushl	$OTHER_CS
	pushl	$3f
	lret
3:	movl	%cs, %ebx
	SHOW("lret to", %ebx)
	pushl	$0x99999999
	pushl	$KERNEL_CS
	pushl	$4f
	lret	$4
4:	movl	%cs, %ebx
	SHOW("lret to", %ebx)
	movl	%ebp, %eax
	subl	%esp, %eax
	SHOW("stack difference", %eax)

	MAY_FAULT("ljmp to null", ljmp $0, $1b)
	MAY_FAULT("ljmp to data", ljmp $KERNEL_DS, $1b)
	MAY_FAULT("ljmp beyond the table", ljmp *bad)
	MAY_FAULT("ljmp through nowhere", ljmp *0x00900000)
	MAY_FAULT("lcall to data", lcall $KERNEL_DS, $far_function)
	MAY_FAULT("lcall beyond the table", lcall *bad)
	pushl	$ABSENT_DS
	pushl	$1b
	MAY_FAULT("lret to data", lret)
	MAY_FAULT("lret with an immediate to data", lret $8)
	leal	8(%esp), %esp
	subl	%esp, %ebp
	SHOW("stack difference", %ebp)
	ret

far_function:
	movl	4(%esp), %eax
	SHOW("called from", %eax)
	addl	%ecx, %ecx
	lret

far_function_2:
	movl	8(%esp), %eax
	addl	12(%esp), %eax
	lret	$8

	.data
	.balign	4
back:	.long	2b
	.word	KERNEL_CS, 0
bad:	.long	2b
	.word	BEYOND_GDT, 0
function_pointer:
	.long	far_function
	.word	OTHER_CS, 0
