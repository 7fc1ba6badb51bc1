/*
 * A guest whose program goes into 64-bit code, at the label `outside` that follows, by a far jump to the selector of the host's programs.
 */
#define HOST_CS		0x33

	.globl	main
main:	call	user_init
	RUN_RING_3(program, $2)
	SAY("left")
	ret

	RING_3_CODE
program:
	ljmp	$HOST_CS, $LOW(outside)
