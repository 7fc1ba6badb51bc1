/* Software interrupts of ring 3: gates that it may use and gates that it may not. */
#include "test.h"

#define GATE(vector)	idt + (vector) * 8

	.globl	main
main:	call	user_init
	HOOK(3, breakpoint)
	HOOK(4, overflow)
	HOOK(5, bound)
	HOOK(0x2f, gate)
	orb	$0x60, GATE(3) + 5
	orb	$0x60, GATE(0x2f) + 5
	movl	$GATE(0x81), %edi
	movl	$0, %eax
	call	set_gate
	movb	$0x6e, GATE(0x81) + 5	/* not present */
	lidt	idt_pointer
	RUN_RING_3(ring_3, $0x202)
	orb	$0x60, GATE(4) + 5
	lidt	idt_pointer
	RUN_RING_3(overflowing, $0x202)
	ret

breakpoint:
	SAY("breakpoint")
	ret
overflow:
	SAY("overflow")
	ret
bound:	SAY("bound")
	movl	TRAP_EBP(%eax), %ecx
	movl	%ecx, TRAP_EIP(%eax)
	ret
gate:	SHOW("gate", TRAP_EAX(%eax))
	SHOW("  cs", TRAP_CS(%eax))
	SHOW("  flags", TRAP_EFLAGS(%eax))
	movl	$0xcafe0001, TRAP_EAX(%eax)
	ret

	RING_3_CODE
ring_3:	movl	$0x1234, %eax
	stc
	int	$0x2f
	TELL(%eax)
	int3
	USER_MAY_FAULT(int $0x20)	/* privilege level 0 */
	USER_MAY_FAULT(int $13)
	USER_MAY_FAULT(int $0x81)
	USER_MAY_FAULT(int $0x90)	/* empty */
	USER_MAY_FAULT(cli)
	USER_MAY_FAULT(hlt)
	USER_MAY_FAULT(inb $0x21, %al)
	USER_MAY_FAULT(outb %al, $0x21)
	USER_MAY_FAULT(movl %cr0, %ebx)
	USER_MAY_FAULT(movl %ebx, %cr3)
	USER_MAY_FAULT(lgdt LOW(gdt_pointer))
	USER_MAY_FAULT(rdmsr)
	USER_MAY_FAULT(invlpg 0)
	movl	$3, %ebx
	USER_MAY_FAULT(bound %ebx, LOW(bounds))
	movl	$1, %ebx
	USER_MAY_FAULT(bound %ebx, LOW(bounds))
	LEAVE_RING_3

overflowing:
	xorl	%eax, %eax
	into
	movb	$0x7f, %al
	incb	%al
	into
	LEAVE_RING_3
	RING_3_CODE_END

	.data
	.balign	4
bounds:	.long	0, 2
