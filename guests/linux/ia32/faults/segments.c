/* What user programs may load into segment registers, and far transfers to places they must not reach. */
#include "attempt.h"

#define TRY_LOADS(name, selector)                                                                        \
	ATTEMPT(name " into ds", "movl $" selector ", %%eax; movl %%eax, %%ds; pushl $0x7b; popl %%ds"); \
	ATTEMPT(name " into es", "movl $" selector ", %%eax; movl %%eax, %%es; pushl $0x7b; popl %%es"); \
	ATTEMPT(name " into fs", "movl $" selector ", %%eax; movl %%eax, %%fs; pushl $0; popl %%fs");    \
	ATTEMPT(name " into gs", "movl $" selector ", %%eax; movl %%eax, %%gs; pushl $0; popl %%gs");    \
	ATTEMPT(name " into ss", "movl $" selector ", %%eax; movl %%eax, %%ss; movl $0x7b, %%eax; movl %%eax, %%ss")

int run(void)
{
	catch_faults();
	TRY_LOADS("null", "0");
	TRY_LOADS("user data", "0x7b");
	TRY_LOADS("kernel data", "0x68");
	TRY_LOADS("kernel data RPL 3", "0x6b");
	TRY_LOADS("empty TLS slot", "0x43");
	TRY_LOADS("beyond the GDT", "0x203");
	TRY_LOADS("LDT", "0x7");
	ATTEMPT("far jump to kernel code", "ljmp $0x60, $0xc1000000");
	ATTEMPT("far jump to the TSS", "ljmp $0x80, $0");
	ATTEMPT("far call to kernel code", "lcall $0x60, $0xc1000000");
	ATTEMPT("far return to kernel code", "pushl $0x60; pushl $1f; lret");
	ATTEMPT("far return to null", "pushl $0; pushl $1f; lret");
	ATTEMPT("far return home", "pushl $0x73; pushl $1f; lret");
	ATTEMPT("iret to kernel code", "pushfl; pushl $0x60; pushl $1f; iret");
	ATTEMPT("iret to a bad selector", "pushfl; pushl $0xfff3; pushl $1f; iret");
	ATTEMPT("iret home", "pushfl; pushl $0x73; pushl $1f; iret");

	u32 cs, ds, es, ss, flags, changed;
	asm volatile("movl %%cs, %0; movl %%ds, %1; movl %%es, %2; movl %%ss, %3" : "=r"(cs), "=r"(ds), "=r"(es), "=r"(ss));
	REPORT("selectors", "cs", cs, "ds", ds, "es", es, "ss", ss);
	asm volatile("pushfl; popl %0" : "=r"(flags));
	asm volatile("pushfl; orl $0x3000, (%%esp); andl $~0x200, (%%esp); popfl; pushfl; popl %0" : "=r"(changed));
	REPORT("flags", "IF", flags >> 9 & 1, "IOPL", flags >> 12 & 3, "IF after popf", changed >> 9 & 1, "IOPL after popf", changed >> 12 & 3);
	return 0;
}
