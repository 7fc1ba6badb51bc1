/*
 * Operands: decodes the long NOP behind a call site (0F 1F /0, SDM vol. 2, tables 2-2 and 2-3).
 *
 * CS, DS, ES and SS are flat with base 0 in a guest kernel, so their prefixes change nothing and the library reaches the operand through
 * %ss. FS and GS may have any base: it is read from the descriptor that the register selects, and the address becomes linear (so their
 * limits are not checked here).
 */
#include "frame.h"
#include "../../common/operand.h"

#define ESCAPE		0x0f
#define PREFIX_FS	0x64
#define PREFIX_GS	0x65
#define NO_BASE		8	/* a register number that no register has */

	.text
/*
 * In:  %esi points to the NOP, %ebp to the frame, %esp == %ebp or below (== at fs and gs operands, which may fault).
 * Out: %eax effective address, %ecx number of the base register, %esi behind the NOP. Clobbers %ebx, %edx, %edi and flags.
 */
	.globl	operand
operand:
	popl	%edi			/* a link register: %esp must point to the frame where something may fault */
	xorl	%ebx, %ebx
prefix:	movzbl	%ss:(%esi), %edx
	incl	%esi
	cmpl	$ESCAPE, %edx
	je	modrm
	movl	%edx, %ebx
	jmp	prefix

modrm:	DECODE_MODRM
	jne	base

	movzbl	%ss:(%esi), %ecx	/* SIB */
	incl	%esi
	movl	%ecx, %eax
	shrl	$3, %eax
	andl	$7, %eax
	cmpl	$4, %eax		/* index 4 means none */
	je	no_index
	negl	%eax
	movl	FRAME_eax(%ebp, %eax, 4), %eax
	pushl	%ecx
	shrl	$6, %ecx
	shll	%cl, %eax
	popl	%ecx
	andl	$7, %ecx
	jmp	base
no_index:
	xorl	%eax, %eax
	andl	$7, %ecx

base:	cmpl	$5, %ecx		/* EBP without displacement means a displacement without base */
	jne	add_base
	testl	%edx, %edx
	jnz	add_base
	movl	$NO_BASE, %ecx
	jmp	disp32
add_base:
	pushl	%ecx
	negl	%ecx
	addl	FRAME_eax(%ebp, %ecx, 4), %eax
	popl	%ecx
	cmpl	$1, %edx
	jb	segment
	je	disp8
disp32:	addl	%ss:(%esi), %eax
	addl	$4, %esi
	jmp	segment
disp8:	movsbl	%ss:(%esi), %edx
	incl	%esi
	addl	%edx, %eax

segment:
	cmpl	$PREFIX_FS, %ebx
	je	override_fs
	cmpl	$PREFIX_GS, %ebx
	je	override_gs
	jmp	*%edi

/* Only a null selector is used as it is: the touch raises the guest's #GP. */
.irp register, fs, gs
override_\register:
	movl	%\register, %edx
	testl	$~3, %edx
	jnz	add_segment_base
	FAULTS	LILY_RECOVER_ALL_REGISTERS, testb %al, %\register:(%eax)
	jmp	*%edi
.endr

/* Replaces a pointer to a descriptor in %ebx by the base that it holds (SDM vol. 3, figure 3-8). Clobbers %ecx. */
.macro LOAD_DESCRIPTOR_BASE
	movl	%ss:2(%ebx), %ecx
	andl	$0x00ffffff, %ecx
	movl	%ss:4(%ebx), %ebx
	andl	$0xff000000, %ebx
	orl	%ecx, %ebx
.endm

/* %eax += base of the segment that the selector %edx names. */
add_segment_base:
	subl	$8, %esp
	sgdt	(%esp)
	movl	2(%esp), %ebx
	addl	$8, %esp
	testl	$4, %edx		/* table indicator: GDT or LDT */
	jz	1f
	sldt	%ecx
	addl	%ecx, %ebx
	LOAD_DESCRIPTOR_BASE
1:	andl	$0xfff8, %edx
	addl	%edx, %ebx
	LOAD_DESCRIPTOR_BASE
	addl	%ebx, %eax
	jmp	*%edi
