/* CR3: address spaces that share the kernel's window, one that the library's pages were never put into, and back. */
#include "test.h"
	.text
	.globl	main
main:	movl	$root, %esi
	movl	$other_root, %edi
	movl	$512, %ecx
	rep movsq
	movl	$pointers, %esi
	movl	$other_pointers, %edi
	movl	$512, %ecx
	rep movsq
	movl	$high_directory, %esi
	movl	$other_directory, %edi
	movl	$512, %ecx
	rep movsq
	movq	$other_pointers - LINK_OFFSET + 7, other_root
	movq	$other_directory - LINK_OFFSET + 7, other_pointers + 8
	movq	$0, other_directory + ((VM_AREA >> 21) & 511) * 8
	movq	$0x1000087, other_directory + 256 * 8	/* 0x60000000 shows 16 MiB */
	movq	$0x111, value
	movl	$0x60000000 + value - LINK_OFFSET - 0x1000000, %r8d
	movl	$other_root - LINK_OFFSET, %r9d
	movq	%cr3, %r10
	movq	%r9, %cr3
	movq	%cr3, %rax
	subq	%r9, %rax
	SHOW("cr3 - root", %rax)
	SHOW("through the window", (%r8))
	movq	%r10, %cr3
	movq	$0x87 + 0x1000000, high_directory + 256 * 8
	invlpg	(%r8)
	SHOW("after a change", (%r8))
	movq	%r9, %cr3
	cli
	MAY_FAULT("unmapped", movq 0x70000000000, %rax)
	movq	%cr2, %rax
	SHOW("cr2", %rax)
	movq	%r10, %cr3
	ret
	.bss
	.balign	0x1000
other_root:
	.skip	0x1000
other_pointers:
	.skip	0x1000
other_directory:
	.skip	0x1000
value:	.skip	8
