/* The interrupt flag, and halting. */
	.text
ROUTINE cli
	cli
	ret

/*
 * The shadow of sti covers the ret; whoever depends on it for the next guest instruction (hlt, mwait, and in IA-32 sysexit) has a fused
 * entry.
 */
ROUTINE sti
	sti
	ret

ROUTINE sti_hlt
	sti
ROUTINE hlt
	hlt
	ret

ROUTINE sti_mwait
	sti
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, mwait
	ret

/* Pending interrupts are the CPU's own affair here. */
ROUTINE deliver
	ret
