/* A program goes into 64-bit code by a far jump to the selector of the host's programs, and calls the host's kernel from there. */
#include "test.h"

#define GETPID		39
#include "outside.h"
outside:
	movl	$GETPID, %eax
	syscall
	jmp	outside
	RING_3_CODE_END
