/* The real flags but for IF, which is the virtual one; they take the place of the return address. */
	.text
ROUTINE pushf
	push	(SP)
	pushf
	pop	WORD_SIZE(SP)			/* SP counts after the pop */
	pushf
	push	AX
	movl	VIRTUAL_FLAGS, %eax
	andl	$FLAG_IF, %eax
	andl	$~FLAG_IF, 3 * WORD_SIZE(SP)
	orl	%eax, 3 * WORD_SIZE(SP)
	pop	AX
	popf
	ret
