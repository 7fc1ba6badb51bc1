/*
 * Loads the selector in %edi, which is the guest's, into a segment register. What VERR refuses would fault: the guest may have cleared a descriptor
 * that a register still used, and then the register becomes null. Clobbers %edi and flags. SDM vol. 2, VERR: not for a null selector.
 */
.macro LOAD_SELECTOR segment
	verr	%di
	jz	9f
	testl	$0xfffc, %edi
	jz	9f
	xorl	%edi, %edi
9:	movl	%edi, %\segment
.endm
