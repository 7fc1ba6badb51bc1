/*
 * Entries that the guest kernel serves itself from the vCPU page, without its engine. Events may interrupt this code anywhere: it uses the
 * guest's stack only, and sets the virtual interrupt flag before it looks at the pending word, so that whatever becomes pending later is
 * delivered by the engine at once.
 */
#include "hypercall.h"

#define VIF	%ss:VCPU_INTERRUPT_FLAG

	.text
ROUTINE cli
	movb	$0, %ss:VCPU_INTERRUPT_FLAG + 1
	ret

ROUTINE sti
	movb	$EFLAGS_IF >> 8, %ss:VCPU_INTERRUPT_FLAG + 1
	pushfl
	cmpl	$0, %ss:VCPU_PENDING
	jne	1f
	popfl
	ret
1:	popfl
	jmp	hypercall_deliver

#define VIRTUAL_FLAGS	VIF
#include "../../common/pushf.S"

/* Above the deprivileged IOPL the real popf leaves IF and IOPL alone. */
ROUTINE popf
	pushl	%eax
	movl	8(%esp), %eax
	movl	%eax, VIF		/* readers test the one bit */
	andl	$EFLAGS_IF, VIF
	jz	1f
	cmpl	$0, %ss:VCPU_PENDING
	jne	2f
1:	popl	%eax
	pushl	4(%esp)
	popfl
	ret	$4
2:	popl	%eax
	pushl	4(%esp)
	popfl
	call	hypercall_deliver
	ret	$4

/*
 * iret to the code segment in use, with neither single-stepping nor virtual-8086 mode asked for, cannot fault and needs no engine, unless
 * an interrupt is to be delivered on the way. Anything else is the engine's.
 */
ROUTINE iret
#if VMLIB_IMAGE == LILY_IMAGE_KERNEL
/*
 * To a program: the CPU does all of it, selectors and their faults included; the flag that the program runs with is always set. The program
 * may load segments by itself: the descriptor that the guest is known to change is compared with the engine's copy. If an interrupt becomes
 * pending between the look at it and the IRET, the engine, which comes by then, starts again at the call where the recovery table allows
 * it, or comes again in a moment.
 */
	pushl	%eax
	lahf				/* flags stay as they are if the IRET faults */
	seto	%al
	pushl	%eax
	testb	$3, 16(%esp)		/* flags, %eax, return address, EIP, CS, EFLAGS */
	jz	5f
	testl	$EFLAGS_VM | EFLAGS_IOPL, 20(%esp)
	jnz	4f
	movl	%ss:WATCHED_ADDRESS, %eax
	movl	%ss:(%eax), %eax
	cmpl	%ss:WATCHED_LOW, %eax
	jne	4f
	movl	%ss:WATCHED_ADDRESS, %eax
	movl	%ss:4(%eax), %eax
	cmpl	%ss:WATCHED_HIGH, %eax
	jne	4f
	cmpl	$0, %ss:VCPU_PENDING
	jne	4f
	popl	%eax
	addb	$0x7f, %al
	sahf
	popl	%eax
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, popl %ss:VCPU_IRET_SITE
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, iret
4:	popl	%eax
	addb	$0x7f, %al
	sahf
	popl	%eax
	jmp	hypercall_iret
5:
#else
	pushl	%eax
	lahf				/* for the engine, if it has to report a fault here */
	seto	%al
	pushl	%eax
#endif
	movl	16(%esp), %eax		/* flags, %eax, return address, EIP, CS, EFLAGS */
	cmpw	%ss:VCPU_CS, %ax
	jne	1f
	testl	$EFLAGS_TF | EFLAGS_VM, 20(%esp)
	jnz	1f
	movl	20(%esp), %eax
	movl	%eax, VIF
	andl	$EFLAGS_IF, VIF
	jz	2f
	cmpl	$0, %ss:VCPU_PENDING
	je	2f
1:	popl	%eax
	addb	$0x7f, %al
	sahf
	popl	%eax
	jmp	hypercall_iret
2:	pushl	20(%esp)
	popfl
	movl	12(%esp), %eax
	movl	%eax, 20(%esp)		/* EIP, where ret will find it */
	movl	4(%esp), %eax
	leal	20(%esp), %esp
	ret

#define READ_CR(number) ROUTINE rd_cr##number##_\register; movl %ss:VCPU_CR##number, %\register; ret
.irp register, eax, ecx, edx, ebx, ebp, esi, edi
	READ_CR(0)
	READ_CR(2)
	READ_CR(3)
	READ_CR(4)
.endr

.macro SEGMENT_READS segment, word
.irp register, eax, ecx, edx, ebx, ebp, esi, edi
ROUTINE rd_\segment\()_\register
	movl	%ss:\word, %\register
	ret
.endr

/* The selector takes the place of the return address. */
ROUTINE push_\segment
	pushl	(%esp)
	pushl	%ss:\word
	popl	4(%esp)			/* %esp counts after the pop */
	ret
.endm

	SEGMENT_READS	cs, VCPU_CS
	SEGMENT_READS	ss, VCPU_SS
#if VMLIB_IMAGE == LILY_IMAGE_USER
	SEGMENT_READS	es, VCPU_ES
	SEGMENT_READS	ds, VCPU_DS
	SEGMENT_READS	fs, VCPU_FS
	SEGMENT_READS	gs, VCPU_GS
#endif
