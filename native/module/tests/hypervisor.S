/*
 * A kernel hypervisor that does what the test program (machine_test.c) writes into the run record: each service, and a guest in
 * ring 3 that counts for ever and checks its registers. Entry, leaving and NMIs are those of the real one (native/entry/kernel).
 */
#include "machine.h"
#include "../../entry/common/vectors.h"
#include "commands.h"

#define ENTRY		0x7		/* present, writable, user */
#define GUEST_CODE	0x1000
#define USER_CODE	0x0b		/* GDT entry 1 */
#define USER_DATA	0x13		/* GDT entry 2 */
#define VECTOR_NO_FPU	7

	.text
	.globl	lily_main, lily_resume, lily_trap
lily_main:
lily_resume:
	leaq	lily_stack_top(%rip), %rsp
	movq	record + COMMAND(%rip), %rax
	cmpq	$COMMAND_SERVICE, %rax
	je	service
	cmpq	$COMMAND_FILL, %rax
	je	fill
	cmpq	$COMMAND_GUEST, %rax
	je	guest
done:	movl	$LILY_SERVICE_EXIT, %edi
	xorl	%esi, %esi
	call	lily_yield
	jmp	lily_resume

service:
	movq	record + SERVICE(%rip), %rdi
	movq	record + ARGUMENT(%rip), %rsi
	call	lily_yield
	movq	%rax, record + RESULT(%rip)
	jmp	done

/* Adds ARGUMENT to the first word of each page of guest RAM; page faults fetch the pages. */
fill:	movq	$LILY_RAM, %rbx
	movq	CONTEXT(CONTEXT_RAM_SIZE), %rbp
	addq	%rbx, %rbp
	movq	record + ARGUMENT(%rip), %r12
1:	addq	%r12, (%rbx)
	addq	$4096, %rbx
	cmpq	%rbp, %rbx
	jb	1b
	jmp	done

guest:
	/* Pages 0 to 3 of the pool: low table, directory, page table, and the code at linear 0x1000, which the guest may write. */
	movq	$LILY_POOL, %rbx
	movq	$LILY_POOL_FRAMES, %rcx
	movq	8(%rcx), %rax
	orq	$ENTRY, %rax
	movq	%rax, (%rbx)
	movq	16(%rcx), %rax
	orq	$ENTRY, %rax
	movq	%rax, 4096(%rbx)
	movq	24(%rcx), %rax
	orq	$ENTRY, %rax
	movq	%rax, 2 * 4096 + 8(%rbx)
	leaq	guest_start(%rip), %rsi
	leaq	3 * 4096(%rbx), %rdi
	movl	$guest_end - guest_start, %ecx
	rep movsb
	movq	$0x00cffb000000ffff, %rax
	movq	%rax, lily_gdt + 8(%rip)
	movq	$0x00cff3000000ffff, %rax
	movq	%rax, lily_gdt + 16(%rip)
	movw	$0x37f, lily_fpu(%rip)
	movl	$0x1f80, lily_fpu + 24(%rip)
1:	movl	$USER_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	pushq	$USER_DATA
	pushq	$GUEST_CODE + 0xf00
	pushq	$EFLAGS_IF | 2
	pushq	$USER_CODE
	pushq	$GUEST_CODE
	iretq

/* Vector and error code are on the stack. */
	.balign	16
lily_trap:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	cld
	movq	72 + FRAME_VECTOR(%rsp), %rsi
	cmpl	$32, %esi
	jae	interrupt
	cmpl	$VECTOR_NO_FPU, %esi
	je	no_fpu
	cmpl	$VECTOR_PAGE_FAULT, %esi
	jne	unexpected
	movq	%cr2, %rsi
	movq	$LILY_RAM, %rax
	subq	%rax, %rsi
	jb	unexpected
	cmpq	CONTEXT(CONTEXT_RAM_SIZE), %rsi
	jae	unexpected
	shrq	$12, %rsi
	movl	$LILY_SERVICE_GUEST_PAGE, %edi
	call	lily_yield
	incq	record + FAULTS(%rip)
	testq	%rax, %rax
	jz	return
	movq	%rax, record + RESULT(%rip)
	jmp	done
interrupt:
	call	save_fpu
	movq	72 + FRAME_VECTOR(%rsp), %rsi
	movl	$LILY_SERVICE_INTERRUPT, %edi
	call	lily_yield
	incq	record + INTERRUPTS(%rip)
	movq	$LILY_POOL + 3 * 4096, %rax
	movq	guest_count - guest_start(%rax), %rax
	movq	%rax, record + COUNT(%rip)
	cmpq	$0, record + STOP(%rip)
	jne	done
return:	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq

/* TS is set at each entry, also behind an NMI, which leaves the registers alone (run.c). */
no_fpu:	clts
	cmpl	$0, fpu_loaded(%rip)
	jne	return
	fxrstor64 lily_fpu(%rip)
	movl	$1, fpu_loaded(%rip)
	jmp	return

unexpected:
	movq	%rsi, record + TRAP(%rip)
	movq	72 + FRAME_RIP(%rsp), %rax
	movq	%rax, record + TRAP_IP(%rip)
	movq	72 + FRAME_ERROR(%rsp), %rax
	movq	%rax, record + TRAP_ERROR(%rip)
	call	save_fpu
	jmp	done

save_fpu:
	cmpl	$0, fpu_loaded(%rip)
	je	1f
	clts
	fxsave64 lily_fpu(%rip)
	movl	$0, fpu_loaded(%rip)
1:	ret

/* Any register that changes is INT3, which the gates refuse to ring 3: #GP, unexpected. */
	.section .rodata
	.code32
guest_start:
	movl	$0x11111111, %ebx
	movl	$0x22222222, %esi
	movl	$0x33333333, %edi
	movl	$0x44444444, %ebp
	movl	$0x55555555, %edx
	movd	%edx, %xmm0
	movd	%ebp, %xmm7
	fld1
1:	cmpl	$0x11111111, %ebx
	jne	2f
	cmpl	$0x22222222, %esi
	jne	2f
	cmpl	$0x33333333, %edi
	jne	2f
	cmpl	$0x44444444, %ebp
	jne	2f
	cmpl	$GUEST_CODE + 0xf00, %esp
	jne	2f
	movd	%xmm0, %eax
	cmpl	%edx, %eax
	jne	2f
	movd	%xmm7, %eax
	cmpl	%ebp, %eax
	jne	2f
	movl	%fs, %eax
	cmpl	$USER_DATA, %eax
	jne	2f
	addl	$1, GUEST_CODE + guest_count - guest_start
	adcl	$0, GUEST_CODE + guest_count - guest_start + 4
	jmp	1b
2:	int3
	.balign	8
guest_count:
	.quad	0
guest_end:
	.code64

	.text
.macro VECTOR
	HOST_OR_TRAP
.endm
	VECTORS

	.section .rodata
	.globl	lily_gates
lily_gates:
	.byte	0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3
	.skip	256 - 19

	.data
fpu_loaded:
	.long	0

	.section .note.GNU-stack, "", @progbits
