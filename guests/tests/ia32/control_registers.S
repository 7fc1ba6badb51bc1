/* mov to and from CR0, CR2, CR3 and CR4 with every register; flags; CR2 after a page fault. */
#include "test.h"

#define READ_WRITE(register)						\
	movl	%cr0, register;						\
	SHOW("cr0", register);						\
	orl	$0x20, register;		/* NE */		\
	movl	register, %cr0;						\
	movl	$0x12345678, register;					\
	movl	register, %cr2;						\
	xorl	register, register;					\
	movl	%cr2, register;						\
	SHOW("cr2", register);						\
	movl	%cr3, register;						\
	movl	register, %cr3;						\
	subl	$page_directory - LINK_OFFSET, register;		\
	SHOW("cr3 - page directory", register);				\
	movl	%cr4, register;						\
	xorl	$4, register;			/* TSD */		\
	movl	register, %cr4;						\
	movl	%cr4, register;						\
	SHOW("cr4", register);						\
	movl	%cr0, register;						\
	andl	$~0x20, register;					\
	movl	register, %cr0

	.globl	main
main:	READ_WRITE(%eax)
	READ_WRITE(%ebx)
	READ_WRITE(%ecx)
	READ_WRITE(%edx)
	READ_WRITE(%esi)
	READ_WRITE(%edi)
	READ_WRITE(%ebp)

	/* A TLB flush between two uses of the flags. */
	movl	%cr3, %eax
	cmpl	%eax, %eax
	stc
	movl	%eax, %cr3
	setc	%bl
	setz	%bh
	movzwl	%bx, %ebx
	SHOW("flags kept", %ebx)

	MAY_FAULT("a read", movl 0x00900abc, %eax)
	movl	%cr2, %edx
	SHOW("cr2", %edx)
	MAY_FAULT("a write inside a sensitive instruction", movw %ds, 0x00900def)
	movl	%cr2, %edx
	SHOW("cr2", %edx)
	ret
