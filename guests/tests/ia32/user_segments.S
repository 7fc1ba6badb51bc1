/* Segment registers that ring 3 loads by itself, with selectors of the GDT, and uses. */
#include "test.h"

#define FLAGS		0x202
#define THREAD_GS	0x33	/* in the LDT's place of the GDT */
#define OTHER_GS	0x3b
#define ABSENT_GS	0x43

	.globl	main
main:	call	user_init
	/* Data of ring 3 with bases in these three places, the last one not present. */
	DESCRIBE_DATA($LOW(based_data), gdt + 0x30, 0xff, 0xf3)
	DESCRIBE_DATA($LOW(based_data) + 4, gdt + 0x38, 0xff, 0xf3)
	DESCRIBE_DATA($LOW(based_data) + 4, gdt + 0x40, 0xff, 0x73)
	RUN_RING_3(ring_3, $FLAGS)
	SHOW("based_data", based_data)
	ret

	RING_3_CODE
ring_3:	movl	$THREAD_GS, %eax
	movl	%eax, %gs
	TELL(%gs:0)
	movl	$0xcafe0001, %gs:0
	movl	$OTHER_GS, %eax
	movl	%eax, %fs
	TELL(%fs:0)
	TELL(%gs:4)
	pushl	$OTHER_GS
	popl	%gs
	TELL(%gs:0)

	/* DS, ES and SS again; both tables have segments there. */
	movl	$USER_DS, %eax
	movl	%eax, %ds
	movl	$0xcafe0002, LOW(word)
	TELL(LOW(word))
	movl	$USER_DS, %eax
	movl	%eax, %es
	movl	$LOW(word), %edi
	movl	$0xcafe0003, %eax
	stosl
	TELL(LOW(word))
	movl	$USER_DS, %eax
	movl	%eax, %ss
	pushl	$0xcafe0004
	popl	%ecx
	TELL(%ecx)
	movl	$USER_CS, %eax
	movl	%eax, %es
	TELL(%es:LOW(word))
	movl	$OTHER_GS, %eax
	movl	%eax, %ds
	TELL(4)
	movl	$USER_DS, %eax
	movl	%eax, %ds

	/* What it may not load. */
	movl	$ABSENT_GS, %eax
	USER_MAY_FAULT(movl %eax, %gs)
	movl	$KERNEL_DS, %eax
	USER_MAY_FAULT(movl %eax, %gs)
	movl	$EXECUTE_ONLY_CS, %eax
	USER_MAY_FAULT(movl %eax, %fs)
	movl	$BEYOND_GDT + 3, %eax
	USER_MAY_FAULT(movl %eax, %es)
	xorl	%eax, %eax
	movl	%eax, %gs
	USER_MAY_FAULT(movl %eax, %ss)

	/* Far transfers inside ring 3. */
	ljmp	$USER_CS, $LOW(1f)
1:	lcall	$USER_CS, $LOW(2f)
	USER_MAY_FAULT(ljmp $KERNEL_CS, $LOW(1b))
	USER_MAY_FAULT(ljmp $OTHER_GS, $LOW(1b))
	LEAVE_RING_3
2:	movl	$0xcafe0005, %ecx
	TELL(%ecx)
	movl	$USER_CS, 4(%esp)
	lret
	RING_3_CODE_END

	.bss
	.balign	4
word:	.skip	4
