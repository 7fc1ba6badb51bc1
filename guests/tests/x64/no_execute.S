/* Pages that hold no code: the fault of a fetch, and the bit where EFER does not know it. */
#include "test.h"
#define PLACE	0x8000000000
#define EFER_NXE	0x800
	.text
	.globl	main
main:	HOOK(14, fetch)
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_NXE, %eax
	wrmsr
	movq	$third - LINK_OFFSET + 7, root + 8
	movq	$second - LINK_OFFSET + 7, third
	movq	$first - LINK_OFFSET + 7, second
	movq	$page - LINK_OFFSET + 7, first
	movb	$0xc3, page			/* ret */
	movabsq	$PLACE, %rdi
	call	*%rdi
	SAY("called")
	btsq	$63, first
	invlpg	(%rdi)
	movzbl	(%rdi), %eax
	SHOW("read", %rax)
	call	*%rdi
	btrq	$63, first
	btsq	$63, second			/* the table's bit counts for its pages */
	invlpg	(%rdi)
	call	*%rdi
	btrq	$63, second
	movq	$0, first
	invlpg	(%rdi)
	call	*%rdi				/* absent */
	movq	$page - LINK_OFFSET + 7, first
	btsq	$63, first
	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$~EFER_NXE, %eax
	wrmsr
	movq	%cr3, %rax
	movq	%rax, %cr3
	invlpg	(%rdi)
	HOOK(14, reserved)
	movb	(%rdi), %al
	movq	$0, root + 8
	movq	%cr3, %rax
	movq	%rax, %cr3
	ret
/* QEMU 7.2 leaves out that the page is present (SDM vol. 3, 4.7); the instruction has two bytes. */
reserved:
	movq	TRAP_ERROR(%rax), %rcx
	orl	$1, %ecx
	SHOW("a reserved bit: error", %rcx)
	addq	$2, TRAP_RIP(%rax)
	ret
/* As if what was called had returned. */
fetch:	SHOW("fetch: error", TRAP_ERROR(%rax))
	movq	TRAP_RIP(%rax), %rcx
	SHOW("rip", %rcx)
	movq	TRAP_RSP(%rax), %rcx
	movq	(%rcx), %rcx
	movq	%rcx, TRAP_RIP(%rax)
	addq	$8, TRAP_RSP(%rax)
	ret
	.bss
	.balign	0x1000
third:	.skip	0x1000
second:	.skip	0x1000
first:	.skip	0x1000
page:	.skip	0x1000
