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
	RUN_PROGRAM($2)
	ret
refused:
	SHOW("refused: error", TRAP_ERROR(%rax))
	SHOW_PLACE("at")
	addq	$2, TRAP_RIP(%rax)
	ret
trap_of:
	SHOW("vector", TRAP_VECTOR(%rax))
	SHOW_PLACE("behind")
	ret
software:
	SHOW("software interrupt from", TRAP_CS(%rax))
	SHOW("rsp", TRAP_RSP(%rax))
	jmp	leave_program
	RING_3_CODE
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
	RING_3_CODE_END
