/* iret that faults, with a fixup: the frame is still there, and the fault is the iret's own. */
#include "test.h"

#define FAULTING_IRET(text, selector)					\
	movl	%esp, %ebp;						\
	pushl	$0x2;							\
	pushl	selector;						\
	pushl	$not_reached;						\
	MAY_FAULT(text, iret);						\
	movl	4(%esp), %eax;						\
	SHOW("selector in the frame", %eax);				\
	movl	%ebp, %eax;						\
	subl	%esp, %eax;						\
	SHOW("stack used", %eax);					\
	movl	%ebp, %esp

	.globl	main
main:	FAULTING_IRET("null", $0)
	FAULTING_IRET("data", $KERNEL_DS)
	FAULTING_IRET("beyond the table", $BEYOND_GDT)
	FAULTING_IRET("system segment", $TSS_SELECTOR)

	/* To ring 3 with a bad stack segment. */
	movl	%esp, %ebp
	pushl	$KERNEL_DS
	pushl	$stack_top
	pushl	$2
	pushl	$USER_CS
	pushl	$not_reached
	MAY_FAULT("stack segment of another privilege", iret)
	movl	%ebp, %esp
	pushl	$ABSENT_DS | 3
	pushl	$stack_top
	pushl	$2
	pushl	$USER_CS
	pushl	$not_reached
	MAY_FAULT("stack segment not present", iret)
	movl	%ebp, %esp

	/* An iret that restores segments, as kernels leave: the pop faults, then the iret succeeds. */
	pushl	$2
	pushl	$KERNEL_CS
	pushl	$1f
	pushl	$BEYOND_GDT
	MAY_FAULT("pop before iret", popl %es)
	leal	4(%esp), %esp
	iret
1:	subl	%esp, %ebp
	SHOW("stack difference", %ebp)
	ret

not_reached:
	SAY("not reached")
	ret
