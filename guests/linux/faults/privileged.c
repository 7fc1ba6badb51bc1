/* Instructions that a user program must not run, and software interrupts through gates it must not use. */
#include "attempt.h"

int run(void)
{
	catch_faults();
	ATTEMPT("cli", "cli");
	ATTEMPT("sti", "sti");
	ATTEMPT("hlt", "hlt");
	ATTEMPT("in", "inb $0x60, %%al");
	ATTEMPT("out", "outb %%al, $0x80");
	ATTEMPT("ins", "mov $resume_ip, " DI "; insb");
	ATTEMPT("lgdt", "lgdt resume_ip");
	ATTEMPT("lidt", "lidt resume_ip");
	ATTEMPT("lldt", "xorl %%eax, %%eax; lldt %%ax");
	ATTEMPT("ltr", "movl $0x80, %%eax; ltr %%ax");
	ATTEMPT("clts", "clts");
	ATTEMPT("lmsw", "lmsw %%ax");
	ATTEMPT("invlpg", "invlpg resume_ip");
	ATTEMPT("wbinvd", "wbinvd");
	ATTEMPT("mov from cr0", "mov %%cr0, " AX);
	ATTEMPT("mov from cr2", "mov %%cr2, " AX);
	ATTEMPT("mov to cr3", "mov " AX ", %%cr3");
	ATTEMPT("mov from cr4", "mov %%cr4, " AX);
	ATTEMPT("mov from dr7", "mov %%dr7, " AX);
	ATTEMPT("mov to dr0", "mov " AX ", %%dr0");
	ATTEMPT("rdmsr", "movl $0x10, %%ecx; rdmsr");
	ATTEMPT("wrmsr", "movl $0x10, %%ecx; wrmsr");
	ATTEMPT("int 0", "int $0");
	ATTEMPT("int 3", "int $3");
	ATTEMPT("int 8", "int $8");
	ATTEMPT("int 0xd", "int $13");
	ATTEMPT("int 0xe", "int $14");
	ATTEMPT("int 0x16", "int $0x16");
	ATTEMPT("int 0x20", "int $0x20");
	ATTEMPT("int 0x21", "int $0x21");
	ATTEMPT("int 0xff", "int $0xff");
	ATTEMPT("int3", "int3");
	ATTEMPT("ud2", "ud2");
	ATTEMPT("divide by zero", "xorl %%edx, %%edx; movl $1, %%eax; xorl %%ecx, %%ecx; divl %%ecx");
	ATTEMPT("single step", PUSHF "; orl $0x100, (" SP "); " POPF "; nop; nop");
	MACHINE_ATTEMPTS;
	return 0;
}
