/* Segment registers. A 32- or 64-bit destination is zero-extended (SDM vol. 2, MOV). */
#include "frame.h"
#include "../../common/segments.S"

.irp segment, es, cs, ss, ds, fs, gs
	READ_ROUTINE rd_\segment\()_r, movl %\segment, %eax
.endr

.irp segment, es, ss, ds, fs, gs
	OPERAND_ROUTINE wr_\segment\()_v, movl %eax, %\segment
.endr

/* The selector takes the place of the return address. */
.irp segment, fs, gs
ROUTINE push_\segment
	pushq	(%rsp)
	pushq	%\segment
	popq	8(%rsp)			/* %rsp counts after the pop */
	ret

ROUTINE pop_\segment
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, movw 8(%rsp), %\segment
	ret	$8
.endr

.irp segment, ss, fs, gs
	LOAD_FAR_POINTER \segment
.endr
