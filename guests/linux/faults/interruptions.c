/* Signals that interrupt system calls and computing: restarts must go through our own instruction, and through the vDSO's where that has one. */
#include "runtime.h"

enum { SA_RESTART = 0x10000000, ITIMER_REAL = 0 };

static volatile int ticks;

static void tick(int signal, void *info, struct context *context)
{
	(void)signal, (void)info, (void)context;
	ticks++;
}

static void set_timer(u32 microseconds, u32 interval)
{
	word timer[4] = {0, interval, 0, microseconds};
	call(SYS_setitimer, ITIMER_REAL, timer, 0);
}

int run(void)
{
	int pipe_ends[2];
	u8 byte;
	call(SYS_pipe, pipe_ends);
	handle(SIGALRM, tick);

	set_timer(20000, 0);
	int read = call(SYS_read, pipe_ends[0], &byte, 1);
	REPORT("interrupted read", "result", read, "ticks", ticks);

	struct {
		word seconds, nanoseconds;
	} time = {5, 0};
	set_timer(20000, 0);
	int slept = call(SYS_nanosleep, &time, &time);
	REPORT("interrupted sleep", "result", slept, "seconds left", time.seconds);

	/* A stopped and continued sleeper goes on by restart_syscall. */
	int child = call(SYS_fork);
	if (child == 0) {
		struct {
			word seconds, nanoseconds;
		} moment = {0, 200000000};
		call(SYS_exit, call(SYS_nanosleep, &moment, 0) == 0 ? 3 : 4);
	}
	struct {
		word seconds, nanoseconds;
	} moment = {0, 50000000};
	call(SYS_nanosleep, &moment, 0);
	call(SYS_kill, child, SIGSTOP);
	call(SYS_nanosleep, &moment, 0);
	call(SYS_kill, child, 18); /* SIGCONT */
	REPORT("stopped sleeper", "status", wait_for(child));

	struct action restarting = {tick, SA_SIGINFO | SA_RESTORER | SA_RESTART, restore, {0, 0}};
	call(SYS_rt_sigaction, SIGALRM, &restarting, 0, 8);
	child = call(SYS_fork);
	if (child == 0) {
		struct {
			word seconds, nanoseconds;
		} later = {0, 200000000};
		call(SYS_nanosleep, &later, 0);
		call(SYS_write, pipe_ends[1], "x", 1);
		call(SYS_exit, 0);
	}
	set_timer(20000, 0);
	read = call(SYS_read, pipe_ends[0], &byte, 1);
	REPORT("restarted read", "result", read, "ticks", ticks);
	wait_for(child);

	/* Ticks while computing: nothing but interrupts enters the kernel here. */
	ticks = 0;
	set_timer(10000, 10000);
	volatile u32 work = 0;
	while (ticks < 10)
		work = work + 1;
	set_timer(0, 0);
	REPORT("computing", "ticks", ticks >= 10, "worked", work > 0);
	return 0;
}
