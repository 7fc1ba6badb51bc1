/* The byte behind the second opcode byte of a long NOP: %ecx base, %edx mod, AX 0; SI is behind it. ZF: a SIB byte follows. */
.macro DECODE_MODRM
	movzbl	AT(1, SI), %edx
	add	$2, SI
	movl	%edx, %ecx
	andl	$7, %ecx		/* base */
	shrl	$6, %edx		/* mod */
	xorl	%eax, %eax
	cmpl	$4, %ecx
.endm
