/* Printing on the 16550 at 0x3f8. Uses %ss for memory, since a test may have anything in the other segment registers. */
	.text
putc:	pushl	%edx
	movb	%al, %ah
	movw	$0x3fd, %dx
1:	inb	%dx, %al
	testb	$0x20, %al		/* transmitter empty */
	jz	1b
	movb	%ah, %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	popl	%edx
	ret

/* Prints the string at %esi and moves %esi behind its zero. Clobbers %eax. */
	.globl	print_string
print_string:
	movb	%ss:(%esi), %al
	incl	%esi
	testb	%al, %al
	jz	1f
	call	putc
	jmp	print_string
1:	ret

/* Prints %ebx as eight digits. Clobbers %eax, %ebx, %ecx. */
	.globl	print_hex
print_hex:
	movl	$8, %ecx
1:	roll	$4, %ebx
	movb	%bl, %al
	andb	$15, %al
	addb	$'0', %al
	cmpb	$'9', %al
	jbe	2f
	addb	$'a' - '9' - 1, %al
2:	call	putc
	loop	1b
	ret

	.globl	print_newline
print_newline:
	movb	$'\n', %al
	jmp	putc

/* say, show: the string lies behind the call. */
	.globl	say
say:	pushfl
	pushal
	movl	36(%esp), %esi
	call	print_string
	movl	%esi, 36(%esp)
	call	print_newline
	popal
	popfl
	ret

	.globl	show
show:	pushfl
	pushal
	movl	36(%esp), %esi
	call	print_string
	movl	%esi, 36(%esp)
	movb	$'=', %al
	call	putc
	movl	40(%esp), %ebx
	call	print_hex
	call	print_newline
	popal
	popfl
	ret	$4
