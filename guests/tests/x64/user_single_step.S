/* A program steps through its own instructions: a trap after each, and one by a breakpoint of the debug registers. */
#include "test.h"
#define TRAP_FLAG	0x100
	.text
	.globl	main
main:	HOOK(1, debug)
	HOOK(VECTOR_SOFTWARE, done)
	movl	$USER_CODE + (breakpoint - program), %eax
	movq	%rax, %db0
	movl	$0x701, %eax		/* local enable of the first, an instruction */
	movq	%rax, %db7
	RUN_PROGRAM($2 | TRAP_FLAG)
	ret
debug:	movq	%db6, %rcx
	andl	$0xe00f, %ecx
	SHOW("dr6", %rcx)
	movl	$0xffff0ff0, %ecx
	movq	%rcx, %db6
	SHOW_PLACE("at")
	orq	$0x10000, TRAP_RFLAGS(%rax)	/* RF: the breakpoint is not met again */
	ret
done:	movl	$0x400, %ecx
	movq	%rcx, %db7
	jmp	leave_program
	RING_3_CODE
program:
	nop
	movl	$3, %ecx
1:	loop	1b
	pushfq
	andq	$~TRAP_FLAG, (%rsp)
	popfq				/* the last trap comes behind it */
	nop
breakpoint:
	nop
	nop
	int	$VECTOR_SOFTWARE
program_end:
	RING_3_CODE_END
