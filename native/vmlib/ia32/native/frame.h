/*
 * The frame of a native routine that needs scratch registers or operands: exactly what LILY_RECOVER_ALL_REGISTERS undoes. %ebp points to
 * it from ENTER to LEAVE, and %esp does so too at every FAULTS LILY_RECOVER_ALL_REGISTERS.
 */
#include "vmlib.h"

/* Names for what both architectures share (../../common), with those of vmlib.h: what lies in the frame. */
#define FRAME_AX		FRAME_eax(%ebp)
#define FRAME_SP		FRAME_esp(%ebp)
#define SAVED_FLAGS		FRAME_SAVED_FLAGS(%ebp)

#define FRAME_SAVED_FLAGS	32
#define FRAME_RETURN		36
#define FRAME_SIZE		40

/* Places of the registers as pushal leaves them; register number n lies at FRAME_eax - 4 * n. */
.set FRAME_edi, 0
.set FRAME_esi, 4
.set FRAME_ebp, 8
.set FRAME_esp, 12
.set FRAME_ebx, 16
.set FRAME_edx, 20
.set FRAME_ecx, 24
.set FRAME_eax, 28

/* popal ignores the place of ESP. */
.macro PUSH_REGISTERS
	pushal
.endm

.macro POP_REGISTERS
	popal
.endm

#include "../../common/frame.h"

/*
 * Pushes a second copy of the saved registers below the frame, for routines that build another frame where the first one lies and end in
 * popal. %esp must equal %ebp.
 */
.macro COPY_REGISTERS
	.irp register, eax, ecx, edx, ebx, esp, ebp, esi, edi
	pushl	FRAME_\register(%ebp)
	.endr
.endm
