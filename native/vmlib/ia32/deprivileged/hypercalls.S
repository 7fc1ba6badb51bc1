/*
 * A hypercall for every entry, as hypercall_NAME and as the entry's own routine. The latter is weak: fast.S replaces those that need no
 * engine.
 */
#include "hypercall.h"

	.text
#define ENTRY(number, name)	.weak impl_##name; .globl hypercall_##name; impl_##name: hypercall_##name: HYPERCALL number;
#include "jump_table.inc"
