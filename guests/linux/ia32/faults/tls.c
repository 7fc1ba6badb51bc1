/*
 * A TLS slot that is emptied while a segment register selects it. The kernel then loads or pops a selector that faults, and its exception table
 * entries (loadsegment, RESTORE_REGS' pops) must put null in its place. Context switches to a second process go through __switch_to's loads.
 */
#include "attempt.h"

struct thread_area {
	u32 entry, base, limit, flags;
};
enum { AREA_32BIT = 1, AREA_PAGES = 0x10, AREA_USEABLE = 0x40, AREA_EMPTY = 0x28 /* read_exec_only and seg_not_present */ };

static u32 cell[4] = {77, 78, 79, 80};

static int set_slot(struct thread_area *area, u32 base)
{
	area->base = base;
	area->limit = 0xfffff;
	area->flags = AREA_32BIT | AREA_PAGES | AREA_USEABLE;
	return call(SYS_set_thread_area, area);
}

static int empty_slot(u32 entry)
{
	struct thread_area area = {entry, 0, 0, AREA_EMPTY};
	return call(SYS_set_thread_area, &area);
}

/* Lets the other process run often, and the clock tick in between. */
static void yield_often(void)
{
	struct {
		u32 seconds, nanoseconds;
	} moment = {0, 1000000};
	for (int i = 0; i < 50; i++)
		call(SYS_sched_yield);
	call(SYS_nanosleep, &moment, 0);
}

#define LOAD_EMPTY_READ(segment, while_empty)                                                                       \
	do {                                                                                                        \
		struct thread_area area = {-1u, 0, 0, 0};                                                           \
		u32 before, value = 0, after;                                                                       \
		int set = set_slot(&area, (u32)cell), emptied;                                                      \
		u32 selector = area.entry * 8 + 3;                                                                  \
		asm volatile("movl %2, %%" segment "; movl %%" segment ", %0; movl %%" segment ":4, %1"             \
			     : "=&r"(before), "=&r"(value)                                                          \
			     : "r"(selector));                                                                      \
		emptied = empty_slot(area.entry);                                                                   \
		while_empty;                                                                                        \
		asm volatile("movl %%" segment ", %0" : "=r"(after));                                               \
		REPORT(segment, "set", set, "selector", before, "value", value, "emptied", emptied, "left", after); \
	} while (0)

/* %es and %ds serve the compiler's code: everything between load and read is one piece of assembly. */
#define EMPTY_UNDER(segment)                                                                                                     \
	do {                                                                                                                     \
		struct thread_area area = {-1u, 0, 0, 0};                                                                        \
		int set = set_slot(&area, 0), emptied;                                                                           \
		struct thread_area nothing = {area.entry, 0, 0, AREA_EMPTY};                                                     \
		u32 after;                                                                                                       \
		asm volatile("movl %[sel], %%" segment "; int $0x80; movl %%" segment ", %[after]; pushl $0x7b; popl %%" segment \
			     : "=a"(emptied), [after] "=&d"(after)                                                               \
			     : "0"(SYS_set_thread_area), "b"(&nothing), [sel] "c"(area.entry * 8 + 3)                            \
			     : "memory");                                                                                        \
		REPORT(segment, "set", set, "emptied", emptied, "left", after);                                                  \
	} while (0)

int run(void)
{
	catch_faults();
	int other = call(SYS_fork);
	if (other == 0) { /* has its own %gs, so that each switch reloads it */
		struct thread_area area = {-1u, 0, 0, 0};
		set_slot(&area, (u32)(cell + 1));
		asm volatile("movl %0, %%gs" : : "r"(area.entry * 8 + 3));
		for (;;) {
			u32 value;
			asm volatile("movl %%gs:0, %0" : "=r"(value));
			if (value != 78)
				call(SYS_exit, 1);
			call(SYS_sched_yield);
		}
	}
	LOAD_EMPTY_READ("fs", (void)0);
	LOAD_EMPTY_READ("gs", (void)0);
	LOAD_EMPTY_READ("fs", yield_often());
	LOAD_EMPTY_READ("gs", yield_often());
	EMPTY_UNDER("es");
	EMPTY_UNDER("ds");

	/* A child inherits the selector and the slot; emptying its copy must not hurt the parent. */
	struct thread_area area = {-1u, 0, 0, 0};
	set_slot(&area, (u32)(cell + 2));
	asm volatile("movl %0, %%fs; movl %0, %%gs" : : "r"(area.entry * 8 + 3));
	int child = call(SYS_fork);
	if (child == 0) {
		u32 fs, gs;
		empty_slot(area.entry);
		yield_often();
		asm volatile("movl %%fs, %0; movl %%gs, %1" : "=r"(fs), "=r"(gs));
		call(SYS_exit, (fs == 0) + 2 * (gs == 0));
	}
	int status = wait_for(child);
	u32 value, other_value;
	asm volatile("movl %%fs:0, %0; movl %%gs:0, %1" : "=r"(value), "=r"(other_value));
	REPORT("child emptied", "nulled", status >> 8, "parent's fs", value, "parent's gs", other_value);

	struct thread_area odd = {3, 0, 0, AREA_32BIT};
	REPORT("slot 3", "error", call(SYS_set_thread_area, &odd));
	odd = (struct thread_area){area.entry, 0, 0xfffff, AREA_USEABLE}; /* 16-bit segments are refused */
	REPORT("16 bits", "error", call(SYS_set_thread_area, &odd));
	call(SYS_kill, other, SIGKILL);
	REPORT("other process", "status", wait_for(other));
	return 0;
}
