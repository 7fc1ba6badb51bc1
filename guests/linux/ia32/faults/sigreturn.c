/*
 * Signal frames with selectors and pointers that cannot be: rt_sigreturn loads them (loadsegment fixups for %gs), pops them (RESTORE_REGS' fixups
 * for %fs, %es, %ds) or irets to them (fixup of .Lirq_return). The kernel must null them or end the program by SIGSEGV.
 */
#include "attempt.h"

enum { GS, FS, ES, DS, SS, CS, EIP, ESP, EFLAGS, FIELDS };
static const char *const names[FIELDS] = {"gs", "fs", "es", "ds", "ss", "cs", "eip", "esp", "eflags"};
static volatile int field;
static volatile u32 bad;

static void spoil(int signal, void *info, struct context *context)
{
	(void)signal, (void)info;
	switch (field) {
	case GS:
		context->gs = bad;
		break;
	case FS:
		context->fs = bad;
		break;
	case ES:
		context->es = bad;
		break;
	case DS:
		context->ds = bad;
		break;
	case SS:
		context->ss = bad;
		break;
	case CS:
		context->cs = bad;
		break;
	case EIP:
		context->ip = bad;
		break;
	case ESP:
		context->sp = bad;
		break;
	case EFLAGS:
		context->eflags = bad;
		break;
	}
}

/* One process per try. Deadly faults are either caught, which shows the trap and what the context holds, or end the process. */
static void try_field(int which, u32 value, int caught)
{
	field = which;
	bad = value;
	int child = call(SYS_fork);
	if (child == 0) {
		handle(SIGUSR1, spoil);
		if (caught)
			catch_faults();
		got_signal = 0;
		u32 pid = call(SYS_getpid), fs, gs, ds, es;
		asm volatile("movl $1f, %[eip]; movl %%esp, %[esp]; int $0x80; 1: movl %%ss:%[esp], %%esp\n"
			     "movl %%ds, %[ds]; movl %%es, %[es]; movl $0x7b, %%eax; movl %%eax, %%ds; movl %%eax, %%es"
			     : [eip] "=m"(resume_ip), [esp] "=m"(resume_sp), [ds] "=&S"(ds), [es] "=&D"(es)
			     : "a"(SYS_kill), "b"(pid), "c"(SIGUSR1)
			     : "edx", "memory", "cc");
		asm volatile("movl %%fs, %0; movl %%gs, %1" : "=r"(fs), "=r"(gs));
		if (got_signal)
			REPORT("  caught", "signal", got_signal, "trap", seen.trap, "error", seen.error, "cs", seen.cs, "ss", seen.ss, "ds", seen.ds);
		else
			REPORT("  went on", "gs", gs, "fs", fs, "es", es, "ds", ds);
		call(SYS_exit, 7);
	}
	REPORT(names[which], "value", value, caught ? "caught, status" : "status", wait_for(child));
}

int run(void)
{
	static const u32 selectors[] = {0, 3, 0x7, 0x43, 0x60, 0x68, 0x73, 0x7b, 0x80, 0x203, 0xfff3};
	for (int which = GS; which <= CS; which++)
		for (u32 i = 0; i < sizeof selectors / sizeof *selectors; i++)
			for (int caught = 0; caught <= (which >= SS); caught++)
				try_field(which, selectors[i], caught);
	static const u32 pointers[] = {0, 0xc1000000, 0xff800040, 0xfffffff0};
	for (u32 i = 0; i < sizeof pointers / sizeof *pointers; i++) {
		try_field(EIP, pointers[i], 0);
		try_field(EIP, pointers[i], 1);
		try_field(ESP, pointers[i], 0);
	}
	static const u32 flags[] = {0, 0x3202, 0x20202, 0x4202, 0x40202, 0x80202}; /* IF clear, IOPL 3, VM, NT, AC, VIF */
	for (u32 i = 0; i < sizeof flags / sizeof *flags; i++)
		try_field(EFLAGS, flags[i], 1);

	/* Frames that are not there at all. */
	handle_by_default(SIGSEGV);
	IN_CHILD("frame at null", asm volatile("xorl %%esp, %%esp; int $0x80" : : "a"(SYS_rt_sigreturn) : "memory"));
	IN_CHILD("frame in the kernel", asm volatile("movl $0xc1000000, %%esp; int $0x80" : : "a"(SYS_rt_sigreturn) : "memory"));
	IN_CHILD("frame in the VM area", asm volatile("movl $0xff810000, %%esp; int $0x80" : : "a"(SYS_rt_sigreturn) : "memory"));
	IN_CHILD("no stack for a handler", handle(SIGSEGV, on_fault); asm volatile("xorl %%esp, %%esp; pushl %%eax" : : : "memory"));
	return 0;
}
