/* The first bytes of every image: LibraryHeader (src/LilyVM.Abi/LibraryHeader.cs), then the jump table. */
#define HEADER_SIZE	(LILY_JUMP_TABLE - LILY_BASE)

	.section .header, "ax"
	.long	LILY_HEADER_EXPECTED_MAGIC
	.long	LILY_ABI_VERSION
	.long	VMLIB_IMAGE
	.long	LILY_ENTRY_COUNT
	.long	text_end
	.long	recovery_table
	.long	recovery_count
	HEADER_WINDOWS
	.org	HEADER_SIZE

/* One slot: a jump with a 32-bit displacement, so that no slot depends on how far its routine is. */
#define ENTRY(number, name)	.org HEADER_SIZE + number * LILY_ENTRY_SIZE; jmp.d32 impl_##name;
#include "jump_table.inc"
	.org	HEADER_SIZE + LILY_ENTRY_COUNT * LILY_ENTRY_SIZE
