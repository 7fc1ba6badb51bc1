/* Interrupt table and handler of the small guests: hooks, then the exception table, else the test has failed. */
#include "test.h"

#define AX		%eax
#define CX		%ecx
#define SI		%esi
#define SP		%esp
#define WORD_SIZE	4
#define TRAP_IP		TRAP_EIP

	.text
	.globl	trap
trap:	pushal
	pushl	%ds
	pushl	%es
	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
#include "dispatch.h"
	.globl	trap_return
trap_return:
	popl	%es
	popl	%ds
	popal
	addl	$8, %esp
	iret

/* Keeps registers, flags and stack as they were at the fault. */
fixup:	leal	TRAP_ESP(%esp), %eax	/* the stack before the fault: no privilege change */
	leal	8(%esp), %esi
	movl	$registers_at_fault, %edi
	movl	$8, %ecx
	rep movsl
	movl	%eax, registers_at_fault + 12
	movl	TRAP_EFLAGS(%esp), %eax
	movl	%eax, registers_at_fault + 32
	jmp	trap_return

#include "unexpected.h"

	.globl	before_fault
before_fault:
	movl	$-1, %ss:fault_vector
	pushfl
	pushal
	.irp	place, 0, 4, 8, 12, 16, 20, 24, 28, 32
	popl	%ss:registers_before + \place
	.endr
	ret

	.globl	after_fault
after_fault:
	pushfl
	pushal
	movl	36(%esp), %esi
	call	print_string
	movl	%esi, 36(%esp)
	cmpl	$-1, %ss:fault_vector
	je	3f
	movl	$text_vector, %esi
	call	print_string
	movl	%ss:fault_vector, %ebx
	call	put_hex
	movl	$text_error, %esi
	call	print_string
	movl	%ss:fault_error, %ebx
	call	put_hex
	addl	$8, %ss:registers_before + 12	/* before_fault's own pushes */
	movl	$8, %ecx
1:	movl	%ss:registers_before(, %ecx, 4), %eax
	xorl	%ss:registers_at_fault(, %ecx, 4), %eax
	andl	$~0x10000, %eax		/* RF, in EFLAGS; no register here differs in that bit alone */
	jnz	2f
	decl	%ecx
	jns	1b
	movl	$text_kept, %esi
	jmp	4f
2:	SHOW(" CHANGED register", %ecx)
	SHOW("before", %ss:registers_before(, %ecx, 4))
	SHOW("at fault", %ss:registers_at_fault(, %ecx, 4))
	jmp	5f
3:	movl	$text_no_fault, %esi
4:	call	print_string
	call	print_newline
5:	popal
	popfl
	ret

/*
 * Stores %eax as base of the descriptor at %ecx, whose access byte and limit are in %edx (access in bits 8-15, limit in 16-31). Clobbers
 * %eax, %edx.
 */
	.globl	set_descriptor
set_descriptor:
	movl	%eax, 2(%ecx)
	rorl	$24, %eax
	movb	%dh, 5(%ecx)
	movb	%al, 7(%ecx)
	movb	$0x40, 6(%ecx)		/* byte granular, 32-bit */
	shrl	$16, %edx
	movw	%dx, (%ecx)
	ret

	.globl	traps_init
traps_init:
	movl	$tss, %eax
	movl	$gdt + TSS_SELECTOR, %ecx
	movl	$103 << 16 | 0x8900, %edx
	call	set_descriptor
	movb	$0, gdt + TSS_SELECTOR + 6
	movl	$ldt, %eax
	movl	$gdt + LDT_SELECTOR, %ecx
	movl	$15 << 16 | 0x8200, %edx
	call	set_descriptor
	movb	$0, gdt + LDT_SELECTOR + 6
	movl	$based_data, %eax
	movl	$gdt + BASED_DS, %ecx
	movl	$0xff << 16 | 0x9300, %edx
	call	set_descriptor
	movl	$based_data, %eax
	movl	$gdt + SMALL_DS, %ecx
	movl	$15 << 16 | 0x9300, %edx
	call	set_descriptor

	movl	$GATES, %ecx
	movl	$idt, %edi
	movl	$stubs, %eax
1:	call	set_gate
	addl	$16, %eax
	cmpl	$2, %ecx
	jne	2f
	movl	$idt + VECTOR_SYSCALL * 8, %edi
2:	loop	1b
	orb	$0x60, idt + VECTOR_SYSCALL * 8 + 5	/* DPL 3 */
	lidt	idt_pointer
	jmp	interrupts_init

/* Interrupt gate to %eax at %edi, which moves on. */
	.globl	set_gate
set_gate:
	pushl	%eax
	movw	%ax, (%edi)
	movw	$KERNEL_CS, 2(%edi)
	movw	$0x8e00, %ax
	movl	%eax, 4(%edi)
	popl	%eax
	addl	$8, %edi
	ret

	.section .rodata
text_vector:
	.asciz	": vector "
text_error:
	.asciz	" error "
text_kept:
	.asciz	", all kept"
text_no_fault:
	.asciz	": no fault"

	.data
	.globl	tss, ldt, idt, idt_pointer
	.balign	8
tss:	.long	0, stack_top, KERNEL_DS
	.skip	88
	.word	0, 104			/* no I/O bitmap */
ldt:	.quad	0x00cf93000000ffff, 0x00cf93000000ffff
idt_pointer:
	.word	256 * 8 - 1
	.long	idt

	.bss
	.globl	trap_hooks, fault_vector
	.balign	8
idt:	.skip	256 * 8
trap_hooks:
	.skip	256 * 4
fault_vector:
	.skip	4
fault_error:
	.skip	4
registers_before:
	.skip	36
registers_at_fault:
	.skip	36
