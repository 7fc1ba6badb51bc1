/*
 * DS, ES, FS and GS for the kernel image: the guest uses its own selectors on the CPU, whose descriptors are the engine's copies of the
 * guest's GDT, so loads and stores are the instructions themselves. But guests change descriptors by plain stores (thread-local storage),
 * of which the engine knows nothing. So a load of FS or GS compares the guest's descriptor with the one that was copied (the table at
 * LILY_PRIVATE), and asks the engine if they differ. DS and ES hold flat segments, as everywhere in this library; a changed descriptor is
 * seen at the next load of FS or GS.
 */
#include "hypercall.h"
#include "segments.h"

#if VMLIB_IMAGE == LILY_IMAGE_KERNEL
	.text
.irp segment, es, ds, fs, gs
	READ_ROUTINES \segment
.endr

.irp segment, es, ds
	WRITE_ROUTINES \segment
.endr

/*
 * Goes on behind it if the selector at DEPTH(%esp) names a descriptor that is as it was copied, and to OTHERWISE if not, or if it is of the
 * LDT; keeps registers and flags (those of LAHF, and OF).
 */
.macro COMPARE depth, otherwise
	pushl	%eax
	lahf
	seto	%al
	pushl	%eax
	pushl	%ecx
	movzwl	\depth + 12(%esp), %ecx
	testb	$4, %cl
	jnz	9f
	andl	$0xfff8, %ecx
	cmpl	$COPIED, %ecx
	jae	9f
	movl	%ss:VCPU_GDT_BASE, %eax
	movl	%ss:4(%eax, %ecx), %eax
	cmpl	%ss:COPIES + 4(%ecx), %eax
	jne	9f
	movl	%ss:VCPU_GDT_BASE, %eax
	movl	%ss:(%eax, %ecx), %eax
	cmpl	%ss:COPIES(%ecx), %eax
	je	8f
9:	RESTORE
	jmp	\otherwise
8:	RESTORE
.endm

.macro RESTORE
	popl	%ecx
	popl	%eax
	addb	$0x7f, %al
	sahf
	popl	%eax
.endm

/* A null selector has no descriptor to compare. */
.macro LOAD_SEGMENT segment, letter, register
ROUTINE wr_\segment\()_\register
	pushl	%ecx
	movzwl	%\letter, %ecx
	jecxz	2f
	popl	%ecx
	pushl	%\register
	COMPARE	0, 1f
	leal	4(%esp), %esp
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, movl %\register, %\segment
	ret
1:	leal	4(%esp), %esp
	jmp	hypercall_wr_\segment\()_\register
2:	movl	%ecx, %\segment
	popl	%ecx
	ret
.endm

.irp segment, fs, gs
	LOAD_SEGMENT \segment, ax, eax
	LOAD_SEGMENT \segment, cx, ecx
	LOAD_SEGMENT \segment, dx, edx
	LOAD_SEGMENT \segment, bx, ebx
	LOAD_SEGMENT \segment, bp, ebp
	LOAD_SEGMENT \segment, si, esi
	LOAD_SEGMENT \segment, di, edi

ROUTINE pop_\segment
	pushl	%ecx
	movzwl	8(%esp), %ecx
	jecxz	2f
	popl	%ecx
	COMPARE	4, hypercall_pop_\segment
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, movw 4(%esp), %\segment
	ret	$4
2:	movl	%ecx, %\segment
	popl	%ecx
	ret	$4
.endr
#endif
