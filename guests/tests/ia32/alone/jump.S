/*
 * Calls the address that is typed in eight hexadecimal digits: after k in the kernel, after u in a program, after p a physical one. Tells
 * the fault, if it comes back by one.
 */
#include "test.h"

#define WINDOW	0x01000000	/* where the physical address is mapped */

	.globl	main
main:	call	keys_init
	call	read_key
	movb	%al, mode
	call	read_number
	movl	%ebx, target
	cmpb	$'u', mode
	je	1f
	cmpb	$'p', mode
	jne	2f
	movl	$window_table - LINK_OFFSET + 3, page_directory + (WINDOW >> 22) * 4
	movl	%ebx, %eax
	andl	$~0xfff, %eax
	orl	$3, %eax
	movl	%eax, window_table
	movl	%cr3, %eax
	movl	%eax, %cr3
	andl	$0xfff, %ebx
	orl	$WINDOW, %ebx
2:	call	*%ebx
	SAY("returned")
	ret
1:	RUN_RING_3(program, $2)
	SAY("left")
	ret

	RING_3_CODE
program:
	call	*LOW(target)
	LEAVE_RING_3
	RING_3_CODE_END

	.bss
	.balign	4
target:	.skip	4
mode:	.skip	1
