/*
 * How the library asks its engine for a jump table entry. The engine finds the return address of the call site on top of the stack,
 * completes the whole entry (operand NOPs included) and resumes the guest there.
 */
#include "vmlib.h"

#if VMLIB_IMAGE == LILY_IMAGE_USER
/*
 * User engine: the number goes on the stack, and a far jump through the host's 64-bit code selector enters the engine's trampoline, which
 * lies where no segment of the guest's begins or ends (Layout.HypercallTrampoline). No trap is involved.
 */
#define HOST_CODE_64	0x33
#define TRAMPOLINE	0xffe00000
.macro HYPERCALL number
	pushl	$\number
	ljmp	$HOST_CODE_64, $TRAMPOLINE
.endm
#elif VMLIB_IMAGE == LILY_IMAGE_KERNEL
/* Kernel engine: a software interrupt through a reserved exception vector with DPL 1, the number behind it. */
#define HYPERCALL_VECTOR	0x16
.macro HYPERCALL number
	int	$HYPERCALL_VECTOR
	.word	\number
.endm

/* What the engine keeps in the private pages: its copies of the guest's first 32 descriptors, and one of them that the guest changes. */
#define COPIES		LILY_PRIVATE
#define COPIED		0x100		/* bytes */
#define WATCHED_ADDRESS	(COPIES + COPIED)
#define WATCHED_LOW	(WATCHED_ADDRESS + 4)
#define WATCHED_HIGH	(WATCHED_LOW + 4)
#endif
