#include "frame.h"
#include "../../common/selectors.S"

.irp instruction, sldt, str, smsw
ROUTINE \instruction\()_r64
	ENTER
	call	operand
	\instruction %rax
	jmp	leave_with_register
.endr
