// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Hosts whose CPU is in a state that the world switch does not know are refused by name. */
#include <linux/cc_platform.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include "lilyvm.h"

#define CR4_CET (1ul << 23)
#define CR4_FRED (1ul << 32)
#define S_CET 0x6a2 /* IA32_S_CET, SDM vol. 4, table 2-2 */
#define S_CET_SHADOW_STACK 1
#define MAX_FPU_STATE 0x4000 /* the hypervisor's area for the guest's (native/entry/kernel/ia32/header.S) */

static bool supervisor_shadow_stack(unsigned long cr4)
{
	u64 cet;

	return (cr4 & CR4_CET) && !rdmsrl_safe(S_CET, &cet) && (cet & S_CET_SHADOW_STACK);
}

const char *lilyvm_refusal(void)
{
	unsigned long cr4 = __read_cr4();

	if (boot_cpu_has(X86_FEATURE_XENPV))
		return "a paravirtualized Xen guest has no ring 0";
	if (boot_cpu_has(X86_FEATURE_TDX_GUEST))
		return "TDX guests are not supported";
	if (cc_platform_has(CC_ATTR_GUEST_STATE_ENCRYPT))
		return "SEV-ES guests are not supported";
	if (cr4 & CR4_FRED)
		return "FRED is active; boot with fred=off";
	if (supervisor_shadow_stack(cr4))
		return "supervisor shadow stacks are active";
	if (boot_cpu_has(X86_FEATURE_XSAVE) && cpuid_ebx(0xd) > MAX_FPU_STATE)
		return "the CPU's extended state is too large";
	return NULL;
}
