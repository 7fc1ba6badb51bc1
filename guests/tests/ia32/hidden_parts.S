/* The hidden part of a segment register survives LGDT, whatever the new table has in its place, until the register is loaded again. */
#include "test.h"

#define PLACE		0x60		/* behind the common GDT */
#define SECOND_PLACE	0x68
#define THIRD_PLACE	0x70

	.globl	main
main:	movl	$first, %edi
	call	copy_table
	movl	$second, %edi
	call	copy_table
	DESCRIBE_DATA($values, first + PLACE, 3, 0x93)
	DESCRIBE_DATA($values, first + SECOND_PLACE, 3, 0x93)
	DESCRIBE_DATA($values + 4, second + PLACE, 3, 0x93)
	/* In the second table: no code where CS is, data with a base where DS, ES and SS are, nothing at the second place. */
	movl	$0, second + KERNEL_CS
	movl	$0, second + KERNEL_CS + 4
	DESCRIBE_DATA($values + 4, second + KERNEL_DS, 3, 0x93)

	lgdt	first_pointer
	movl	$PLACE, %eax
	movl	%eax, %fs
	movl	$SECOND_PLACE, %eax
	movl	%eax, %gs
	movl	%fs:0, %ebx
	movl	%gs:0, %ecx
	movl	%ecx, second_word
	SHOW("fs:0", %ebx)
	SHOW("gs:0", %ecx)

	/* What is printed here goes through all registers but CS, and leaves and comes back. */
	lgdt	second_pointer
	movl	%fs:0, %ebx
	SHOW("fs:0", %ebx)
	movl	%gs:0, %ebx
	SHOW("gs:0", %ebx)
	SHOW("ds", second_word)
	movl	$target, %edi
	movl	$0x12345678, %eax
	stosl
	SHOW("es", target)
	movl	%fs, %ebx
	SHOW("fs", %ebx)
	movl	%gs, %ebx
	SHOW("gs", %ebx)
	movl	%ds, %ebx
	SHOW("ds", %ebx)
	pushl	%es
	popl	%ebx
	SHOW("es", %ebx)
	movl	%ss, %ebx
	SHOW("ss", %ebx)
	movl	%cs, %ebx
	SHOW("cs", %ebx)
	movl	%cr3, %eax
	movl	%eax, %cr3
	movl	%fs:0, %ebx
	SHOW("after a load of cr3, fs:0", %ebx)

	/* Loads find the new table. */
	ljmp	$OTHER_CS, $1f
1:	movl	$PLACE, %eax
	movl	%eax, %fs
	movl	%fs:0, %ebx
	SHOW("loaded, fs:0", %ebx)
	movl	%gs:0, %ebx
	SHOW("gs:0", %ebx)
	movl	$THIRD_PLACE, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	SHOW("ds", second_word)
	movl	%ds, %ebx
	SHOW("ds", %ebx)
	movl	%ss, %ebx
	SHOW("ss", %ebx)
	xorl	%eax, %eax
	movl	%eax, %gs
	movl	%gs, %ebx
	SHOW("gs", %ebx)

	/* Back to the first: fs keeps what the second had. */
	lgdt	first_pointer
	movl	%fs:0, %ebx
	SHOW("the first again, fs:0", %ebx)
	movl	$PLACE, %eax
	movl	%eax, %fs
	movl	%fs:0, %ebx
	SHOW("loaded, fs:0", %ebx)
	ljmp	$KERNEL_CS, $2f
2:	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	lgdt	gdt_pointer
	xorl	%eax, %eax
	movl	%eax, %fs
	ret

/* The common table, with one more flat segment at THIRD_PLACE. */
copy_table:
	movl	$gdt, %esi
	movl	$24, %ecx
	rep movsl
	movl	$0x0000ffff, THIRD_PLACE - PLACE(%edi)
	movl	$0x00cf9300, THIRD_PLACE - PLACE + 4(%edi)
	ret

	.data
	.balign	8
values:	.long	0x11111111, 0x22222222
second_word:
	.long	0
target:	.long	0
first_pointer:
	.word	0x7f
	.long	first
second_pointer:
	.word	0x7f
	.long	second

	.bss
	.balign	8
first:	.skip	0x80
second:	.skip	0x80
