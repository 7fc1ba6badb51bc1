/* Start of a small guest: from a multiboot loader, unpaged at physical addresses, to `main`, paged at LINK_OFFSET. */
#include "test.h"

#define MULTIBOOT_MAGIC	0x1BADB002
#define PTE_ALL		7	/* present, writable, user */
#define CR0_PG_WP	0x80010000
#define PDE_PLACE(address) ((address) >> 22) * 4

	.section .multiboot, "a"
	.long	MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

	.text
	.globl	_start
_start:
	movl	%eax, boot_magic - LINK_OFFSET
	movl	%ebx, boot_information - LINK_OFFSET
	movl	$stack_top - LINK_OFFSET, %esp	/* undefined until now */
	cld
	cli
	lgdt	boot_gdt_pointer - LINK_OFFSET
	ljmp	$KERNEL_CS, $1f - LINK_OFFSET
1:	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs

	/* The low 4 MiB, at 0 and at LINK_OFFSET. */
	movl	$PTE_ALL, %eax
	movl	$page_table - LINK_OFFSET, %edi
2:	movl	%eax, (%edi)
	addl	$4, %edi
	addl	$0x1000, %eax
	cmpl	$0x400000, %eax
	jb	2b
	movl	$page_table - LINK_OFFSET + PTE_ALL, %eax
	movl	%eax, page_directory - LINK_OFFSET
	movl	%eax, page_directory - LINK_OFFSET + PDE_PLACE(LINK_OFFSET)
	movl	$page_directory - LINK_OFFSET, %eax
	movl	%eax, %cr3
	movl	%cr0, %eax
	orl	$CR0_PG_WP, %eax
	movl	%eax, %cr0
	movl	$3f, %eax
	jmp	*%eax
3:	movl	$stack_top, %esp
	lgdt	gdt_pointer
	call	traps_init
	call	main
	jmp	finish

/* Where there is no isa-debug-exit, the run ends by a triple fault. */
	.globl	without_exit_port
without_exit_port:
	lidt	no_idt
	int3

	.data
	.globl	boot_magic, boot_information
	.balign	4
boot_magic:				/* EAX and EBX of a multiboot kernel */
	.long	0
boot_information:
	.long	0
no_idt:	.word	0
	.long	0
	.balign	8
	.globl	gdt, gdt_pointer, based_data
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	/* KERNEL_CS; the accessed bits are set, so nobody else sets them */
	.quad	0x00cf93000000ffff	/* KERNEL_DS */
	.quad	0x00cffb000000ffff	/* USER_CS */
	.quad	0x00cff3000000ffff	/* USER_DS */
	.quad	0			/* TSS_SELECTOR, by traps_init like all with a base */
	.quad	0			/* LDT_SELECTOR */
	.quad	0			/* BASED_DS */
	.quad	0x00cf13000000ffff	/* ABSENT_DS */
	.quad	0x00cf99000000ffff	/* EXECUTE_ONLY_CS */
	.quad	0			/* SMALL_DS */
	.quad	0x00cf9b000000ffff	/* OTHER_CS */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt
boot_gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt - LINK_OFFSET
	.balign	4
based_data:
	.long	0x11223344, 0x55667788, 0x99aabbcc, 0xddeeff00

	.bss
	.globl	page_directory, page_table, window_table, stack_top
	.balign	0x1000
page_directory:
	.skip	0x1000
page_table:
	.skip	0x1000
window_table:				/* for guests that map something of their own */
	.skip	0x1000
	.skip	0x4000
stack_top:
