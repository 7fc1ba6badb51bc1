/* Reads and writes an address, and reports the error code and address that the kernel shows of a fault. */
#pragma once
#include "attempt.h"

static volatile word address;

static inline void touch(const char *name, word where)
{
	address = where;
	ATTEMPT(name, "mov address, " AX "; movl (" AX "), %%eax");
	if (got_signal)
		REPORT("  read", "address matches", seen.cr2 == where);
	ATTEMPT(name, "mov address, " AX "; movl $1, (" AX ")");
	if (got_signal)
		REPORT("  write", "address matches", seen.cr2 == where);
}
