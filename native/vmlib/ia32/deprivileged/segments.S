/*
 * Loads of DS, ES, FS and GS that need no engine, for the user image: there the real registers matter to the guest kernel only where a
 * segment does not start at 0, and the selector that the guest believes in is a word of the vCPU page. A null selector, or one of a present
 * data segment that privilege level 0 may load (SDM vol. 2, MOV), is taken at once; all else, and every fault, is the engine's.
 */
#include "hypercall.h"

#if VMLIB_IMAGE == LILY_IMAGE_USER
#define TYPE_MASK	0x9c00		/* present, not a system segment, code, expand-down */
#define TYPE_DATA	0x9000
#define DPL_3		0x6000
#define BASE_IN_HIGH	0xff0000ff
#define ESCAPE		2		/* bytes of the short jump behind a call of CHECK */

	.text
/*
 * Called with a selector on the stack. Returns behind the call if the selector may be loaded, with its upper half cleared, and ESCAPE bytes
 * further if not. Keeps registers and flags (those of LAHF and OF; nothing else is changed).
 */
.macro CHECK name, must_start_at_0
\name:
	pushl	%eax
	lahf
	seto	%al
	pushl	%eax
	pushl	%ecx
	movzwl	16(%esp), %eax		/* %ecx, flags, %eax, return address, selector */
	movl	%eax, 16(%esp)
	testl	$0xfffc, %eax
	jz	2f
	testl	$4, %eax
	jnz	1f			/* of the LDT */
	movl	%eax, %ecx
	orl	$7, %ecx
	cmpl	%ss:VCPU_GDT_LIMIT, %ecx
	ja	1f
	addl	%ss:VCPU_GDT_BASE, %ecx
.if \must_start_at_0
	cmpw	$0, %ss:-5(%ecx)
	jne	1f
	testl	$BASE_IN_HIGH, %ss:-3(%ecx)
	jnz	1f
.endif
	movl	%ss:-3(%ecx), %ecx
	testl	$3, %eax
	jz	3f
	testl	$DPL_3, %ecx
	jz	1f
	notl	%ecx
	testl	$DPL_3, %ecx
	jnz	1f			/* DPL 1 or 2: let the engine compare */
	notl	%ecx
3:	andl	$TYPE_MASK, %ecx
	cmpl	$TYPE_DATA, %ecx
	je	2f
1:	addl	$ESCAPE, 12(%esp)
2:	popl	%ecx
	popl	%eax
	addb	$0x7f, %al
	sahf
	popl	%eax
	ret
.endm

	CHECK	check_any, 0
	CHECK	check_flat, 1

.macro SEGMENT_LOADS segment, word, check
.irp register, eax, ecx, edx, ebx, ebp, esi, edi
ROUTINE wr_\segment\()_\register
	pushl	%\register
	call	\check
	jmp	1f
	leal	4(%esp), %esp
	jmp	hypercall_wr_\segment\()_\register
1:	SET_\segment	\word
	ret
.endr

ROUTINE pop_\segment
	pushl	4(%esp)
	call	\check
	jmp	1f
	leal	4(%esp), %esp
	jmp	hypercall_pop_\segment
1:	SET_\segment	\word
	ret	$4
.endm

/* The selector is on the stack. */
.macro SET_ds word
	popl	%ss:\word
.endm
.macro SET_es word
	popl	%ss:\word
.endm
/*
 * The real register becomes null, unless it is: should the guest kernel use it, the engine loads what the word says, at the fault. Kernels
 * that only save and restore FS and GS never pay for that.
 */
.macro SET_REAL register, word
	pushl	%ecx
	movl	4(%esp), %ecx
	movl	%ecx, %ss:\word
	movl	%\register, %ecx
	jecxz	3f
	movl	$0, %ecx		/* keeps the flags */
	movl	%ecx, %\register
3:	popl	%ecx
	leal	4(%esp), %esp
.endm
.macro SET_fs word
	SET_REAL fs, \word
.endm
.macro SET_gs word
	SET_REAL gs, \word
.endm

	SEGMENT_LOADS	ds, VCPU_DS, check_any
	SEGMENT_LOADS	es, VCPU_ES, check_any
	SEGMENT_LOADS	fs, VCPU_FS, check_flat
	SEGMENT_LOADS	gs, VCPU_GS, check_flat
#endif
