/*
 * A kernel that does at random what kernels should not: wrong page tables, descriptor tables, control and model-specific
 * registers, ports, frames of IRETQ, and words of the pages that it shares with its engine. Typed: the seed. A fault, if
 * it can still be delivered, goes on with the next thing.
 */
#include "test.h"
#define ROUNDS	2000

	.macro	RANDOM into		/* xorshift, in %r15. Clobbers %r14. */
	movq	%r15, %r14
	shlq	$13, %r14
	xorq	%r14, %r15
	movq	%r15, %r14
	shrq	$7, %r14
	xorq	%r14, %r15
	movq	%r15, %r14
	shlq	$17, %r14
	xorq	%r14, %r15
	movq	%r15, \into
	.endm

	.text
	.globl	main
main:	.irp	vector, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19
	HOOK(\vector, fault)
	.endr
	call	keys_init
	call	read_number
	movq	%rbx, %r15
	call	read_key
	movzbl	%al, %r13d
	SAY("going")
	movl	$ROUNDS, %ebp
next:	movq	$stack_top - 0x400, %rsp
	decl	%ebp
	js	done
	RANDOM	%rax
	RANDOM	%rbx
	RANDOM	%rdi
	cmpb	$'t', %r13b
	je	tables
	cmpb	$'m', %r13b
	je	memory
	cmpb	$'r', %r13b
	je	registers
	cmpb	$'s', %r13b
	je	shared
	/* all of them */
	movl	%ebx, %ecx
	shrl	$28, %ecx
	andl	$3, %ecx
	jmp	*all(, %rcx, 8)
done:	SAY("done")
	movb	$0, %al
	jmp	leave_machine

fault:	movq	$next, TRAP_RIP(%rax)
	movq	$stack_top - 0x400, TRAP_RSP(%rax)
	ret

/* An entry of a table, often of RAM; then what it translates is touched. */
tables:	movl	%ebx, %ecx
	andl	$3, %ecx
	movq	bases(, %rcx, 8), %rsi
	movl	%edi, %edx
	andl	$511, %edx
	testl	$0x10000, %edi
	jz	1f
	andl	$0x3ffffff, %eax
	orl	$3, %eax
1:	movq	%rax, (%rsi, %rdx, 8)
	testl	$0x20000, %edi
	jz	2f
	movq	%cr3, %rax
	movq	%rax, %cr3
2:	invlpg	(%rbx)
	/* fall through */

/* An address of any size. */
memory:	movl	%edi, %ecx
	shrq	%cl, %rbx
	testl	$0x40000, %edi
	jz	1f
	movq	%rax, (%rbx)
1:	movq	(%rbx), %rax
	testl	$0x380000, %edi
	jnz	next
	jmp	*%rbx

/* Control registers, descriptor tables, model-specific registers, ports, returns. */
registers:
	movl	%edi, %ecx
	shrl	$16, %ecx
	andl	$7, %ecx
	jmp	*kinds(, %rcx, 8)
cr0:	xorl	%eax, %eax
	btsl	%edi, %eax
	movq	%cr0, %rcx
	xorq	%rcx, %rax
	movq	%rax, %cr0
	jmp	next
cr3:	movq	%cr3, %rcx
	testl	$0x10000000, %edi
	cmovzq	%rcx, %rax
	movq	%rax, %cr3
	jmp	next
cr4:	xorl	%eax, %eax
	btsl	%edi, %eax
	movq	%cr4, %rcx
	xorq	%rcx, %rax
	movq	%rax, %cr4
	jmp	next
dr:	movq	%rax, %dr7
	movq	%rbx, %dr6
	jmp	next
msr:	movl	%edi, %ecx
	andl	$0x3ff, %ecx
	testl	$0x100000, %edi
	jz	1f
	andl	$7, %ecx
	orl	$0xc0000080, %ecx
1:	movq	%rax, %rdx
	wrmsr
	jmp	next
port:	movl	%edi, %edx
	andl	$0x3ff, %edx
	outb	%al, %dx
	inl	%dx, %eax
	jmp	next
gdt_or_idt:
	movq	%rax, pointer
	movq	%rbx, pointer + 8
	testl	$0x100000, %edi
	jz	1f
	lgdt	pointer
	jmp	next
1:	lidt	pointer
	jmp	next
frame:	pushq	$KERNEL_DS
	pushq	%rsp
	pushq	%rax
	pushq	%rdi
	pushq	$next
	testl	$0x400000, %edi
	jz	1f
	movq	$KERNEL_CS, 8(%rsp)
1:	iretq

/* The vCPU page, the virtual CPU and the rest of what is shared. */
shared:	movl	%edi, %ecx
	andl	$0xfffff8, %ecx
	cmpl	$0x100000, %ecx
	jae	1f
	andl	$0xfff8, %ecx
1:	andl	$0x1ffff8, %ecx
	orl	$0x100000, %ecx
	movq	%rax, VM_AREA(%rcx)
	cli
	sti
	cli
	movq	%cr3, %rax
	movq	%rax, %cr3
	jmp	next

	.data
	.balign	8
bases:	.quad	root, pointers, low_directory, high_directory
all:	.quad	tables, memory, registers, registers
kinds:	.quad	cr0, cr3, cr4, dr, msr, port, gdt_or_idt, frame
pointer:
	.quad	0, 0
