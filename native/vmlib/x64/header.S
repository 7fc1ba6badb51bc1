/* The first bytes of every image: LibraryHeader (src/LilyVM.Abi/LibraryHeader.cs), then the jump table; and the page of pointers to it. */
#include "vmlib.h"

#define HEADER_SIZE	(LILY_JUMP_TABLE - LILY_BASE)

	.section .header, "ax"
	.long	LILY_HEADER_EXPECTED_MAGIC
	.long	LILY_ABI_VERSION
	.long	VMLIB_IMAGE
	.long	LILY_ENTRY_COUNT
	.long	text_end
	.long	recovery_table
	.long	recovery_count
	.long	window_table, window_count
	.org	HEADER_SIZE

/* One slot: a jump with a 32-bit displacement, so that no slot depends on how far its routine is. */
#define ENTRY(number, name)	.org HEADER_SIZE + number * LILY_ENTRY_SIZE; jmp.d32 impl_##name;
#include "jump_table.inc"
	.org	HEADER_SIZE + LILY_ENTRY_COUNT * LILY_ENTRY_SIZE

	.section .pointers, "a"
#undef ENTRY
#define ENTRY(number, name)	.quad LILY_JUMP_TABLE + number * LILY_ENTRY_SIZE;
#include "jump_table.inc"
	.org	LILY_PROGRAM_CALL_SLOT - LILY_POINTERS
	.weak	program_call		/* only in the deprivileged image */
	.quad	program_call
