/*
 * The frame of a native routine that needs scratch registers or operands: exactly what LILY_RECOVER_ALL_REGISTERS undoes. %ebp points to
 * it from ENTER to LEAVE, and %esp does so too at every FAULTS LILY_RECOVER_ALL_REGISTERS.
 */
#include "vmlib.h"

/* Names for what both architectures share (../../common): a register, the operand it points to, its place in the frame, the saved flags. */
#define AX			%eax
#define AT_AX			%ss:(%eax)
#define FRAME_AX		FRAME_eax(%ebp)
#define SAVED_FLAGS		FRAME_SAVED_FLAGS(%ebp)
#define FLAG_ZF			EFLAGS_ZF

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

/*
 * Saves everything. Then %esi points to the first operand NOP, and the frame's ESP is that before the call (popal ignores this slot), so
 * that operands with an %esp base come out right. Other registers are still the caller's.
 */
.macro ENTER
	pushfl
	pushal
	movl	%esp, %ebp
	leal	FRAME_SIZE(%ebp), %esi
	movl	%esi, FRAME_esp(%ebp)
	movl	FRAME_RETURN(%ebp), %esi
.endm

.macro LEAVE
	popal
	popfl
	ret
.endm

/*
 * Pushes a second copy of the saved registers below the frame, for routines that build another frame where the first one lies and end in
 * popal. %esp must equal %ebp.
 */
.macro COPY_REGISTERS
	.irp register, eax, ecx, edx, ebx, esp, ebp, esi, edi
	pushl	FRAME_\register(%ebp)
	.endr
.endm
