/* Software interrupts of a program: by gates of ring 3 only; what they refuse names the gate. */
#include "test.h"
	.text
	.globl	main
main:	HOOK(13, refused)
	HOOK(3, trap_of)
	HOOK(4, trap_of)
	HOOK(VECTOR_SOFTWARE, software)
	movb	$0xee, idt + 16 * 3 + 5
	andb	$0x7f, idt + 16 * 40 + 5
	lidt	idt_pointer
	movl	$program, %esi
	movl	$USER_CODE, %edi
	movl	$program_end - program, %ecx
	rep movsb
	movq	%rsp, kernel_stack
	pushq	$USER_DS
	pushq	$USER_STACK
	pushq	$2
	pushq	$USER_CS
	pushq	$USER_CODE
	iretq
refused:
	SHOW("refused: error", TRAP_ERROR(%rax))
	movq	TRAP_RIP(%rax), %rcx
	subq	$USER_CODE, %rcx
	SHOW("at", %rcx)
	addq	$2, TRAP_RIP(%rax)
	ret
trap_of:
	SHOW("vector", TRAP_VECTOR(%rax))
	movq	TRAP_RIP(%rax), %rcx
	subq	$USER_CODE, %rcx
	SHOW("behind", %rcx)
	ret
software:
	SHOW("software interrupt from", TRAP_CS(%rax))
	SHOW("rsp", TRAP_RSP(%rax))
	movq	kernel_stack, %rsp
	ret
	.set	.Llilyvm_rewrite, 0
program:
	int	$33
	int	$14
	int	$40
	int	$0x80
	int3
	.byte	0xcd, 3			/* INT 3 in two bytes */
	int	$4
	int	$VECTOR_SOFTWARE
program_end:
	.set	.Llilyvm_rewrite, 1
	.bss
	.balign	8
kernel_stack:
	.skip	8
