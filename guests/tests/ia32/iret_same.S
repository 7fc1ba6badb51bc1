/* iret to the same privilege: EIP, CS and EFLAGS from the stack, everything else as it was. */
#include "test.h"

	.globl	main
main:	movl	%esp, %ebp
	movl	$0x11111111, %eax
	movl	$0x22222222, %ebx
	pushl	$0x8d7			/* all arithmetic flags */
	pushl	$KERNEL_CS
	pushl	$1f
	iret
	SAY("not reached")
1:	pushfl
	popl	%ecx
	SHOW("flags", %ecx)
	SHOW("eax", %eax)
	SHOW("ebx", %ebx)
	subl	%esp, %ebp
	SHOW("stack difference", %ebp)

	pushl	$0x2			/* to another descriptor */
	pushl	$OTHER_CS
	pushl	$2f
	iret
2:	movl	%cs, %eax
	SHOW("cs", %eax)
	pushl	$2
	pushl	$KERNEL_CS
	pushl	$3f
	iret
3:	movl	%cs, %eax
	SHOW("cs", %eax)

	/* An iret that opens the window lets a raised interrupt in. */
	call	timer_arm
	call	timer_wait_raised
	SHOW("before", ticks)
	pushl	$0x202
	pushl	$KERNEL_CS
	pushl	$4f
	iret
4:	nop
	cli
	SHOW("after", ticks)

	/* One that keeps it closed does not. */
	call	timer_arm
	call	timer_wait_raised
	pushl	$0x2
	pushl	$KERNEL_CS
	pushl	$5f
	iret
5:	nop
	SHOW("closed", ticks)
	ret
