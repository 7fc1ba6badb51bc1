/* The interrupt flag, EFLAGS as a whole, halting, and returns from interrupts. */
#include "vmlib.h"

#include "../../common/interrupt_flag.S"

/* The flags take the place of the return address; nothing here writes EFLAGS. */
ROUTINE pushf
	pushl	(%esp)
	pushfl
	popl	4(%esp)			/* %esp counts after the pop */
	ret

ROUTINE popf
	pushl	4(%esp)
	popfl
	ret	$4

/*
 * Returns that leave the stack behind: the return address moves to the vCPU page, which tells a fault handler where the call was. An
 * interrupt between the two instructions could overwrite it; guests return from interrupts with IF clear.
 */
ROUTINE iret
	popl	%ss:VCPU_IRET_SITE
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, iret

ROUTINE sti_sysexit
	popl	%ss:VCPU_IRET_SITE
	sti
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, sysexit

.irp instruction, sysexit, sysenter, sysret
ROUTINE \instruction
	popl	%ss:VCPU_IRET_SITE
	FAULTS	LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, \instruction
.endr
