/*
 * FS and GS with a base, of the kernel, over loads of CR3; programs with an FS and GS of their own run in both address spaces in between.
 */
#include "test.h"

#define OWN_GS		0x30		/* in the LDT's place of the GDT */
#define PROGRAM_GS	0x43		/* in the absent one's */
#define FLAGS		0x202
#define ROUNDS		6

	.globl	main
main:	call	user_init
	HOOK(VECTOR_SYSCALL, system_call)
	DESCRIBE_DATA($based_data + 8, gdt + OWN_GS, 3, 0x93)
	DESCRIBE_DATA($LOW(based_data) + 12, gdt + (PROGRAM_GS & ~3), 3, 0xf3)
	movl	$page_directory, %esi
	movl	$directory, %edi
	movl	$1024, %ecx
	rep movsl
	movl	%esp, stack_before
	movl	%esp, tss + 4

	movl	$BASED_DS, %eax
	movl	%eax, %fs
	movl	$OWN_GS, %eax
	movl	%eax, %gs
	call	show_words
	movl	$LOW(directory), %eax
	movl	%eax, %cr3
	call	show_words
	movl	$LOW(page_directory), %eax
	movl	%eax, %cr3
	call	show_words

to_ring_3:
	movl	stack_before, %esp
	pushl	$USER_DS
	pushl	$LOW(user_stack)
	pushl	$FLAGS
	pushl	$USER_CS
	pushl	$LOW(ring_3)
	movl	$USER_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	$PROGRAM_GS, %eax
	movl	%eax, %gs
	iret

system_call:
	SHOW("ring 3 says", TRAP_EBX(%eax))
	movl	%gs:0, %ebx
	SHOW("its gs:0 in the kernel", %ebx)
	movl	$BASED_DS, %eax
	movl	%eax, %fs
	movl	$OWN_GS, %eax
	movl	%eax, %gs
	call	show_words
	movl	$LOW(page_directory), %eax
	testl	$1, rounds
	jz	1f
	movl	$LOW(directory), %eax
1:	movl	%eax, %cr3
	call	show_words
	incl	rounds
	cmpl	$ROUNDS, rounds
	jb	to_ring_3
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movl	stack_before, %esp
	ret

show_words:
	movl	%fs:0, %ebx
	SHOW("fs:0", %ebx)
	movl	%gs:0, %ebx
	SHOW("gs:0", %ebx)
	movl	%fs, %ebx
	SHOW("fs", %ebx)
	ret

	RING_3_CODE
ring_3:	movl	%gs:0, %ebx
	int	$VECTOR_SYSCALL
	RING_3_CODE_END

	.bss
	.balign	0x1000
directory:
	.skip	0x1000
stack_before:
	.skip	4
rounds:	.skip	4
