/*
 * Start of a small guest. 32-bit code, which stays as it is, stands for a boot loader: it maps memory and the VM area and enters 64-bit
 * mode. An engine that starts kernels in 64-bit mode, with the first 4 GiB mapped where they are, enters at _start64, which maps the same.
 * Then code at physical addresses, as a kernel's head has it, then `main` at LINK_OFFSET.
 */
#include "test.h"

#define MULTIBOOT_MAGIC	0x1BADB002
#define LARGE_PAGE	0x87		/* present, writable, user, large */
#define TABLE		7
#define CR4_PAE		0x20
#define CR0_PG_WP_PE	0x80010001
#define EFER_SCE_LME	0x101

/*
 * The first GiB twice: at 0 and at LINK_OFFSET, where the VM area takes the place of what would be there. The upper halves of entries are
 * zero. In code of either width; the register counts. Clobbers it and %eax.
 */
.macro MAP_MEMORY counter	/* %ecx or %rcx */
	movl	$LARGE_PAGE, %eax
	xorl	%ecx, %ecx
.Lnext\@:
	movl	%eax, low_directory - LINK_OFFSET(, \counter, 8)
	movl	%eax, high_directory - LINK_OFFSET(, \counter, 8)
	addl	$0x200000, %eax
	incl	%ecx
	cmpl	$512, %ecx
	jb	.Lnext\@
	movl	$VM_AREA + LARGE_PAGE - 4, high_directory - LINK_OFFSET + ((VM_AREA >> 21) & 511) * 8
	movl	$low_directory - LINK_OFFSET + TABLE, pointers - LINK_OFFSET
	movl	$high_directory - LINK_OFFSET + TABLE, pointers - LINK_OFFSET + 8
	movl	$pointers - LINK_OFFSET + TABLE, root - LINK_OFFSET
.endm

	.section .multiboot, "a"
	.long	MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

	.text
	.code32
	.globl	_start
_start:	cli
	cld
	movl	$stack_top - LINK_OFFSET, %esp
	MAP_MEMORY %ecx
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$root - LINK_OFFSET, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_SCE_LME, %eax
	wrmsr
	movl	$CR0_PG_WP_PE, %eax
	movl	%eax, %cr0
	lgdt	boot_gdt_pointer - LINK_OFFSET
	ljmp	$KERNEL_CS, $head - LINK_OFFSET

	.code64
	.section .head.text, "ax"
	.globl	_start64
_start64:
	movq	$stack_top - LINK_OFFSET, %rsp
	MAP_MEMORY %rcx
	movq	$root - LINK_OFFSET, %rax
	movq	%rax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_SCE_LME, %eax
	wrmsr
	lgdt	boot_gdt_pointer - LINK_OFFSET

head:	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, efer_at_head - LINK_OFFSET
	lgdt	boot_gdt_pointer - LINK_OFFSET
	movq	$2f, %rax
	jmp	*%rax

	.text
2:	movq	$stack_top, %rsp
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	lgdt	gdt_pointer(%rip)
	call	traps_init
	SHOW("efer at head", efer_at_head)
	call	main
	jmp	finish

/* Where there is no isa-debug-exit. */
	.globl	without_exit_port
without_exit_port:
3:	hlt
	jmp	3b

	.data
	.balign	8
	.globl	gdt, gdt_pointer, tss_descriptor
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	/* 32-bit code */
	.quad	0x00af9b000000ffff	/* KERNEL_CS */
	.quad	0x00cf93000000ffff	/* KERNEL_DS */
	.quad	0x00cffb000000ffff	/* USER32_CS */
	.quad	0x00cff3000000ffff	/* USER_DS */
	.quad	0x00affb000000ffff	/* USER_CS */
	.quad	0
tss_descriptor:
	.quad	0, 0			/* TSS_SELECTOR, by traps_init */
	.quad	0x00cf13000000ffff	/* ABSENT_DS */
	.quad	0x00af9b000000ffff	/* OTHER_CS */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	gdt
boot_gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	gdt - LINK_OFFSET
	.balign	8
efer_at_head:
	.quad	0

	.bss
	.globl	root, pointers, low_directory, high_directory, stack_top
	.balign	0x1000
root:	.skip	0x1000
pointers:
	.skip	0x1000
low_directory:
	.skip	0x1000
high_directory:
	.skip	0x1000
	.skip	0x4000
stack_top:
