/* Where the gates lead, 16 bytes each: error code or 0 and vector on the stack, then `trap`. */
#include "test.h"

	.text
	.globl	stubs
	.balign	16
stubs:	.set	vector, 0
	.rept	GATES
	.balign	16
	.if	vector > 31 || !((VECTORS_WITH_ERROR_CODE >> vector) & 1)
	push	$0
	.endif
	.if	vector < GATES - 1
	push	$vector
	.else
	push	$LAST_VECTOR
	.endif
	jmp	trap
	.set	vector, vector + 1
	.endr
