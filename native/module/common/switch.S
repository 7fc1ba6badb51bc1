/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The world switch between host and kernel hypervisor: one page of the module's text,
 * mapped at the same address on both sides, as is the context. Interrupts are off.
 *
 * RDI is the context throughout, here and in the two handlers of the transitional IDT.
 * An NMI or machine check may come between any two instructions; it finds
 *
 *   entering, up to LGDT   the host's tables; the host's handler has a stack of its own (IST)
 *   after LGDT             the temporary GDT, which starts as a copy of the host's: the host's
 *                          handler reloads CS and SS from it and finds the CPU's number there
 *   after LIDT             the transitional IDT, whose gates name LILY_CODE, which the temporary
 *                          GDT and the hypervisor's have; RSP is the switch stack, on both sides
 *   after the second LIDT  the hypervisor's tables; it starts its entering again
 *   leaving, before LIDT   the hypervisor's tables; it knows these addresses and keeps the context
 *   after LIDT             the transitional IDT, with the hypervisor's GDT, then the temporary one
 *   after the second LIDT  as after LGDT above, with all other registers the host's already
 *
 * The CPU aligns RSP to 16 before it pushes a frame (SDM vol. 3, 6.14.2), so RSP is a
 * multiple of 16 wherever the transitional IDT is in force and RSP is used later.
 */
#include "host_assembly.h"
#include "kh_layout.h"

#define MSR_SYSENTER_CS		0x174
#define MSR_EFER		0xc0000080
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define EFER_SCE		1
#define DR7_EMPTY		0x400
#define CR4_PCIDE_BIT		17
#define CR3_NO_FLUSH_BIT	63
#define DESCRIPTOR_BUSY_BIT	41

	.macro SAVE_MSR number, field
	movl	$\number, %ecx
	rdmsr
	movl	%eax, \field(%rdi)
	movl	%edx, \field + 4(%rdi)
	.endm

	.macro LOAD_MSR number, field
	movl	$\number, %ecx
	movl	\field(%rdi), %eax
	movl	\field + 4(%rdi), %edx
	wrmsr
	.endm

/* A selector of the host's process; null if its descriptor is gone meanwhile. VERR refuses null, too (SDM vol. 2). */
	.macro LOAD_CONTROL field, register
	movq	\field(%rdi), %rax
	movq	%rax, \register
.endm

.macro LOAD_SELECTOR register, field
	xorl	%eax, %eax
	verr	\field(%rdi)
	jnz	1f
	movzwl	\field(%rdi), %eax
1:	movl	%eax, \register
	.endm

	.text
	.balign	4096
	.globl	lily_switch_page, lily_switch
lily_switch_page:
/* void lily_switch(struct lily_context *context): returns when the hypervisor leaves. */
lily_switch:
	endbr64
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushfq
	movq	%rsp, CONTEXT_HOST_RSP(%rdi)
	movq	%cr0, %rax
	movq	%rax, CONTEXT_HOST_CR0(%rdi)
	movq	%cr4, %rax
	movq	%rax, CONTEXT_HOST_CR4(%rdi)
	movq	%cr3, %rdx
	btq	$CR4_PCIDE_BIT, %rax
	jnc	1f
	btsq	$CR3_NO_FLUSH_BIT, %rdx		/* the hypervisor has PCID 0, which the host does not use */
1:	movq	%rdx, CONTEXT_HOST_CR3(%rdi)
	sgdt	CONTEXT_HOST_GDTR(%rdi)
	sidt	CONTEXT_HOST_IDTR(%rdi)
	str	CONTEXT_HOST_TR(%rdi)
	sldt	CONTEXT_HOST_LDTR(%rdi)
	movw	%ds, CONTEXT_HOST_DS(%rdi)
	movw	%es, CONTEXT_HOST_ES(%rdi)
	movw	%fs, CONTEXT_HOST_FS(%rdi)
	movw	%gs, CONTEXT_HOST_GS(%rdi)
	movw	%ss, CONTEXT_HOST_SS(%rdi)
	movw	%cs, CONTEXT_HOST_CS(%rdi)
	SAVE_MSR MSR_FS_BASE, CONTEXT_HOST_FS_BASE
	SAVE_MSR MSR_GS_BASE, CONTEXT_HOST_GS_BASE
	SAVE_MSR MSR_SYSENTER_CS, CONTEXT_HOST_SYSENTER_CS
	SAVE_MSR MSR_EFER, CONTEXT_HOST_EFER
	/* No breakpoint may hit where the transitional IDT has no gate for it. */
	movq	%dr7, %rax
	movq	%rax, CONTEXT_HOST_DR7(%rdi)
	cmpq	$DR7_EMPTY, %rax
	je	1f
	movl	$DR7_EMPTY, %eax
	movq	%rax, %dr7

1:	leaq	LILY_SWITCH_STACK_TOP(%rdi), %rsp
	lgdt	CONTEXT_TEMPORARY_GDTR(%rdi)
	lidt	CONTEXT_TRANSITIONAL_IDTR(%rdi)
	/* SYSENTER faults (#GP), and SYSCALL too (#UD): SDM vol. 2. */
	movl	$MSR_SYSENTER_CS, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$MSR_EFER, %ecx
	movl	CONTEXT_HOST_EFER(%rdi), %eax
	movl	CONTEXT_HOST_EFER + 4(%rdi), %edx
	andl	$~EFER_SCE, %eax
	wrmsr
	LOAD_CONTROL CONTEXT_OWN_CR4, %cr4
	LOAD_CONTROL CONTEXT_OWN_CR3, %cr3
	LOAD_CONTROL CONTEXT_OWN_CR0, %cr0
	lgdt	CONTEXT_OWN_GDTR(%rdi)
	movq	CONTEXT_OWN_GDTR + 2(%rdi), %rax
	btrq	$DESCRIPTOR_BUSY_BIT, LILY_TASK(%rax)
	movl	$LILY_TASK, %eax
	ltr	%ax
	xorl	%eax, %eax
	lldt	%ax
	lidt	CONTEXT_OWN_IDTR(%rdi)
	jmp	*CONTEXT_ENTRY(%rdi)

/* The hypervisor jumps here, on any stack and with any selector in DS, ES, FS, GS and SS. */
	.globl	lily_leave
lily_leave:
	leaq	LILY_SWITCH_STACK_TOP(%rdi), %rsp
	lidt	CONTEXT_TRANSITIONAL_IDTR(%rdi)		/* ends within 16 bytes, which the hypervisor's NMI handler knows */
	.if	. - lily_leave > 16
	.error	"the hypervisor's IDT is in force for too long"
	.endif
	lgdt	CONTEXT_TEMPORARY_GDTR(%rdi)
	LOAD_CONTROL CONTEXT_HOST_CR0, %cr0
	LOAD_CONTROL CONTEXT_HOST_CR3, %cr3
	LOAD_CONTROL CONTEXT_HOST_CR4, %cr4
	ltr	CONTEXT_HOST_TR(%rdi)		/* marks the copy busy; the host's GDT is read-only */
	lldt	CONTEXT_HOST_LDTR(%rdi)
	movzwl	CONTEXT_HOST_CS(%rdi), %eax
	leaq	1f(%rip), %rcx
	leaq	-16(%rsp), %rsp
	movq	%rax, 8(%rsp)
	movq	%rcx, (%rsp)
	lretq
1:	movw	CONTEXT_HOST_SS(%rdi), %ss
	LOAD_SELECTOR %ds, CONTEXT_HOST_DS
	LOAD_SELECTOR %es, CONTEXT_HOST_ES
	LOAD_SELECTOR %fs, CONTEXT_HOST_FS
	LOAD_SELECTOR %gs, CONTEXT_HOST_GS
	LOAD_MSR MSR_FS_BASE, CONTEXT_HOST_FS_BASE
	LOAD_MSR MSR_GS_BASE, CONTEXT_HOST_GS_BASE
	LOAD_MSR MSR_EFER, CONTEXT_HOST_EFER
	LOAD_MSR MSR_SYSENTER_CS, CONTEXT_HOST_SYSENTER_CS
	lidt	CONTEXT_HOST_IDTR(%rdi)
	lgdt	CONTEXT_HOST_GDTR(%rdi)
	movq	CONTEXT_HOST_RSP(%rdi), %rsp
	movq	CONTEXT_HOST_DR7(%rdi), %rcx
	movq	%dr7, %rax
	cmpq	%rcx, %rax
	je	1f
	movq	%rcx, %dr7
1:	popfq
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	HOST_RETURN

/*
 * The transitional IDT. No IRET: NMIs stay blocked until the host's handler returns. So
 * an NMI comes here once at most for each switch. CS was LILY_CODE or the host's, and
 * must be the latter again when leaving, where the GDT in force has both; when entering,
 * the hypervisor's GDT has the guest's descriptor there, and CS may stay LILY_CODE.
 */
	.globl	lily_transition_nmi, lily_transition_machine_check
	.balign	16
lily_transition_machine_check:
	endbr64
	orl	$1, CONTEXT_MACHINE_CHECK_PENDING(%rdi)
	jmp	1f
	.balign	16
lily_transition_nmi:
	endbr64
	orl	$1, CONTEXT_NMI_PENDING(%rdi)
1:	pushq	%rax
	leaq	lily_leave(%rip), %rax
	cmpq	%rax, 8(%rsp)
	popq	%rax
	jb	2f
	pushq	16(%rsp)
	popfq
	lretq	$24
2:	pushq	16(%rsp)
	popfq
	ret	$32			/* RIP, then CS, RFLAGS, RSP and SS */
	.org	lily_switch_page + 4096, 0xcc

	.section .note.GNU-stack, "", @progbits
