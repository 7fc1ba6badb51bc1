/* Printing strings and numbers. */
	.text
/* Prints the string at %rsi and moves %rsi behind its zero. Clobbers %rax. */
print_string:
	movb	(%rsi), %al
	incq	%rsi
	testb	%al, %al
	jz	1f
	call	putc
	jmp	print_string
1:	ret

/* Prints %rbx in hexadecimal digits, no leading zeros but in groups of eight. Clobbers %rax, %rbx, %rcx. */
print_hex:
	pushq	%rbx
	shrq	$32, %rbx
	jz	1f
	call	put_hex
1:	popq	%rbx
	jmp	put_hex

.macro SAVE
	pushfq
	pushq	%rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rsi
	movq	40(%rsp), %rsi
	call	print_string
	movq	%rsi, 40(%rsp)
.endm

.macro RESTORE
	movb	$'\n', %al
	call	putc
	popq	%rsi
	popq	%rcx
	popq	%rbx
	popq	%rax
	popfq
.endm

/* say, show: the string lies behind the call; show's value above it. */
	.globl	say
say:	SAVE
	RESTORE
	ret

	.globl	show
show:	SAVE
	movb	$'=', %al
	call	putc
	movq	48(%rsp), %rbx
	call	print_hex
	RESTORE
	ret	$8
