/*
 * Makes the lab's host one without IA-32 emulation, as CONFIG_IA32_EMULATION=n or ia32_emulation=off do: vector 80h has no gate, and SYSCALL of
 * 32-bit code fails with ENOSYS (entry_64.S, ignore_sysret). For this emulated host only: it writes what its kernel keeps read-only.
 */
#include <asm/desc.h>
#include <asm/msr.h>
#include <linux/mm.h>
#include <linux/module.h>

extern char lily_ignore_sysret[];
asm(".text\n"
    "lily_ignore_sysret:\n"
    "	movl $-38, %eax\n"
    "	sysretl\n");

static int __init no_ia32_init(void)
{
	struct desc_ptr idt;
	gate_desc *gates;
	unsigned int level;
	unsigned long cr0 = native_read_cr0();

	store_idt(&idt);
	gates = __va(pte_pfn(*lookup_address(idt.address, &level)) << PAGE_SHIFT);
	asm volatile("mov %0, %%cr0" : : "r"(cr0 & ~X86_CR0_WP) : "memory");
	memset(&gates[0x80], 0, sizeof(*gates));
	asm volatile("mov %0, %%cr0" : : "r"(cr0) : "memory");
	wrmsrl(MSR_CSTAR, (unsigned long)lily_ignore_sysret);
	return 0;
}

module_init(no_ia32_init);
MODULE_DESCRIPTION("A host without IA-32 emulation");
MODULE_LICENSE("GPL");
