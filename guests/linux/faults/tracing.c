/*
 * A debugger's ways to change another process: selectors that cannot be, single steps, and breakpoints in debug registers (the kernel loads these at
 * each switch to the process).
 */
#include "runtime.h"

enum { TRACEME = 0, PEEKDATA = 2, PEEKUSER = 3, POKEDATA = 5, POKEUSER = 6, CONT = 7, SINGLESTEP = 9, GETREGS = 12, SETREGS = 13 };
enum { EBX, ECX, EDX, ESI, EDI, EBP, EAX, DS, ES, FS, GS, ORIG_EAX, EIP, CS, EFLAGS, ESP, SS, REGISTERS };
enum { DEBUG_REGISTERS = 252 }; /* offset in struct user */

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

static void set_register(const char *name, int which, u32 value)
{
	u32 registers[REGISTERS];
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
	static const u32 selectors[] = {0, 3, 0x43, 0x68, 0x6b, 0x7b, 0x73, 0xfff3};
	for (u32 i = 0; i < sizeof selectors / sizeof *selectors; i++) {
		set_register("fs", FS, selectors[i]);
		set_register("gs", GS, selectors[i]);
		set_register("es", ES, selectors[i]);
		set_register("cs", CS, selectors[i]);
		set_register("ss", SS, selectors[i]);
	}
	set_register("eip", EIP, 0xc1000000);

	int child = traced_child(), steps = 0, status;
	while (((status = go_on(child, SINGLESTEP)) & 0xff) == 0x7f && steps < 1000)
		steps++;
	REPORT("single steps", "number", steps, "status", status);

	child = traced_child();
	u32 registers[REGISTERS], word = 0;
	REPORT("address of the breakpoint", "set", call(SYS_ptrace, POKEUSER, child, DEBUG_REGISTERS, landmark), "control",
	       call(SYS_ptrace, POKEUSER, child, DEBUG_REGISTERS + 7 * 4, 1));
	status = go_on(child, CONT);
	call(SYS_ptrace, GETREGS, child, 0, registers);
	call(SYS_ptrace, PEEKUSER, child, DEBUG_REGISTERS + 6 * 4, &word);
	REPORT("breakpoint", "status", status, "at landmark", registers[EIP] == (u32)landmark, "dr6", word & 0xf);
	REPORT("end", "status", go_on(child, CONT));

	child = traced_child();
	REPORT("address of the watchpoint", "set", call(SYS_ptrace, POKEUSER, child, DEBUG_REGISTERS + 4, &watched), "control",
	       call(SYS_ptrace, POKEUSER, child, DEBUG_REGISTERS + 7 * 4, 0xd00004)); /* DR1: four bytes, written */
	status = go_on(child, CONT);
	call(SYS_ptrace, PEEKDATA, child, &watched, &word);
	REPORT("watchpoint", "status", status, "value", word);
	REPORT("in the kernel", "set", call(SYS_ptrace, POKEUSER, child, DEBUG_REGISTERS, 0xc1000000));
	REPORT("peek", "null", call(SYS_ptrace, PEEKDATA, child, 0, &word), "kernel", call(SYS_ptrace, PEEKDATA, child, 0xc1000000, &word),
	       "poke VM area", call(SYS_ptrace, POKEDATA, child, 0xff810000, 0));
	REPORT("end", "status", go_on(child, CONT));
	return 0;
}
