/*
 * A multiboot kernel at its physical addresses, unpaged: prints the magic, whether it got modules and a memory map, and each module's first
 * letter.
 */
#define MULTIBOOT_MAGIC	0x1BADB002
#define ALIGN_AND_MEMORY	3	/* modules at pages, memory information */

	.section .multiboot, "a"
	.long	MULTIBOOT_MAGIC, ALIGN_AND_MEMORY, -(MULTIBOOT_MAGIC + ALIGN_AND_MEMORY)

	.text
	.globl	_start
_start:	movl	$stack_top, %esp
	cld
	movl	%ebx, %ebp
	movl	%eax, %ebx
	call	put_number
	movl	(%ebp), %ebx
	andl	$0x48, %ebx		/* modules, memory map */
	call	put_number
	movl	20(%ebp), %ecx		/* how many */
	movl	24(%ebp), %edi		/* where they are told of */
1:	jecxz	2f
	movl	(%edi), %eax
	movb	(%eax), %al
	call	putc
	addl	$16, %edi
	decl	%ecx
	jmp	1b
2:	movb	$'\n', %al
	call	putc
	movb	$0, %al
	outb	%al, $0xf4
	lidt	nothing			/* where there is no such port */
	int3

/* %ebx as eight digits and a blank. Clobbers %eax, %ebx, %ecx. */
put_number:
	call	put_hex
	movb	$' ', %al
	jmp	putc

	.data
nothing:
	.word	0
	.long	0

	.bss
	.balign	4096
	.skip	4096
stack_top:
