/* A program goes into 64-bit code by a far jump to the selector of the host's programs, and calls the host's kernel from there. */
#include "test.h"

#define HOST_CS		0x33
#define GETPID		39

	.globl	main
main:	call	user_init
	RUN_RING_3(program, $2)
	SAY("left")
	ret

	RING_3_CODE
program:
	ljmp	$HOST_CS, $LOW(outside)
outside:
	movl	$GETPID, %eax
	syscall
	jmp	outside
	RING_3_CODE_END
