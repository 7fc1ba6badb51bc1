/* A fault that no hook and no fixup waits for, with the frame on the stack. */
unexpected:
	SHOW("UNEXPECTED vector", TRAP_VECTOR(SP))
	SHOW("error", TRAP_ERROR(SP))
	mov	$main, AX
	sub	AX, TRAP_IP(SP)
	SHOW("ip - main", TRAP_IP(SP))
	movb	$1, %al
	jmp	leave_machine
