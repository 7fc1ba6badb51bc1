/* Typed at the 16550 at 0x3f8, for guests that are told there what to do. */
	.text
/* A key in %al. Clobbers DX. */
	.globl	read_key
read_key:
	movw	$0x3fd, %dx
1:	inb	%dx, %al
	testb	$1, %al
	jz	1b
	movw	$0x3f8, %dx
	inb	%dx, %al
	ret

/* The value of a hexadecimal digit that is typed, in %al. Clobbers DX. */
	.globl	read_digit
read_digit:
	call	read_key
	subb	$'0', %al
	cmpb	$9, %al
	jbe	1f
	subb	$'a' - '0' - 10, %al
1:	ret
