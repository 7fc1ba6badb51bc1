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
	ATTEMPT("ins", "movl $resume_eip, %%edi; insb");
	ATTEMPT("lgdt", "lgdt resume_eip");
	ATTEMPT("lidt", "lidt resume_eip");
	ATTEMPT("lldt", "xorl %%eax, %%eax; lldt %%ax");
	ATTEMPT("ltr", "movl $0x80, %%eax; ltr %%ax");
	ATTEMPT("clts", "clts");
	ATTEMPT("lmsw", "lmsw %%ax");
	ATTEMPT("invlpg", "invlpg resume_eip");
	ATTEMPT("wbinvd", "wbinvd");
	ATTEMPT("mov from cr0", "movl %%cr0, %%eax");
	ATTEMPT("mov from cr2", "movl %%cr2, %%eax");
	ATTEMPT("mov to cr3", "movl %%eax, %%cr3");
	ATTEMPT("mov from cr4", "movl %%cr4, %%eax");
	ATTEMPT("mov from dr7", "movl %%dr7, %%eax");
	ATTEMPT("mov to dr0", "movl %%eax, %%dr0");
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
	ATTEMPT("into", "movb $0x7f, %%al; addb $1, %%al; into");
	ATTEMPT("int3", "int3");
	ATTEMPT("ud2", "ud2");
	ATTEMPT("divide by zero", "xorl %%edx, %%edx; movl $1, %%eax; xorl %%ecx, %%ecx; divl %%ecx");
	ATTEMPT("bound", "movl $-1, %%eax; pushl $1; pushl $0; bound %%eax, (%%esp)");
	ATTEMPT("single step", "pushfl; orl $0x100, (%%esp); popfl; nop; nop");
	return 0;
}
