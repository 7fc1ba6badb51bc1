/* cli, sti, pushf and popf: the interrupt flag changes, arithmetic flags do not. */
#include "test.h"
	.text
	.globl	main
main:	cli
	pushfq
	popq	%rbx
	andl	$RFLAGS_IF, %ebx
	SHOW("cli", %rbx)
	cmpl	$5, %ebx		/* flags that must survive: CF, SF */
	sti
	nop
	cli
	jnc	fail
	jns	fail
	cmpl	%ebx, %ebx
	pushfq
	popq	%rbx
	andl	$0x2d5, %ebx
	SHOW("zf and if", %rbx)
	stc
	sti
	pushfq
	cli
	popq	%rbx
	andl	$RFLAGS_IF + 1, %ebx
	SHOW("cf and if", %rbx)
	pushq	$0xcd7			/* all arithmetic flags, DF, IF clear */
	popfq
	pushfq
	popq	%rbx
	cld
	SHOW("popf", %rbx)
	pushq	$RFLAGS_IF + 2
	popfq
	pushfq
	cli
	popq	%rbx
	SHOW("popf with if", %rbx)
	movq	$0x1122334455667788, %r15
	movq	%rsp, %r14
	pushfq
	popfq
	subq	%rsp, %r14
	SHOW("rsp moved", %r14)
	ret
fail:	SAY("flags lost")
	ret
