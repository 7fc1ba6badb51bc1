/* Printing on the 16550 at 0x3f8. Uses no memory but the stack, since a test may have anything in the segment registers. */
	.text
/* Prints %ebx as eight digits. Clobbers AX, BX and CX, whole as they are in 64-bit code. */
	.globl	put_hex
put_hex:
	movl	$8, %ecx
1:	roll	$4, %ebx
	movb	%bl, %al
	call	put_digit
	loop	1b
	ret

/* Prints the lowest four bits of %al. Clobbers %ah. */
	.globl	put_digit
put_digit:
	andb	$15, %al
	addb	$'0', %al
	cmpb	$'9', %al
	jbe	putc
	addb	$'a' - '9' - 1, %al
	/* fall through */

/* Prints the character in %al. Clobbers %ah. */
	.globl	putc
putc:	pushw	%dx
	movb	%al, %ah
	movw	$0x3fd, %dx
1:	inb	%dx, %al
	testb	$0x20, %al		/* transmitter empty */
	jz	1b
	movb	%ah, %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	popw	%dx
	ret
