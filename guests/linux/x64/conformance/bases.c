/* FS and GS bases and vector registers belong to one process each, however often processes take turns. */
#include <sched.h>
#include "check.h"

enum { ARCH_SET_GS = 0x1001, ARCH_GET_GS = 0x1004, CHILDREN = 3, TURNS = 2000 };

static __thread long own;
static long cell;

static long read_gs(void)
{
	long value;
	asm volatile("movq %%gs:0, %0" : "=r"(value));
	return value;
}

static int wrong_turns(int number)
{
	float out[4], in[4];
	int wrong = 0;
	own = cell = 1000 + number;
	for (int i = 0; i < 4; i++)
		in[i] = number * 4 + i;
	bool with_gs = number != CHILDREN - 1;
	if (with_gs && syscall(SYS_arch_prctl, ARCH_SET_GS, &cell))
		return 99;
	asm volatile("movups (%0), %%xmm9" : : "r"(in) : "xmm9");
	for (int turn = 0; turn < TURNS; turn++) {
		unsigned long base = 0;
		if (with_gs)
			wrong += read_gs() != 1000 + number || syscall(SYS_arch_prctl, ARCH_GET_GS, &base) || base != (unsigned long)&cell;
		wrong += own != 1000 + number;
		syscall(SYS_sched_yield);
		if (turn % 200 == 0)
			usleep(1000);
		asm volatile("movups %%xmm9, (%0)" : : "r"(out) : "memory");
		wrong += memcmp(in, out, sizeof in) != 0;
	}
	return wrong > 98 ? 98 : wrong;
}

int main(void)
{
	pid_t child[CHILDREN];
	for (int i = 0; i < CHILDREN; i++) {
		child[i] = fork();
		if (child[i] == 0)
			_exit(wrong_turns(i));
	}
	for (int i = 0; i < CHILDREN; i++) {
		int status;
		waitpid(child[i], &status, 0);
		check(status == 0, "process %d: %d", i, WEXITSTATUS(status));
	}
	return verdict();
}
