/* What user programs may load into segment registers, and far transfers to places they must not reach. */
#include "attempt.h"

#define TRY_LOADS(name, selector)                                                                     \
	ATTEMPT(name " into ds", "movl $" selector ", %%eax; movl %%eax, %%ds");                      \
	ATTEMPT(name " into es", "movl $" selector ", %%eax; movl %%eax, %%es");                      \
	ATTEMPT(name " into fs", "movl $" selector ", %%eax; movl %%eax, %%fs; pushq $0; popq %%fs"); \
	ATTEMPT(name " into gs", "movl $" selector ", %%eax; movl %%eax, %%gs; pushq $0; popq %%gs"); \
	ATTEMPT(name " into ss", "movl $" selector ", %%eax; movl %%eax, %%ss; movl $0x2b, %%eax; movl %%eax, %%ss")

/* iretq takes %rip, %cs, %rflags, %rsp, %ss. */
#define IRET(selector) "movq %%rsp, %%rax; pushq $0x2b; pushq %%rax; pushfq; pushq $" selector "; pushq $1f; iretq"

static __attribute__((used)) struct {
	u32 offset;
	u16 selector;
} far_pointer;

#define FAR(instruction, where, what) "movl $" where ", far_pointer; movw $" what ", far_pointer+4; " instruction " *far_pointer"

int run(void)
{
	catch_faults();
	TRY_LOADS("null", "0");
	TRY_LOADS("user data", "0x2b");
	TRY_LOADS("user code", "0x33");
	TRY_LOADS("kernel code", "0x10");
	TRY_LOADS("kernel data", "0x18");
	TRY_LOADS("kernel data RPL 3", "0x1b");
	TRY_LOADS("empty TLS slot", "0x63");
	TRY_LOADS("TSS", "0x43");
	TRY_LOADS("beyond the GDT", "0x203");
	TRY_LOADS("LDT", "0x7");
	ATTEMPT("far jump to kernel code", FAR("ljmpl", "0x41000000", "0x10"));
	ATTEMPT("far jump to the TSS", FAR("ljmpl", "0", "0x40"));
	ATTEMPT("far call to kernel code", FAR("lcalll", "0x41000000", "0x10"));
	ATTEMPT("far jump home", FAR("ljmpl", "1f", "0x33"));
	ATTEMPT("far return to kernel code", "pushq $0x10; pushq $1f; lretq");
	ATTEMPT("far return to null", "pushq $0; pushq $1f; lretq");
	ATTEMPT("far return home", "pushq $0x33; pushq $1f; lretq");
	ATTEMPT("iretq to kernel code", IRET("0x10"));
	ATTEMPT("iretq to a bad selector", IRET("0x203"));
	ATTEMPT("iretq home", IRET("0x33"));

	u32 cs, ss;
	word flags, changed;
	asm volatile("movl %%cs, %0; movl %%ss, %1" : "=r"(cs), "=r"(ss));
	REPORT("selectors", "cs", cs, "ss", ss);
	asm volatile("pushfq; popq %0" : "=r"(flags));
	asm volatile("pushfq; orq $0x3000, (%%rsp); andq $~0x200, (%%rsp); popfq; pushfq; popq %0" : "=r"(changed));
	REPORT("flags", "IF", flags >> 9 & 1, "IOPL", flags >> 12 & 3, "IF after popf", changed >> 9 & 1, "IOPL after popf", changed >> 12 & 3);
	return 0;
}
