/*
 * Page faults of a user program at the kernel's addresses: the error code that the kernel shows must be the processor's. On a machine that does not
 * keep programs from their kernel, this one does harm.
 */
#include "touch.h"

int run(void)
{
	catch_faults();
	for (u32 i = 0; i < sizeof places / sizeof *places; i++) {
		touch(places[i].name, places[i].address);
		ATTEMPT("  execute it", "mov address, " AX "; jmp *" AX);
	}
	return 0;
}
