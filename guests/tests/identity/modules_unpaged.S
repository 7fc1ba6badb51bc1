/* A multiboot kernel at its physical addresses, unpaged: prints the magic, whether it got modules and a memory map, and each module's first letter. */
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
	call	put_hex
	movl	(%ebp), %ebx
	andl	$0x48, %ebx		/* modules, memory map */
	call	put_hex
	movl	20(%ebp), %ecx		/* how many */
	movl	24(%ebp), %edi		/* where they are told of */
1:	jecxz	2f
	movl	(%edi), %eax
	movb	(%eax), %al
	call	put
	addl	$16, %edi
	decl	%ecx
	jmp	1b
2:	movb	$'\n', %al
	call	put
	movb	$0, %al
	outb	%al, $0xf4
	lidt	nothing			/* where there is no such port */
	int3

/* %al to the serial port. Clobbers %edx. */
put:	movl	$0x3f8, %edx
	outb	%al, %dx
	ret

/* %ebx as eight digits and a blank. Clobbers %eax, %ecx, %edx. */
put_hex:
	movl	$8, %ecx
1:	roll	$4, %ebx
	movb	%bl, %al
	andb	$15, %al
	addb	$'0', %al
	cmpb	$'9', %al
	jbe	2f
	addb	$'a' - '9' - 1, %al
2:	call	put
	loop	1b
	movb	$' ', %al
	jmp	put

	.data
nothing:
	.word	0
	.long	0

	.bss
	.balign	4096
	.skip	4096
stack_top:
