/*
 * The first 64 KiB, where hosts of an engine may allow no mapping: data, stack and code of the kernel and of ring 3, in pages of both
 * sizes.
 */
#include "test.h"

#define WORD		0x0500
#define STACK		0x3000
#define CODE		0x4000
#define PROGRAM		0x0000
#define PROGRAM_STACK	0x2000
#define HOLE		0x6000
#define LAST		0xfffe		/* two bytes of a word are beyond */
#define LARGE		0x87
#define LARGE_KERNEL	0x83
#define CR4_PSE		0x10
#define FLAGS		0x202

	.globl	main
main:	call	user_init
	/* Without paging, as early code finds it. */
	SAY("unpaged")
	movl	$LOW(unpaged), %eax
	jmp	*%eax
unpaged:
	movl	%esp, %ebp
	movl	$STACK, %esp
	movl	%cr0, %eax
	andl	$0x7fffffff, %eax
	movl	%eax, %cr0
	pushl	$0x77777777
	popl	WORD
	movl	WORD, %ebx
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	movl	$1f, %eax
	jmp	*%eax
1:	movl	%ebp, %esp
	SHOW("word", %ebx)

	SAY("small pages")
	call	touch
	movl	$0, page_table + HOLE / 0x1000 * 4
	invlpg	HOLE
	MAY_FAULT("a hole", movl HOLE + 4, %eax)
	MAY_FAULT("a hole", movb $1, HOLE + 5)
	movl	%cr2, %eax
	SHOW("cr2", %eax)
	movl	$HOLE + 7, page_table + HOLE / 0x1000 * 4
	call	ring_3

	SAY("4 MiB")
	movl	%cr4, %eax
	orl	$CR4_PSE, %eax
	movl	%eax, %cr4
	movl	page_directory, %eax
	movl	%eax, table
	movl	$LARGE, page_directory
	invlpg	0
	call	touch
	call	ring_3
	SAY("4 MiB of the kernel")
	movl	$LARGE_KERNEL, page_directory
	movl	%cr3, %eax
	movl	%eax, %cr3
	call	touch

	/* A second address space has it as well, and loads of CR3 lead there and back. */
	SAY("another directory")
	movl	$page_directory, %esi
	movl	$directory, %edi
	movl	$1024, %ecx
	rep movsl
	movl	$LARGE, directory
	movl	$LOW(directory), %eax
	movl	%eax, %cr3
	call	touch
	call	ring_3
	movl	$LOW(page_directory), %eax
	movl	%eax, %cr3
	call	touch
	movl	table, %eax
	movl	%eax, page_directory
	movl	%cr3, %eax
	movl	%eax, %cr3
	call	ring_3
	ret

touch:	movl	$0x11111111, WORD
	addl	$0x22222222, WORD
	SHOW("word", WORD)
	movl	$0x12345678, LAST
	SHOW("across the border", LAST)
	movl	$5, %eax
	xaddl	%eax, WORD
	SHOW("exchanged", %eax)
	pushl	WORD
	popl	%ebx
	SHOW("pushed", %ebx)
	movl	$WORD, %esi
	movl	$WORD + 0x100, %edi
	movl	$0x40, %ecx
	rep movsb
	SHOW("copied", WORD + 0x100)
	fildl	WORD
	fistpl	WORD + 8
	SHOW("through the FPU", WORD + 8)
	movl	$BASED_DS, %eax
	movl	%eax, %fs
	movl	%fs:4, %eax
	SHOW("fs with a base", %eax)

	/* Code and stack. */
	movl	$code, %esi
	movl	$CODE, %edi
	movl	$code_end - code, %ecx
	rep movsb
	movl	%esp, %ebp
	movl	$STACK, %esp
	pushl	$0x44444444
	movl	$CODE, %eax
	call	*%eax
	popl	%ebx
	movl	%ebp, %esp
	SHOW("code", %eax)
	SHOW("stack", %ebx)
	ret

code:	movl	4(%esp), %eax
	notl	%eax
	pushl	%eax
	popl	%eax
	ret
code_end:

/* A program linked at 0. */
ring_3:	movl	$program, %esi
	movl	$PROGRAM, %edi
	movl	$program_end - program, %ecx
	rep movsb
	movl	$PROGRAM, %eax
	movl	$FLAGS, %edx
	jmp	run_user

	RING_3_CODE
program:
	movl	$PROGRAM_STACK, %esp
	call	1f
	movl	$1, %eax
	int	$VECTOR_SYSCALL
	movl	$0x55555555, WORD
	lock incl WORD
	pushl	WORD
	popl	%ebx
	movl	$1, %eax
	int	$VECTOR_SYSCALL
	xorl	%ebp, %ebp
	call	2f
2:	popl	%ebp
	addl	$3f - 2b, %ebp
	hlt				/* the handler goes on at %ebp */
	nop
3:	xorl	%eax, %eax
	int	$VECTOR_SYSCALL
1:	movl	$0x66666666, %ebx
	ret
program_end:
	RING_3_CODE_END

	.bss
	.balign	0x1000
directory:
	.skip	0x1000
table:	.skip	4
