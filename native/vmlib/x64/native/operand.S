/* Operands: decodes the long NOP behind a call site (0F 1F /0 with REX, SDM vol. 2, 2.2.1 and tables 2-2, 2-3). */
#include "frame.h"
#include "../../common/operand.h"

#define ESCAPE		0x0f
#define PREFIX_FS	0x64
#define PREFIX_GS	0x65
#define PREFIX_ADDRESS	0x67
#define REX_B		1
#define REX_X		2
#define NO_BASE		16	/* a register number that no register has */
#define MSR_FS_BASE	0xc0000100

	.text
/*
 * In:  %rsi points to the NOP, %rbp to the frame. Out: %rax effective address, %rcx number of the base register, %rsi behind the NOP.
 * Clobbers %rbx, %rdx, %r8 to %r11 and flags.
 */
	.globl	operand
operand:
	xorl	%ebx, %ebx		/* FS or GS prefix */
	xorl	%r8d, %r8d		/* REX */
	xorl	%r9d, %r9d		/* address-size prefix */
prefix:	movzbl	(%rsi), %edx
	incq	%rsi
	cmpl	$ESCAPE, %edx
	je	modrm
	cmpl	$PREFIX_ADDRESS, %edx
	jne	1f
	movl	%edx, %r9d
	jmp	prefix
1:	movl	%edx, %eax
	andl	$0xf0, %eax
	cmpl	$0x40, %eax
	jne	2f
	movl	%edx, %r8d
	jmp	prefix
2:	cmpl	$PREFIX_FS, %edx
	jb	prefix			/* CS, DS, ES and SS have no base */
	movl	%edx, %ebx
	jmp	prefix

modrm:	DECODE_MODRM
	jne	no_sib

	movzbl	(%rsi), %r10d
	incq	%rsi
	movl	%r10d, %r11d
	shrl	$3, %r11d
	andl	$7, %r11d		/* index */
	testl	$REX_X, %r8d
	jz	3f
	orl	$8, %r11d
3:	cmpl	$4, %r11d		/* means none */
	je	4f
	negq	%r11
	movq	FRAME_rax(%rbp, %r11, 8), %rax
	movl	%r10d, %ecx
	shrl	$6, %ecx
	shlq	%cl, %rax
4:	movl	%r10d, %ecx
	andl	$7, %ecx
	cmpl	$5, %ecx		/* without displacement: a displacement without base */
	jne	add_base
	testl	%edx, %edx
	jnz	add_base
	movl	$NO_BASE, %ecx
	jmp	disp32

no_sib:	cmpl	$5, %ecx		/* without displacement: relative to the next instruction */
	jne	add_base
	testl	%edx, %edx
	jnz	add_base
	movl	$NO_BASE, %ecx
	leaq	4(%rsi), %rax
	jmp	disp32

add_base:
	testl	$REX_B, %r8d
	jz	5f
	orl	$8, %ecx
5:	movl	%ecx, %r11d
	negq	%r11
	addq	FRAME_rax(%rbp, %r11, 8), %rax
	cmpl	$1, %edx
	jb	segment
	je	disp8
disp32:	movslq	(%rsi), %rdx
	addq	$4, %rsi
	jmp	6f
disp8:	movsbq	(%rsi), %rdx
	incq	%rsi
6:	addq	%rdx, %rax

segment:
	testl	%r9d, %r9d
	jz	7f
	movl	%eax, %eax
7:	testl	%ebx, %ebx
	jz	8f
	movq	%rax, %r8
	movl	%ecx, %r9d
	leal	MSR_FS_BASE - PREFIX_FS(%rbx), %ecx	/* the MSR of GS follows that of FS */
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	addq	%r8, %rax
	movl	%r9d, %ecx
8:	ret
