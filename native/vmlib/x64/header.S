#include "vmlib.h"

#define HEADER_WINDOWS	.long window_table, window_count
#include "../common/header.S"

/* The page of pointers to the jump table. */
	.section .pointers, "a"
#undef ENTRY
#define ENTRY(number, name)	.quad LILY_JUMP_TABLE + number * LILY_ENTRY_SIZE;
#include "jump_table.inc"
	.weak	program_identification, program_call	/* only in the deprivileged image */
	.org	LILY_IDENTIFICATION_SLOT - LILY_POINTERS
	.quad	program_identification
	.org	LILY_PROGRAM_CALL_SLOT - LILY_POINTERS
	.quad	program_call
