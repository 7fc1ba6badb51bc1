/* int n from ring 0: frame, return address, flags for interrupt and trap gates, absent gates. */
#include "test.h"

	.globl	main
main:	HOOK(0x2f, hook)
	movl	$0xabc, %eax
	stc
	int	$0x2f
	setc	%cl
	movzbl	%cl, %ecx
	SHOW("carry kept", %ecx)
	sti
	int	$0x2f
	pushfl
	cli
	popl	%ebx
	andl	$0x200, %ebx
	SHOW("IF afterwards", %ebx)

	/* The return address is the next instruction. */
	movl	$idt + 0x2f * 8, %edi
	movl	$own_handler, %eax
	call	set_gate
	lidt	idt_pointer
	int	$0x2f
1:	subl	$1b, %ebx
	SHOW("return address", %ebx)
	SHOW("cs", %ecx)
	SHOW("flags in an interrupt gate", %edx)
	sti
	int	$0x2f
	cli
	SHOW("flags in an interrupt gate, from sti", %edx)
	movb	$0x8f, idt + 0x2f * 8 + 5
	lidt	idt_pointer
	sti
	int	$0x2f
	cli
	SHOW("flags in a trap gate, from sti", %edx)
	int	$0x2f
	SHOW("flags in a trap gate, from cli", %edx)
	movb	$0x8e, idt + 0x2f * 8 + 5
	lidt	idt_pointer

	HOOK(3, hook)
	movl	$0xdef, %eax
	int3
	int	$3
	movb	$0x0e, idt + 0x2f * 8 + 5
	lidt	idt_pointer
	MAY_FAULT("a gate that is not present", int $0x2f)
	MAY_FAULT("no gate", int $0x40)
	ret

hook:	SHOW("vector", TRAP_VECTOR(%eax))
	SHOW("eax", TRAP_EAX(%eax))
	SHOW("flags", TRAP_EFLAGS(%eax))
	ret

own_handler:
	movl	(%esp), %ebx
	movl	4(%esp), %ecx
	pushfl
	popl	%edx
	andl	$0x4300, %edx
	iret
