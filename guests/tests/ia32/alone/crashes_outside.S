/* A program goes into 64-bit code, as in leaves_segments.S, and reads where nothing is. */
#include "test.h"
#include "outside.h"
outside:
	.byte	0x48, 0xb8		/* movabs $0x0000100000000000, %rax */
	.quad	0x0000100000000000
	.byte	0x48, 0x8b, 0x00	/* mov (%rax), %rax */
	jmp	outside
	RING_3_CODE_END
