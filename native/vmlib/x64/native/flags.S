/* The interrupt flag, RFLAGS as a whole, halting, and returns. */
#include "vmlib.h"

#include "../../common/interrupt_flag.S"

/* The flags take the place of the return address; nothing here writes RFLAGS. */
ROUTINE pushf
	pushq	(%rsp)
	pushfq
	popq	8(%rsp)			/* %rsp counts after the pop */
	ret

ROUTINE popf
	pushq	8(%rsp)
	popfq
	ret	$8

/* Jumped to: the site is in the vCPU page already, and the stack is as the instruction wants it. */
ROUTINE iret
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, iretq

ROUTINE sysret
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, sysretq

ROUTINE sysretl
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, sysretl

/* Far returns: the return address moves to the vCPU page. */
ROUTINE lret
	popq	VCPU_TRANSFER_SITE
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, lretq

ROUTINE lretl
	popq	VCPU_TRANSFER_SITE
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, lretl

/* A loader puts the instruction itself back wherever the note has it; in repeat blocks it cannot, and no kernel has one there. */
ROUTINE int
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, ud2
