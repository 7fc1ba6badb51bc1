/*
 * The middle of a trap handler, with the frame on the stack: an instruction that may fault goes on at its fixup, of which `fixup` keeps the
 * rest; then hooks, which get the frame in AX and return; else the test has failed.
 */
	cld
	mov	TRAP_IP(SP), AX
	mov	$extable, SI
1:	cmp	$extable_end, SI
	jae	2f
	cmp	(SI), AX
	jne	3f
	mov	WORD_SIZE(SI), AX
	mov	AX, TRAP_IP(SP)
	mov	TRAP_VECTOR(SP), AX
	mov	AX, fault_vector
	mov	TRAP_ERROR(SP), AX
	mov	AX, fault_error
	jmp	fixup
3:	add	$2 * WORD_SIZE, SI
	jmp	1b
2:	mov	TRAP_VECTOR(SP), CX
	mov	trap_hooks(, CX, WORD_SIZE), CX
	test	CX, CX
	jz	unexpected
	mov	SP, AX
	call	*CX
