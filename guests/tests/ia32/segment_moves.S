/* mov to and from segment registers: registers, 16-bit registers, memory; what is addressed through them. */
#include "test.h"

#define MOVES(segment)							\
	movl	$USER_DS, %eax;						\
	movl	%eax, segment;						\
	movl	$-1, %ebx;						\
	movl	segment, %ebx;						\
	SHOW("register", %ebx);						\
	movl	$-1, %esi;						\
	mov	segment, %si;						\
	SHOW("half register", %esi);					\
	movl	$-1, word;						\
	movw	segment, word;						\
	SHOW("memory", word);						\
	movl	$BASED_DS, word;					\
	movw	word, segment;						\
	movl	segment, %edi;						\
	SHOW("loaded from memory", %edi);				\
	movl	$KERNEL_DS, %ebp;					\
	movl	%ebp, segment;						\
	movl	segment, %ecx;						\
	SHOW("loaded from a register", %ecx)

	.globl	main
main:	movl	%ebp, %edx
	SAY("fs")
	MOVES(%fs)
	SAY("gs")
	MOVES(%gs)
	SAY("es")
	MOVES(%es)
	movl	%edx, %ebp

	SAY("ds, null and back")
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%ds, %ebx
	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	SHOW("null", %ebx)
	movl	%cs, %ecx
	SHOW("cs", %ecx)
	movl	%ss, %edx
	SHOW("ss", %edx)
	movl	%edx, %ss
	mov	%cs, %dx
	SHOW("cs, half register", %edx)

	/* Segments with a base, also as the base of another sensitive instruction's operand. */
	movl	$BASED_DS, %eax
	movl	%eax, %fs
	movl	%fs:4, %ebx
	SHOW("fs:4", %ebx)
	movl	%eax, %gs
	movl	$8, %esi
	movl	%gs:(%esi), %ebx
	SHOW("gs:8", %ebx)
	movw	%cs, %fs:(%esi)
	SHOW("stored through fs", based_data + 8)
	movw	%fs:(%esi), %es
	movl	%es, %ebx
	SHOW("loaded through fs", %ebx)
	movl	$KERNEL_DS, %eax
	movl	%eax, %es

	/* %esp as base, an index, displacements of both sizes, the stack's own segment. */
	pushl	$USER_DS
	pushl	$0
	movw	4(%esp), %gs
	movl	%gs, %ebx
	SHOW("from the stack", %ebx)
	movw	%ds, (%esp)
	SHOW("to the stack", (%esp))
	movl	$1, %eax
	movw	2(%esp, %eax, 2), %fs
	movl	%fs, %ebx
	SHOW("indexed", %ebx)
	leal	-0x1000(%esp), %edx
	movw	%ss:0x1004(%edx), %fs
	movl	%fs, %ebx
	SHOW("far displacement", %ebx)
	leal	8(%esp), %esp
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	ret

	.bss
	.balign	4
word:	.skip	4
