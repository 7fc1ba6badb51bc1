/*
 * A debugger's ways to change another process: selectors that cannot be, single steps, and breakpoints in debug registers (the kernel loads these at
 * each switch to the process).
 */
#include "runtime.h"

enum { TRACEME = 0, PEEKDATA = 2, PEEKUSER = 3, POKEDATA = 5, POKEUSER = 6, CONT = 7, SINGLESTEP = 9, GETREGS = 12, SETREGS = 13 };

static volatile u32 watched;

__attribute__((noinline)) static void landmark(void)
{
	asm volatile("nop");
}

static int traced_child(void)
{
	int child = call(SYS_fork);
	if (child == 0) {
		call(SYS_ptrace, TRACEME);
		call(SYS_kill, call(SYS_getpid), SIGSTOP);
		asm volatile("nop; nop; nop");
		landmark();
		watched = 5;
		u32 fs, gs;
		asm volatile("movl %%fs, %0; movl %%gs, %1" : "=r"(fs), "=r"(gs));
		call(SYS_exit, (fs != 0) + 2 * (gs != 0) + 4);
	}
	wait_for(child);
	return child;
}

static int go_on(int child, int how)
{
	call(SYS_ptrace, how, child, 0, 0);
	return wait_for(child);
}

static void set_register(const char *name, int which, word value)
{
	word registers[REGISTERS];
	int child = traced_child();
	call(SYS_ptrace, GETREGS, child, 0, registers);
	registers[which] = value;
	int set = call(SYS_ptrace, SETREGS, child, 0, registers), status = go_on(child, CONT);
	REPORT(name, "value", value, "set", set, "status", status);
	if ((status & 0xff) == 0x7f) {
		call(SYS_kill, child, SIGKILL);
		wait_for(child);
	}
}

int run(void)
{
	static const u32 selectors[] = {0, 3, 0x10, 0x18, 0x2b, 0x33, 0x43, 0x63, 0x68, 0x6b, 0x7b, 0x73, 0xfff3};
	for (u32 i = 0; i < sizeof selectors / sizeof *selectors; i++) {
		set_register("fs", REG_FS, selectors[i]);
		set_register("gs", REG_GS, selectors[i]);
		set_register("es", REG_ES, selectors[i]);
		set_register("cs", REG_CS, selectors[i]);
		set_register("ss", REG_SS, selectors[i]);
	}
	set_register("ip", REG_IP, KERNEL_TEXT);

	int child = traced_child(), steps = 0, status;
	while (((status = go_on(child, SINGLESTEP)) & 0xff) == 0x7f && steps < 1000)
		steps++;
	REPORT("single steps", "number", steps, "status", status);

	child = traced_child();
	word registers[REGISTERS], value = 0;
	REPORT("address of the breakpoint", "set", call(SYS_ptrace, POKEUSER, child, DEBUG_REGISTERS, landmark), "control",
	       call(SYS_ptrace, POKEUSER, child, DEBUG_REGISTERS + 7 * sizeof(word), 1));
	status = go_on(child, CONT);
	call(SYS_ptrace, GETREGS, child, 0, registers);
	call(SYS_ptrace, PEEKUSER, child, DEBUG_REGISTERS + 6 * sizeof(word), &value);
	REPORT("breakpoint", "status", status, "at landmark", registers[REG_IP] == (word)landmark, "dr6", value & 0xf);
	REPORT("end", "status", go_on(child, CONT));

	child = traced_child();
	REPORT("address of the watchpoint", "set", call(SYS_ptrace, POKEUSER, child, DEBUG_REGISTERS + sizeof(word), &watched), "control",
	       call(SYS_ptrace, POKEUSER, child, DEBUG_REGISTERS + 7 * sizeof(word), 0xd00004)); /* DR1: four bytes, written */
	status = go_on(child, CONT);
	call(SYS_ptrace, PEEKDATA, child, &watched, &value);
	REPORT("watchpoint", "status", status, "value", value);
	REPORT("in the kernel", "set", call(SYS_ptrace, POKEUSER, child, DEBUG_REGISTERS, KERNEL_TEXT));
	REPORT("peek", "null", call(SYS_ptrace, PEEKDATA, child, 0, &value), "kernel", call(SYS_ptrace, PEEKDATA, child, KERNEL_TEXT, &value),
	       "poke VM area", call(SYS_ptrace, POKEDATA, child, VCPU_PAGE, 0));
	REPORT("end", "status", go_on(child, CONT));
	return 0;
}
