/* pushf and popf: the flag bits that software may write, and those that it may not. TF is left out: it would trap here. */
#include "test.h"

#define WRITE_FLAGS(text, value)					\
	pushl	value;							\
	popfl;								\
	pushfl;								\
	pushl	$2;							\
	popfl;								\
	popl	%ebx;							\
	SHOW(text, %ebx)

	.globl	main
main:	WRITE_FLAGS("none", $0)
	WRITE_FLAGS("arithmetic", $0x8d5)
	WRITE_FLAGS("direction", $0x400)
	WRITE_FLAGS("interrupt", $0x200)
	WRITE_FLAGS("nested task", $0x4000)
	WRITE_FLAGS("alignment check", $0x40000)
	WRITE_FLAGS("identification", $0x200000)
	WRITE_FLAGS("everything but TF, VM and IOPL", $0xffdfcedf)

	/* popf and pushf move the stack by one word, and by no more. */
	movl	%esp, %ebp
	pushl	$0x1234
	pushfl
	pushl	$0x46
	popfl
	leal	4(%esp), %esp
	popl	%eax
	subl	%esp, %ebp
	SHOW("word below", %eax)
	SHOW("stack difference", %ebp)
	ret
