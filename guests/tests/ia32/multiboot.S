/* What a multiboot kernel gets: magic, memory, command line, modules with their arguments, and the boot loader's name. */
#include "test.h"

#define FLAGS		0
#define MEM_LOWER	4
#define CMDLINE		16
#define MODS_COUNT	20
#define MODS_ADDR	24
#define MMAP_LENGTH	44
#define MMAP_ADDR	48
#define LOADER_NAME	64
#define EXPECTED	0x24d	/* memory sizes, command line, modules, memory map, loader's name */

	.globl	main
main:	SHOW("magic", boot_magic)
	movl	boot_information, %ebp
	addl	$LINK_OFFSET, %ebp
	movl	FLAGS(%ebp), %eax
	andl	$EXPECTED, %eax
	SHOW("flags", %eax)

	movl	MEM_LOWER(%ebp), %eax
	subl	$600, %eax		/* 639 or 640 KiB */
	shrl	$6, %eax
	SHOW("low memory is not about 600 KiB", %eax)

	/* Behind the kernel's name. */
	movl	CMDLINE(%ebp), %esi
	call	print_arguments

	movl	LOADER_NAME(%ebp), %eax
	movzbl	LINK_OFFSET(%eax), %eax
	cmpl	$1, %eax
	sbbl	%eax, %eax
	SHOW("loader has no name", %eax)

	/* The first entry is low memory; each says how long it is; the RAM from 1 MiB on is one. */
	movl	MMAP_ADDR(%ebp), %edi
	addl	$LINK_OFFSET, %edi
	SHOW("size of an entry", (%edi))
	SHOW("start", 4(%edi))
	SHOW("length", 12(%edi))
	SHOW("type", 20(%edi))
	movl	MMAP_LENGTH(%ebp), %ecx
	addl	%edi, %ecx
1:	cmpl	%ecx, %edi
	jae	3f
	cmpl	$0x100000, 4(%edi)
	jne	2f
	SHOW("type of high memory", 20(%edi))
2:	addl	(%edi), %edi
	addl	$4, %edi
	jmp	1b

3:	SHOW("modules", MODS_COUNT(%ebp))
	movl	MODS_COUNT(%ebp), %ecx
	movl	MODS_ADDR(%ebp), %edi
	addl	$LINK_OFFSET, %edi
4:	jecxz	5f
	pushl	%ecx
	movl	(%edi), %eax
	andl	$0xfff, %eax
	SHOW("module's place in its page", %eax)
	movl	4(%edi), %eax
	subl	(%edi), %eax
	SHOW("bytes", %eax)
	movl	(%edi), %eax
	SHOW("first word", LINK_OFFSET(%eax))
	movl	8(%edi), %esi
	call	print_arguments
	addl	$16, %edi
	popl	%ecx
	decl	%ecx
	jmp	4b
5:	ret

/* Prints the string at physical address %esi from its first blank on, or nothing of it. Clobbers %eax and %esi. */
print_arguments:
	addl	$LINK_OFFSET, %esi
1:	movb	(%esi), %al
	testb	%al, %al
	jz	2f
	cmpb	$' ', %al
	je	2f
	incl	%esi
	jmp	1b
2:	call	print_string
	call	print_newline
	ret
