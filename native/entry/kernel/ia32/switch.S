/*
 * The hypervisor as a coroutine of the kernel module: lily_yield suspends it, lily_enter goes on. The module's side of the world switch is
 * in native/module/common; it carries over no register but RDI, the context's address in the host.
 */
#include "machine.h"
#include "selector.h"

	.text
/* ulong lily_yield(uint service, ulong argument) */
	.globl	lily_yield
	.balign	16
lily_yield:
.irp register, rbx, rbp, r12, r13, r14, r15
	pushq	%\register
.endr
	PUSH_SELECTORS
	movl	%edi, CONTEXT(CONTEXT_SERVICE)
	movq	%rsi, CONTEXT(CONTEXT_ARGUMENT)
	movq	%rsp, CONTEXT(CONTEXT_OWN_RSP)
	/* From here on an NMI's context may be this code: it goes on here, with everything above unchanged. */
	jmp	lily_leave

/* Leaves. The address that lgdt and the like got is the context's in the host, plus LILY_TEMPORARY_GDT. */
	.globl	lily_leave
lily_leave:
	movq	CONTEXT(CONTEXT_TEMPORARY_GDTR + 2), %rdi
	subq	$LILY_TEMPORARY_GDT, %rdi
	jmp	*CONTEXT(CONTEXT_LEAVE)

/*
 * From the module: RDI is the context, CS and SS are the host's selectors, which mean descriptors of the guest now. Until lily_enter_end
 * nothing in memory changes that a second start would miss, because an NMI in between starts it again (nmi.S).
 */
	.globl	lily_enter, lily_enter_end
	.balign	16
lily_enter:
	xorl	%eax, %eax
	movl	%eax, %ss
	/*
	 * The hypervisor that an NMI interrupted may be using what lies below the coroutine's last stack pointer; nobody uses what lies
	 * below the frame.
	 */
	leaq	lily_nmi_frame(%rip), %rsp
	cmpl	$0, CONTEXT_NMI_RESUME(%rdi)
	jne	1f
	movq	CONTEXT_OWN_RSP(%rdi), %rsp
	testq	%rsp, %rsp
	jnz	1f
	leaq	lily_stack_top(%rip), %rsp
1:	pushq	$LILY_CODE		/* below what the coroutine left */
	leaq	2f(%rip), %rax
	pushq	%rax
	lretq
2:	pushq	$2
	popfq
	cmpl	$0, CONTEXT(CONTEXT_NMI_PENDING)
	jne	lily_leave_for_nmi	/* it arrived while the module switched */
	lldt	lily_ldt_selector(%rip)
	cmpl	$0, CONTEXT(CONTEXT_NMI_RESUME)
	jne	lily_nmi_resume
	cmpq	$0, CONTEXT(CONTEXT_OWN_RSP)
	je	first_entry
	POP_SELECTORS
.irp register, r15, r14, r13, r12, rbp, rbx
	popq	%\register
.endr
	movq	CONTEXT(CONTEXT_RESULT), %rax
	ret
first_entry:
	call	lily_main
lily_enter_end:
	jmp	lily_resume

	.data
	.globl	lily_ldt_selector
	.balign	8
lily_ldt_selector:	.word	0

	.section .note.GNU-stack, "", @progbits
