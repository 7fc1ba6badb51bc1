/* Segment loads that fault, in every form, each with its fixup: the segment register and everything else must be as before. */
#include "test.h"

#define FAULTING_LOADS(segment)						\
	movl	$ABSENT_DS, %eax;					\
	MAY_FAULT("not present", movl %eax, segment);			\
	movl	$EXECUTE_ONLY_CS, %ebx;					\
	MAY_FAULT("execute only", movl %ebx, segment);			\
	movl	$BEYOND_GDT, %ecx;					\
	MAY_FAULT("beyond the table", movl %ecx, segment);		\
	movl	$TSS_SELECTOR, %edx;					\
	MAY_FAULT("system segment", movl %edx, segment);		\
	MAY_FAULT("from memory", movw absent, segment);			\
	MAY_FAULT("from nowhere", movw 0x00900000, segment);		\
	pushl	$BEYOND_GDT;						\
	MAY_FAULT("pop", popl segment);					\
	leal	4(%esp), %esp;						\
	movl	segment, %esi;						\
	SHOW("still", %esi)

	.globl	main
main:	SAY("ds")
	FAULTING_LOADS(%ds)
	SAY("es")
	FAULTING_LOADS(%es)
	SAY("fs")
	FAULTING_LOADS(%fs)
	SAY("gs")
	FAULTING_LOADS(%gs)
	SAY("ss")
	FAULTING_LOADS(%ss)
	xorl	%eax, %eax
	MAY_FAULT("null ss", movl %eax, %ss)
	movl	$USER_DS, %edi
	MAY_FAULT("ss of another privilege", movl %edi, %ss)

	/* A page fault through a segment with a base, in an instruction that is converted. */
	movl	$BASED_DS, %eax
	movl	%eax, %fs
	movl	$0x00900000, %esi
	subl	$based_data, %esi
	MAY_FAULT("load through fs", movw %fs:(%esi), %es)
	MAY_FAULT("store through fs", movw %ds, %fs:(%esi))
	movl	%cr2, %edx
	SHOW("cr2", %edx)

	/* A fault with interrupts on finds them on afterwards. */
	movl	$BEYOND_GDT, %ecx
	sti
	MAY_FAULT("with interrupts on", movl %ecx, %es)
	pushfl
	cli
	popl	%eax
	andl	$0x200, %eax
	SHOW("IF", %eax)
	xorl	%eax, %eax
	movl	%eax, %fs
	ret

	.data
	.balign	4
absent:	.long	ABSENT_DS
