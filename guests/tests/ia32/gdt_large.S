/* A GDT of 8,192 entries: segments of the kernel and of ring 3 all over it, in each register, and a descriptor that changes. */
#include "test.h"

#define ENTRY(index)	((index) * 8)
#define DATA		0x9300		/* access byte in bits 8-15 */
#define USER_DATA	0xf300
#define FLAGS		0x202

	.globl	main
main:	call	user_init
	movl	$gdt, %esi
	movl	$big, %edi
	movl	$24, %ecx
	rep movsl
	/* Each entry of the rest is data that starts at its own place. */
	movl	$12, %ecx
1:	movl	$DATA, %edx
	leal	places(, %ecx, 4), %eax
	movl	%ecx, (%eax)
	call	describe
	incl	%ecx
	cmpl	$8192, %ecx
	jb	1b
	lgdt	big_pointer

	SAY("fs and gs")
	movl	$list, %esi
2:	lodsl
	testl	%eax, %eax
	jz	3f
	movl	%eax, %fs
	movl	%fs:0, %ebx
	SHOW("fs:0", %ebx)
	movl	%fs, %ebx
	SHOW("fs", %ebx)
	leal	-8(%eax), %ecx
	movl	%ecx, %gs
	movl	%gs:0, %ebx
	SHOW("gs:0", %ebx)
	pushl	%gs
	popl	%ebx
	SHOW("gs", %ebx)
	jmp	2b

	/* All in turn, the kernel's own interrupt on the way. */
3:	movl	$12, %ecx
	xorl	%ebx, %ebx
4:	leal	(, %ecx, 8), %eax
	movl	%eax, %fs
	addl	%fs:0, %ebx
	incl	%ecx
	cmpl	$8192, %ecx
	jb	4b
	SHOW("sum", %ebx)

	SAY("other registers")
	movl	$300, %ecx
	movl	$0x00cf9300, big + ENTRY(300) + 4
	movl	$0x0000ffff, big + ENTRY(300)
	movl	$0x00cf9300, big + ENTRY(245) + 4
	movl	$0x0000ffff, big + ENTRY(245)
	movl	$0x00cf9b00, big + ENTRY(301) + 4
	movl	$0x0000ffff, big + ENTRY(301)
	movl	$ENTRY(300), %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	pushl	%ds
	popl	%ebx
	SHOW("ds", %ebx)
	movl	%ss, %ebx
	SHOW("ss", %ebx)
	ljmp	$ENTRY(301), $5f
5:	movl	%cs, %ebx
	SHOW("cs", %ebx)
	movl	$ENTRY(245), %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%ds, %ebx
	SHOW("ds", %ebx)
	movl	%es, %ebx
	SHOW("es", %ebx)
	movl	$ENTRY(245), %eax
	movl	%eax, %ss
	movl	%ss, %ebx
	SHOW("ss", %ebx)
	ljmp	$KERNEL_CS, $6f
6:	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss

	SAY("a descriptor that changes")
	movl	$ENTRY(1040), %eax
	movl	%eax, %gs
	movl	$1040, %ecx
	leal	places + 4000, %eax
	movl	$DATA, %edx
	call	describe
	movl	%gs:0, %ebx
	SHOW("before it is loaded", %ebx)
	movl	$ENTRY(1040), %eax
	movl	%eax, %gs
	movl	%gs:0, %ebx
	SHOW("after", %ebx)
	movb	$0x13, big + ENTRY(1040) + 5
	movl	$ENTRY(1040), %eax
	MAY_FAULT("absent", movl %eax, %gs)
	movb	$0x93, big + ENTRY(1040) + 5
	movl	%eax, %gs
	movl	%gs:0, %ebx
	SHOW("present", %ebx)
	movw	$ENTRY(1040) - 1, big_pointer
	lgdt	big_pointer
	MAY_FAULT("beyond", movl %eax, %fs)
	movw	$0xffff, big_pointer
	lgdt	big_pointer
	movl	%eax, %fs
	SAY("back")

	/* Ring 3, whose own segments are far up too. */
	movl	$0x00cffb00, big + ENTRY(4000) + 4
	movl	$0x0000ffff, big + ENTRY(4000)
	movl	$0x00cff300, big + ENTRY(4001) + 4
	movl	$0x0000ffff, big + ENTRY(4001)
	movl	$ENTRY(4001) + 3, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	$5000, %ecx
	leal	LOW(places) + 5000 * 4, %eax
	movl	$USER_DATA, %edx
	call	describe
	movl	$64, %ecx
	leal	LOW(places) + 64 * 4, %eax
	call	describe
	movl	%esp, stack_before
	movl	%esp, tss + 4
	HOOK(VECTOR_SYSCALL, system_call)
	pushl	$ENTRY(4001) + 3
	pushl	$LOW(user_stack)
	pushl	$FLAGS
	pushl	$ENTRY(4000) + 3
	pushl	$LOW(ring_3)
	iret
system_call:
	cmpl	$0, TRAP_EAX(%eax)
	je	7f
	SHOW("ring 3 says", TRAP_EBX(%eax))
	movl	TRAP_DS(%eax), %ebx
	andl	$0xffff, %ebx
	SHOW("  its ds", %ebx)
	SHOW("  its cs", TRAP_CS(%eax))
	ret
7:	movl	stack_before, %esp
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	lgdt	gdt_pointer
	ret

/* Entry %ecx: 4 bytes from %eax on, access byte %dh. */
describe:
	pushl	%ebx
	movw	$3, big(, %ecx, 8)
	movw	%ax, big + 2(, %ecx, 8)
	movl	%eax, %ebx
	shrl	$16, %ebx
	movb	%bl, %dl
	movw	%dx, big + 4(, %ecx, 8)
	movb	$0x40, big + 6(, %ecx, 8)
	movb	%bh, big + 7(, %ecx, 8)
	popl	%ebx
	ret

	RING_3_CODE
ring_3:	movl	$ENTRY(5000) + 3, %eax
	movl	%eax, %gs
	TELL(%gs:0)
	movl	$ENTRY(64) + 3, %eax
	movl	%eax, %fs
	TELL(%fs:0)
	TELL(%gs:0)
	movl	$ENTRY(4001) + 3, %eax
	movl	%eax, %es
	movl	$ENTRY(5000) + 3, %eax
	movl	%eax, %es
	TELL(%es:0)
	LEAVE_RING_3
	RING_3_CODE_END

	.data
	.balign	4
list:	.long	ENTRY(31), ENTRY(32), ENTRY(33), ENTRY(63), ENTRY(64), ENTRY(65), ENTRY(128), ENTRY(129), ENTRY(132), ENTRY(240), ENTRY(241), ENTRY(243)
	.long	ENTRY(246), ENTRY(250), ENTRY(253), ENTRY(254), ENTRY(1040), ENTRY(4096), ENTRY(8190), ENTRY(8191), 0
big_pointer:
	.word	0xffff
	.long	big

	.bss
	.balign	16
stack_before:
	.skip	16
big:	.skip	65536
places:	.skip	32768
