/* Routines of segment registers that are the instructions themselves, for an image that lets the guest have its own selectors. */
.macro READ_ROUTINES segment
.irp register, eax, ecx, edx, ebx, ebp, esi, edi
ROUTINE rd_\segment\()_\register
	movl	%\segment, %\register
	ret
.endr

/* The selector takes the place of the return address. */
ROUTINE push_\segment
	pushl	(%esp)
	pushl	%\segment
	popl	4(%esp)			/* %esp counts after the pop */
	ret
.endm

.macro WRITE_ROUTINES segment
.irp register, eax, ecx, edx, ebx, ebp, esi, edi
ROUTINE wr_\segment\()_\register
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, movl %\register, %\segment
	ret
.endr

ROUTINE pop_\segment
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, movw 4(%esp), %\segment
	ret	$4
.endm
