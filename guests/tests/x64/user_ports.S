/* Ports from ring 3: none by default, those of the TSS's bitmap, all with the I/O privilege level 3; and CLI, which follows that too. */
#include "test.h"
#define PORT	0x80		/* nothing listens there */
	.text
	.globl	main
main:	HOOK(13, refused)
	HOOK(VECTOR_SOFTWARE, leave_program)
	/* A TSS with a bitmap, in which port 0x81 is free. */
	movl	$0xffffffff, %eax
	movl	$wide_tss + 104, %edi
	movl	$0x100 / 4 + 1, %ecx
	rep stosl
	movb	$0xfd, wide_tss + 104 + PORT / 8
	movw	$104, wide_tss + 102
	movq	$trap_stack, wide_tss + 4
	SAY("no bitmap")
	call	run
	movl	$wide_tss, %eax
	movw	$104 + 0x100, tss_descriptor
	movw	%ax, tss_descriptor + 2
	shrl	$16, %eax
	movb	%al, tss_descriptor + 4
	movb	$0x89, tss_descriptor + 5
	movb	%ah, tss_descriptor + 7
	movl	$TSS_SELECTOR, %eax
	ltr	%ax
	SAY("a bitmap")
	call	run
	SAY("privilege level 3")
	movl	$0x3002, flags
	/* fall through */
run:	RUN_PROGRAM(flags)
	ret
refused:
	SHOW("refused: error", TRAP_ERROR(%rax))
	SHOW_PLACE("at")
	andq	$~7, TRAP_RIP(%rax)
	addq	$8, TRAP_RIP(%rax)
	ret
	RING_3_CODE
	.balign	8
program:
	outb	%al, $PORT
	.balign	8
	outb	%al, $PORT + 1
	.balign	8
	outw	%ax, $PORT + 1
	.balign	8
	movw	$0x1234, %dx
	outb	%al, %dx
	.balign	8
	cli
	.balign	8
	int	$VECTOR_SOFTWARE
program_end:
	RING_3_CODE_END
	.data
	.balign	8
flags:	.quad	2
	.bss
	.balign	8
	.skip	0x1000
trap_stack:
wide_tss:
	.skip	104 + 0x100 + 8
