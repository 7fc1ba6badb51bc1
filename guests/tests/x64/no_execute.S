/* Pages that hold no code: the fault of a fetch, and the bit where EFER does not know it. */
#include "test.h"
#define EFER_NXE	0x800
	.text
	.globl	main
main:	HOOK(14, fetch)
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_NXE, %eax
	wrmsr
	call	map_place
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
	call	flush
	invlpg	(%rdi)
	HOOK(14, reserved_bit)
	movb	(%rdi), %al
	jmp	unmap_place
/* As if what was called had returned. */
fetch:	SHOW("fetch: error", TRAP_ERROR(%rax))
	movq	TRAP_RIP(%rax), %rcx
	SHOW("rip", %rcx)
	movq	TRAP_RSP(%rax), %rcx
	movq	(%rcx), %rcx
	movq	%rcx, TRAP_RIP(%rax)
	addq	$8, TRAP_RSP(%rax)
	ret
