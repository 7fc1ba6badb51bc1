/* push and pop of segment registers: values, stack depth, flags, and a null DS on the way. */
#include "test.h"

	.globl	main
main:	movl	%esp, %ebp
	pushl	%cs
	pushl	%ss
	pushl	%ds
	pushl	%es
	pushl	%fs
	pushl	%gs
	movl	%ebp, %eax
	subl	%esp, %eax
	SHOW("bytes pushed", %eax)
	popl	%ebx
	SHOW("gs", %ebx)
	popl	%ebx
	SHOW("fs", %ebx)
	popl	%ebx
	SHOW("es", %ebx)
	popl	%ebx
	SHOW("ds", %ebx)
	popl	%ebx
	SHOW("ss", %ebx)
	popl	%ebx
	SHOW("cs", %ebx)

	pushl	$USER_DS
	popl	%es
	pushl	$USER_DS
	popl	%fs
	pushl	$BASED_DS
	popl	%gs
	pushl	$KERNEL_DS
	popl	%ss
	pushl	%es
	popl	%eax
	SHOW("es", %eax)
	pushl	%fs
	popl	%eax
	SHOW("fs", %eax)
	pushl	%gs
	popl	%eax
	SHOW("gs", %eax)
	SHOW("gs:0", %gs:0)

	/* The way of a system call: save, clear, restore, with flags alive. */
	pushl	%ds
	stc
	pushl	$0
	popl	%ds
	setc	%al
	popl	%ds
	adcb	$0, %al
	movzbl	%al, %eax
	SHOW("carry", %eax)
	movl	%ds, %eax
	SHOW("ds", %eax)
	pushl	%ds
	popl	%es
	subl	%esp, %ebp
	SHOW("stack difference", %ebp)
	ret
