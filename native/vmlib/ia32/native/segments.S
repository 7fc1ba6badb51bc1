/*
 * Segment registers. Reads give the low half of a register or word; a 32-bit destination is zero-extended (SDM vol. 2, MOV). Loads may
 * fault: nothing is on the stack above the return address then, or the frame of ENTER.
 */
#include "frame.h"
#include "segments.h"
#include "../../common/segments.S"

.irp segment, es, cs, ss, ds, fs, gs
	READ_ROUTINES \segment
.endr

.irp segment, es, ss, ds, fs, gs
	WRITE_ROUTINES \segment
	LOAD_FAR_POINTER \segment
.endr
