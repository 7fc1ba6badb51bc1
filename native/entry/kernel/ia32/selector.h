/*
 * Loads the selector in %edi, which is the guest's, into a segment register. What VERR refuses would fault: the guest may have cleared a
 * descriptor that a register still used, or made it absent, and then the register becomes null. Clobbers %eax, %edi and flags. SDM vol. 2,
 * VERR: not for a null selector, and it does not ask for presence.
 */
#define DESCRIPTOR_PRESENT	0x8000

.macro LOAD_SELECTOR segment
	testl	$0xfffc, %edi
	jz	9f
	verr	%di
	jnz	8f
	larl	%edi, %eax
	testl	$DESCRIPTOR_PRESENT, %eax
	jnz	9f
8:	xorl	%edi, %edi
9:	movl	%edi, %\segment
.endm

/* The selectors of the interrupted code to the stack, and back as LOAD_SELECTOR says. Clobber %eax; the latter %edi and flags, too. */
.macro PUSH_SELECTORS
.irp segment, ds, es, fs, gs
	movl	%\segment, %eax
	pushq	%rax
.endr
.endm

.macro POP_SELECTORS
.irp segment, gs, fs, es, ds
	popq	%rdi
	LOAD_SELECTOR \segment
.endr
.endm
