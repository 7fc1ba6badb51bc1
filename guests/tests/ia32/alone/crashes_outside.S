/* A program goes into 64-bit code, as in leaves_segments.S, and reads where nothing is. */
#include "test.h"

#define HOST_CS		0x33

	.globl	main
main:	call	user_init
	RUN_RING_3(program, $2)
	SAY("left")
	ret

	RING_3_CODE
program:
	ljmp	$HOST_CS, $LOW(outside)
outside:
	.byte	0x48, 0xb8		/* movabs $0x0000100000000000, %rax */
	.quad	0x0000100000000000
	.byte	0x48, 0x8b, 0x00	/* mov (%rax), %rax */
	jmp	outside
	RING_3_CODE_END
