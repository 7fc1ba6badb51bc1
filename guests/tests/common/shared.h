/* What the small guests of both architectures share. Each has a test.h of its own, which includes this and says the rest. */

#define VECTOR_TIMER	0x20

/* A word on the stack for those without an error code (SDM vol. 3, table 6-1): all vectors but 8, 10-14, 17 and 21. */
#define VECTORS_WITH_ERROR_CODE	0x00227d00
#define GATES		49	/* exceptions, interrupts, and LAST_VECTOR as the last */

/* SAY("text"): a line. */
#define SAY(text)	call say; .asciz text

/* Code of ring 3 between these is left alone by the assembler preprocessor. */
#define RING_3_CODE	.set .Llilyvm_rewrite, 0
#define RING_3_CODE_END	.set .Llilyvm_rewrite, 1
