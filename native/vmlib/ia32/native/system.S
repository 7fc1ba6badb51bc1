/* System instructions without operands: the real ones, at whatever privilege the guest kernel has. */
#include "vmlib.h"

	.text
.irp instruction, clts, invd, wbinvd, cpuid
ROUTINE \instruction
	\instruction
	ret
.endr

.irp instruction, rdmsr, wrmsr, rdpmc, monitor, mwait, xsetbv, syscall
ROUTINE \instruction
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, \instruction
	ret
.endr
