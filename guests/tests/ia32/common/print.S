/* Printing strings and numbers. Uses %ss for memory, since a test may have anything in the other segment registers. */
	.text
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

	.globl	print_newline
print_newline:
	movb	$'\n', %al
	jmp	putc

.macro BEGIN
	pushfl
	pushal
	movl	36(%esp), %esi
	call	print_string
	movl	%esi, 36(%esp)
.endm

.macro END
	call	print_newline
	popal
	popfl
.endm

/* say, show: the string lies behind the call; show's value above it. */
	.globl	say
say:	BEGIN
	END
	ret

	.globl	show
show:	BEGIN
	movb	$'=', %al
	call	putc
	movl	40(%esp), %ebx
	call	put_hex
	END
	ret	$4
