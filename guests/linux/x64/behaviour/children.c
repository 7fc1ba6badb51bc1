/* Processes and threads by every call that makes them, with memory, bases and exit as they should be. */
#include "../conformance/check.h"
#include <asm/prctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>

extern char **environ;

static int ends_with(int child)
{
	int status = -1;
	return waitpid(child, &status, 0) == child ? status : -1;
}

static void by_vfork(void)
{
	static int shared, right, i;
	for (i = 0; i < 200; i++) {
		int child = vfork();
		if (child == 0) {
			shared++;
			_exit(3);
		}
		right += ends_with(child) == 3 << 8 && shared == i + 1;
	}
	check(right == 200, "200 times vfork");
	for (i = right = 0; i < 50; i++) {
		char *arguments[] = {"children", "3", NULL};
		int child;
		right += posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ) == 0 && ends_with(child) == 3 << 8;
	}
	check(right == 50, "50 times posix_spawn");
}

static void by_clone3(void)
{
	struct clone_args arguments = {.exit_signal = SIGCHLD, .flags = CLONE_PIDFD};
	int descriptor = -1, right = 0;
	for (int i = 0; i < 50; i++) {
		arguments.pidfd = (unsigned long)&descriptor;
		int child = syscall(SYS_clone3, &arguments, sizeof arguments);
		if (child == 0)
			_exit(5);
		right += ends_with(child) == 5 << 8 && descriptor >= 0;
		close(descriptor);
	}
	check(right == 50, "50 times clone3");
	struct clone_args bad = {.flags = 1};
	check_fails(syscall(SYS_clone3, &bad, sizeof bad), EINVAL, "clone3 of what there is not");
}

static unsigned long gs_word(void)
{
	unsigned long value;
	asm volatile("movq %%gs:0, %0" : "=r"(value));
	return value;
}

static int in_thread(void *argument)
{
	for (int i = 0; i < 100; i++) {
		if (gs_word() != (unsigned long)argument)
			return 1;
		sched_yield();
	}
	return 4;
}

/* Threads of this program's own making, with a GS base each. */
static void by_clone(void)
{
	enum { THREADS = 4 };
	static unsigned long cells[THREADS];
	static char stacks[THREADS][1 << 14];
	int threads[THREADS];
	for (unsigned long i = 0; i < THREADS; i++) {
		cells[i] = i;
		syscall(SYS_arch_prctl, ARCH_SET_GS, &cells[i]);
		threads[i] = clone(in_thread, stacks[i] + sizeof stacks[i], CLONE_VM | SIGCHLD, (void *)i);
	}
	for (int i = 0; i < THREADS; i++)
		check(ends_with(threads[i]) == 4 << 8, "thread %d", i);
	syscall(SYS_arch_prctl, ARCH_SET_GS, 0);
}

/* Bases that change in one process and in another, by the system call, and by the instruction where the kernel allows it. */
static void bases(void)
{
	static unsigned long cells[64];
	for (int i = 0; i < 64; i++)
		cells[i] = i;
	int children[3];
	for (int k = 0; k < 3; k++)
		if ((children[k] = fork()) == 0) {
			for (int i = 0; i < 500; i++) {
				int cell = (i * 7 + k) % 64;
				syscall(SYS_arch_prctl, ARCH_SET_GS, &cells[cell]);
				sched_yield();
				if (gs_word() != (unsigned long)cell)
					_exit(1);
				if (getauxval(AT_HWCAP2) & 2) {
					cell = (cell + 1) % 64;
					asm volatile("wrgsbase %0" : : "r"(&cells[cell]));
					sched_yield();
					if (gs_word() != (unsigned long)cell)
						_exit(2);
				}
			}
			_exit(0);
		}
	for (int k = 0; k < 3; k++)
		check(ends_with(children[k]) == 0, "GS bases of process %d", k);
}

/* One inside the other, each with memory of its own. */
static int nested(int depth)
{
	static int number;
	number = depth;
	if (depth == 0)
		return 0;
	int child = fork();
	if (child == 0)
		_exit(nested(depth - 1) + 1);
	int status = ends_with(child);
	return number == depth ? status >> 8 : 100;
}

static void clocks(void)
{
	struct timespec last = {0, 0}, now;
	bool forward = true;
	for (int i = 0; i < 20000; i++) {
		if (i % 3)
			clock_gettime(CLOCK_MONOTONIC, &now);
		else
			syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
		forward &= now.tv_sec > last.tv_sec || (now.tv_sec == last.tv_sec && now.tv_nsec >= last.tv_nsec);
		last = now;
	}
	check(forward, "time goes forward, by the vDSO and by the call");
	char bytes[16] = {0}, zeros[16] = {0};
	check(getrandom(bytes, sizeof bytes, 0) == 16 && memcmp(bytes, zeros, 16) != 0, "getrandom");
}

int main(int count, char **arguments)
{
	if (count > 1)
		return atoi(arguments[1]);
	by_vfork();
	by_clone3();
	by_clone();
	bases();
	check(nested(30) == 30, "30 processes, one inside the other");
	clocks();
	int right = 0;
	for (int i = 0; i < 1000; i++) {
		int child = fork();
		if (child == 0)
			execl("/proc/self/exe", "children", "9", (char *)NULL);
		right += ends_with(child) == 9 << 8;
	}
	check(right == 1000, "1,000 times fork and exec");
	return verdict();
}
