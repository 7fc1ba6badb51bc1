/*
 * Bases of %fs and %gs that cannot be, and selectors that a debugger leaves in a process: the kernel writes and loads them at each switch to it,
 * where its exception tables catch what faults.
 */
#include "attempt.h"

static word cell[2] = {77, 78};

/* Lets the other process run often, and the clock tick in between. */
static void yield_often(void)
{
	struct {
		word seconds, nanoseconds;
	} moment = {0, 1000000};
	for (int i = 0; i < 50; i++)
		call(SYS_sched_yield);
	call(SYS_nanosleep, &moment, 0);
}

static void set_base(const char *name, word address)
{
	word fs = 0, gs = 0;
	int set_fs = call(SYS_arch_prctl, ARCH_SET_FS, address), set_gs = call(SYS_arch_prctl, ARCH_SET_GS, address);
	yield_often();
	call(SYS_arch_prctl, ARCH_GET_FS, &fs);
	call(SYS_arch_prctl, ARCH_GET_GS, &gs);
	REPORT(name, "set fs", set_fs, "and gs", set_gs, "kept", (fs == address) + 2 * (gs == address));
	ATTEMPT("  read by fs", "movq %%fs:0, %%rax");
	ATTEMPT("  read by gs", "movq %%gs:0, %%rax");
	call(SYS_arch_prctl, ARCH_SET_FS, 0);
	call(SYS_arch_prctl, ARCH_SET_GS, 0);
}

int run(void)
{
	catch_faults();
	int other = call(SYS_fork);
	if (other == 0) { /* has bases of its own, so that each switch loads them */
		call(SYS_arch_prctl, ARCH_SET_FS, cell);
		call(SYS_arch_prctl, ARCH_SET_GS, cell + 1);
		for (;;) {
			word fs, gs;
			asm volatile("movq %%fs:0, %0; movq %%gs:0, %1" : "=r"(fs), "=r"(gs));
			if (fs != 77 || gs != 78)
				call(SYS_exit, 1);
			call(SYS_sched_yield);
		}
	}
	set_base("own memory", (word)cell);
	set_base("null", 0);
	for (u32 i = 0; i < sizeof places / sizeof *places; i++)
		set_base(places[i].name, places[i].address);

	/* Selectors stay where they are over switches; null ones, too, whatever the base. */
	static const u16 selectors[] = {0, 3, USER_DATA, USER_CODE};
	for (u32 i = 0; i < sizeof selectors / sizeof *selectors; i++) {
		u32 ds, es, fs, gs;
		asm volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%fs; movl %0, %%gs" : : "r"((u32)selectors[i]));
		yield_often();
		asm volatile("movl %%ds, %0; movl %%es, %1; movl %%fs, %2; movl %%gs, %3" : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
		REPORT("selector", "loaded", selectors[i], "ds", ds, "es", es, "fs", fs, "gs", gs);
	}
	call(SYS_kill, other, SIGKILL);
	REPORT("other process", "status", wait_for(other));
	return 0;
}
