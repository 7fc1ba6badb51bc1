/* lds, les, lfs, lgs, lss: segment and register from memory. */
#include "test.h"

	.globl	main
main:	lfs	pointer, %eax
	movl	%fs, %ebx
	SHOW("lfs register", %eax)
	SHOW("fs", %ebx)
	movl	$pointer, %esi
	lgs	(%esi), %esi
	movl	%gs, %ebx
	SHOW("lgs register", %esi)
	SHOW("gs", %ebx)
	movl	$2, %ecx
	les	pointer - 4(, %ecx, 2), %edi
	movl	%es, %ebx
	SHOW("les register", %edi)
	SHOW("es", %ebx)
	lds	pointer, %edx
	movl	%ds, %ebx
	movl	$KERNEL_DS, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	SHOW("lds register", %edx)
	SHOW("ds", %ebx)
	lss	flat_pointer, %ebp
	movl	%ss, %ebx
	SHOW("lss register", %ebp)
	SHOW("ss", %ebx)

	/* A stack switch: the word pushed is behind the loaded ESP and must not be what pops. */
	movl	%esp, stack_pointer
	pushl	$0x77777777
	lss	stack_pointer, %esp
	movl	%esp, %ebx
	subl	stack_pointer, %ebx
	SHOW("lss esp, distance", %ebx)

	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs

	MAY_FAULT("null lss", lss null_pointer, %eax)
	MAY_FAULT("absent lfs", lfs absent_pointer, %eax)
	MAY_FAULT("unmapped lgs", lgs 0x00900000, %eax)
	ret

	.data
	.balign	4
pointer:
	.long	0x12345678
	.word	USER_DS, 0
flat_pointer:
	.long	0x87654321
	.word	KERNEL_DS, 0
stack_pointer:
	.long	0
	.word	KERNEL_DS, 0
null_pointer:
	.long	0, 0
absent_pointer:
	.long	0
	.word	ABSENT_DS, 0
