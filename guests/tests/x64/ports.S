/* Port input and output: widths, immediate ports, strings, and what a narrow read leaves. */
#include "test.h"
	.text
	.globl	main
main:	movq	$-1, %rax
	movb	$0x55, %al
	outb	%al, $0x80
	movw	$0x3ff, %dx		/* scratch register of the serial port */
	movb	$0x5a, %al
	outb	%al, %dx
	movq	$0x1122334455667788, %rax
	inb	%dx, %al
	SHOW("inb keeps", %rax)
	movq	$0x1122334455667788, %rax
	movw	$0x3fe, %dx
	inw	%dx, %ax
	andl	$0xff00, %eax
	SHOW("inw", %rax)
	movq	$-1, %rax
	inl	$0x84, %eax
	xorl	%eax, %eax
	SHOW("inl clears", %rax)
	inb	$0x21, %al
	movzbl	%al, %eax
	SHOW("inb imm", %rax)
	movl	$text, %esi
	movl	$text_end - text, %ecx
	movl	$0x3f8, %edx
	rep outsb
	SHOW("rcx", %rcx)
	subq	$text_end, %rsi
	SHOW("rsi", %rsi)
	movl	$0x3ff, %edx
	movl	$buffer, %edi
	movl	$3, %ecx
	rep; insb
	insb
	movl	buffer, %eax
	SHOW("insb", %rax)
	subq	$buffer, %rdi
	SHOW("rdi", %rdi)
	movq	$0x7000000000, %rdi
	movl	$5, %ecx
	MAY_FAULT("insb", rep insb)
	SHOW("rcx left", %rcx)
	ret
	.data
text:	.ascii	"string\n"
text_end:
	.bss
	.balign	8
buffer:	.skip	16
