/* Many timer interrupts while ring 3 computes: registers, flags, segment registers, x87 and SSE state must survive all of them. */
#include "test.h"

#define ENOUGH		40
#define CR4_OSFXSR	0x200
#define FLAGS		0xed7		/* all that the loop sets: status flags, DF, IF, bit 1 */

	.globl	main
main:	call	user_init
	HOOK(VECTOR_TIMER, tick)
	movl	%cr4, %eax
	orl	$CR4_OSFXSR, %eax
	movl	%eax, %cr4
	movl	$0xf3, %eax		/* data of ring 3 */
	movb	%al, gdt + BASED_DS + 5
	movb	$0xfe, %al
	outb	%al, $0x21
	movb	$0x34, %al		/* counter 0, low then high byte, mode 2: periodic */
	outb	%al, $0x43
	movb	$0, %al
	outb	%al, $0x40
	movb	$4, %al			/* about 1165 times a second */
	outb	%al, $0x40
	RUN_RING_3(ring_3, $0x202)
	SHOW("enough ticks", enough)

	/* Sleeping for as many. */
	movl	$0, count
	movl	$0, enough
1:	sti
	hlt
	cli
	cmpl	$0, enough
	je	1b
	movb	$0xff, %al
	outb	%al, $0x21
	SAY("slept")
	ret

tick:	incl	count
	cmpl	$ENOUGH, count
	jb	1f
	movl	$1, enough
1:	movb	$0x20, %al		/* end of interrupt */
	outb	%al, $0x20
	cmpl	$0, LOW(state)
	je	2f			/* the program has not got so far */
	/* What a kernel leaves in these registers is not the program's. */
	fninit
	fldpi
	xorps	%xmm0, %xmm0
	xorps	%xmm7, %xmm7
	fxrstor	LOW(state)
2:	ret

	RING_3_CODE
ring_3:	movl	$BASED_DS + 3, %eax
	movl	%eax, %gs
	fninit
	fldl2e
	fildl	LOW(numbers)
	movups	LOW(numbers), %xmm0
	movups	LOW(numbers) + 16, %xmm7
	fxsave	LOW(state)
	movl	$0x01234567, %ebx
	movl	$0x89abcdef, %ecx
	movl	$0xfedcba98, %edx
	movl	$0x76543210, %esi
	movl	$0x0f1e2d3c, %edi
	movl	$0x4b5a6978, %ebp
1:	pushl	$FLAGS
	popfl
	nop
	nop
	pushfl
	popl	%eax
	cmpl	$FLAGS, %eax
	jne	bad
	cld
	cmpl	$0x01234567, %ebx
	jne	bad
	cmpl	$0x89abcdef, %ecx
	jne	bad
	cmpl	$0xfedcba98, %edx
	jne	bad
	cmpl	$0x76543210, %esi
	jne	bad
	cmpl	$0x0f1e2d3c, %edi
	jne	bad
	cmpl	$0x4b5a6978, %ebp
	jne	bad
	cmpl	$0x11223344, %gs:0
	jne	bad
	cmpl	$LOW(user_stack), %esp
	jne	bad
	movups	%xmm0, LOW(copy)
	movups	%xmm7, LOW(copy) + 16
.irp word, 0, 4, 8, 12, 16, 20, 24, 28
	movl	LOW(numbers) + \word, %eax
	cmpl	%eax, LOW(copy) + \word
	jne	bad
.endr
	fistl	LOW(stored)
	movl	LOW(numbers), %eax
	cmpl	%eax, LOW(stored)
	jne	bad
	cmpl	$0, LOW(enough)
	je	1b
	TELL($0xcafe0001)
	LEAVE_RING_3
bad:	TELL($0xbad)
	LEAVE_RING_3
	RING_3_CODE_END

	.data
	.balign	16
numbers:
	.float	1.5, 2.25, -3.125, 4096.0, 5.5, 0.0078125, 7.75, -8.0

	.bss
	.balign	16
state:	.skip	512
count:	.skip	4
enough:	.skip	4
stored:	.skip	4
copy:	.skip	32
