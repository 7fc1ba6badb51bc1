/*
 * Signal frames with selectors, pointers and flags that cannot be: rt_sigreturn takes them over, and iretq to them faults in the kernel
 * (error_bad_iret). The kernel must mend them or end the program by SIGSEGV. It mends %ss where the frame does not insist on it, which it finds out
 * by lar.
 */
#include "attempt.h"

enum field { SS, LENIENT_SS, CS, FS, GS, INSTRUCTION, STACK, FLAGS, FIELDS };
static const char *const names[FIELDS] = {"ss", "lenient ss", "cs", "fs", "gs", "rip", "rsp", "rflags"};
enum { STRICT_RESTORE_SS = 4 }; /* in the frame's flags */

static volatile enum field field;
static volatile word bad;

static void spoil(int signal, void *info, struct context *context)
{
	(void)signal, (void)info;
	switch (field) {
	case LENIENT_SS:
		context->flags &= ~(word)STRICT_RESTORE_SS;
		__attribute__((fallthrough));
	case SS:
		context->ss = bad;
		break;
	case CS:
		context->cs = bad;
		break;
	case FS:
		context->fs = bad;
		break;
	case GS:
		context->gs = bad;
		break;
	case INSTRUCTION:
		context->ip = bad;
		break;
	case STACK:
		context->sp = bad;
		break;
	case FLAGS:
		context->eflags = bad;
		break;
	case FIELDS:
		break;
	}
}

/* One process per try. Deadly faults are either caught, which shows the trap and what the context holds, or end the process. */
static void try_field(enum field which, word value, int caught)
{
	field = which;
	bad = value;
	int child = call(SYS_fork);
	if (child == 0) {
		handle(SIGUSR1, spoil);
		if (caught)
			catch_faults();
		got_signal = 0;
		u32 ss;
		asm volatile("movq $1f, %%rax; movq %%rax, %[ip]; movq %%rsp, %[sp]; movl %[number], %%eax; syscall; 1: movq %[sp], %%rsp"
			     : [ip] "=m"(resume_ip), [sp] "=m"(resume_sp)
			     : [number] "i"(SYS_kill), "D"(call(SYS_getpid)), "S"(SIGUSR1)
			     : "rax", "rcx", "r11", "memory", "cc");
		asm volatile("movl %%ss, %0" : "=r"(ss));
		if (got_signal)
			REPORT("  caught", "signal", got_signal, "trap", seen.trap, "error", seen.error, "cs", seen.cs, "ss", seen.ss);
		else
			REPORT("  went on", "ss", ss);
		call(SYS_exit, 7);
	}
	REPORT(names[which], "value", value, caught ? "caught, status" : "status", wait_for(child));
}

int run(void)
{
	static const u16 selectors[] = {0, 3, 0x7, 0x10, 0x13, 0x18, 0x1b, 0x23, USER_DATA, USER_CODE, 0x43, 0x63, 0x7b, 0x203, 0xfff3};
	for (enum field which = SS; which <= GS; which++)
		for (u32 i = 0; i < sizeof selectors / sizeof *selectors; i++)
			for (int caught = 0; caught <= (which <= CS); caught++)
				try_field(which, selectors[i], caught);
	for (u32 i = 0; i < sizeof places / sizeof *places; i++) {
		try_field(INSTRUCTION, places[i].address, 0);
		try_field(INSTRUCTION, places[i].address, 1);
		try_field(STACK, places[i].address, 0);
	}
	try_field(INSTRUCTION, 0, 1);
	try_field(STACK, 0, 0);
	static const u32 flags[] = {0, 0x3202, 0x20202, 0x4202, 0x40202, 0x80202}; /* IF clear, IOPL 3, VM, NT, AC, VIF */
	for (u32 i = 0; i < sizeof flags / sizeof *flags; i++)
		try_field(FLAGS, flags[i], 1);

	/* Frames that are not there at all. */
	handle_by_default(SIGSEGV);
	IN_CHILD("frame at null", asm volatile("xorl %%esp, %%esp; syscall" : : "a"(SYS_rt_sigreturn) : "memory"));
	for (u32 i = 0; i < sizeof places / sizeof *places; i++)
		IN_CHILD(places[i].name, asm volatile("movq %0, %%rsp; syscall" : : "r"(places[i].address), "a"(SYS_rt_sigreturn) : "memory"));
	IN_CHILD("no stack for a handler", handle(SIGSEGV, on_fault); asm volatile("xorl %%esp, %%esp; pushq %%rax" : : : "memory"));
	return 0;
}
