/* System instructions without operands: the real ones, in ring 0. */
#include "vmlib.h"

	.text
.irp instruction, clts, invd, wbinvd, cpuid, swapgs
ROUTINE \instruction
	\instruction
	ret
.endr

.irp instruction, rdmsr, wrmsr, rdpmc, monitor, mwait, xsetbv
ROUTINE \instruction
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, \instruction
	ret
.endr
