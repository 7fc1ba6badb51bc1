/*
 * The floating point state: kept across switches, and refused when a signal frame holds one that cannot be loaded (fixups of fxrstor and xrstor).
 * This file may use the FPU only in assembly.
 */
#include "attempt.h"

static volatile u32 new_state, bad_control;

static void spoil(int signal, void *info, struct context *context)
{
	(void)signal, (void)info;
	if (bad_control)
		((u32 *)context->fpu)[(112 + 24) / 4] = 0xffffffff; /* MXCSR in the FXSAVE image behind the old 112-byte one */
	else
		context->fpu = new_state;
}

static void try_state(const char *name, u32 state, u32 control)
{
	new_state = state;
	bad_control = control;
	IN_CHILD(name, {
		handle(SIGUSR1, spoil);
		asm volatile("fld1");
		call(SYS_kill, call(SYS_getpid), SIGUSR1);
		int left = 0;
		asm volatile("fistpl %0" : "=m"(left));
		call(SYS_exit, left == 1 ? 1 : 2);
	});
}

int run(void)
{
	int children[3];
	for (int i = 0; i < 3; i++) {
		if ((children[i] = call(SYS_fork)) == 0) {
			int sum;
			asm volatile("fldz");
			for (int round = 0; round < 2000; round++) {
				asm volatile("fld1; faddp");
				if (round % 20 == 0)
					call(SYS_sched_yield);
			}
			asm volatile("fistpl %0" : "=m"(sum));
			call(SYS_exit, sum == 2000 ? i : 99);
		}
	}
	for (int i = 0; i < 3; i++)
		REPORT("three that compute", "status", wait_for(children[i]));

	try_state("no state", 0, 0);
	try_state("state at null", 16, 0);
	try_state("state in the kernel", 0xc1000000, 0);
	try_state("state in the VM area", 0xff810000, 0);
	try_state("bad MXCSR", 0, 1);

	catch_faults();
	ATTEMPT("unmasked division", "fninit; pushl $0x37b; fldcw (%%esp); fldz; fld1; fdivp; fwait");
	ATTEMPT("afterwards", "fninit; fld1; fstp %%st(0)");
	return 0;
}
