/*
 * What C# cannot say. Each is an ordinary function (System V), with interrupts off, in ring 0; "the guest's" registers are live as traps.S
 * tells.
 */
#include "machine.h"
#include "selector.h"

#include "../../common/helpers.S"
#include "../../common/segments.S"

/* void lily_load_{ds,es,fs,gs}(uint selector) */
.irp segment, ds, es, fs, gs
FUNCTION lily_load_\segment
	LOAD_SELECTOR \segment
	ret
.endr

/* void lily_load_ldt(uint selector): 0, or that of the hypervisor's descriptor; remembered for later entries. */
FUNCTION lily_load_ldt
	movw	%di, lily_ldt_selector(%rip)
	lldt	%di
	ret

/* bool lily_state_traps(void* area): whether XSAVE faults while CR0.TS is set (SDM vol. 2; OwnTraps). It saves none of the components. */
FUNCTION lily_state_traps
	xorl	%eax, %eax
	xorl	%edx, %edx
lily_state_probe:
	xsave64	(%rdi)
	xorl	%eax, %eax
	ret
lily_state_trapped:
	movl	$1, %eax
	ret

FUNCTION lily_clear_ts
	clts
	ret

FUNCTION lily_set_ts
	movq	%cr0, %rax
	orq	$8, %rax
	movq	%rax, %cr0
	ret

/* Forgets all translations of the guest; the hypervisor's own are not global either. */
FUNCTION lily_reload_cr3
	movq	%cr3, %rax
	movq	%rax, %cr3
	ret

/* void lily_invlpg(ulong address) */
FUNCTION lily_invlpg
	invlpg	(%rdi)
	ret

	.section .rodata
	.balign	8
addresses:
	.quad	lily_gdt, lily_ldt, lily_fpu, lily_iretq, lily_resume_refused
	.quad	lily_system_call_start, lily_system_call_end, lily_system_call_slowly, lily_page_fault_start, lily_page_fault_end, lily_page_fault_slowly
	.quad	lily_state_probe, lily_state_trapped, lily_save_fpu, lily_fpu_end

	.section .note.GNU-stack, "", @progbits
