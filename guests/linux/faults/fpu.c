/*
 * The floating point state: kept across switches, and refused when a signal frame holds one that cannot be loaded (fixups of fxrstor and xrstor).
 * This file may use the FPU only in assembly.
 */
#include "attempt.h"

enum { MXCSR = 24, MAGIC = 464, STATE_BITS = 512 }; /* offsets in the image; struct _fpx_sw_bytes, SDM vol. 1, 13.4.2 */
enum { AS_IT_IS, BAD_MXCSR, BAD_STATE_BITS };
static volatile word new_state, what;

static void spoil(int signal, void *info, struct context *context)
{
	(void)signal, (void)info;
	u8 *image = (u8 *)context->fpu + FXSAVE;
	if (what == BAD_MXCSR)
		*(u32 *)(image + MXCSR) = 0xffffffff;
	else if (what == AS_IT_IS)
		context->fpu = new_state;
	else if (*(u32 *)(image + MAGIC) == 0x46505853) /* saved by xsave, not fxsave */
		*(u32 *)(image + STATE_BITS + 4) = 0xffffffff;
}

static void try_state(const char *name, word state, word how)
{
	new_state = state;
	what = how;
	IN_CHILD(name, {
		handle(SIGUSR1, spoil);
		asm volatile("fld1");
		call(SYS_kill, call(SYS_getpid), SIGUSR1);
		int left = 0;
		asm volatile("fistpl %0" : "=m"(left));
		call(SYS_exit, left == 1 ? 1 : 2);
	});
}

static __attribute__((used)) u16 unmasked = 0x37b;

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

	try_state("no state", 0, AS_IT_IS);
	try_state("state at null", 16, AS_IT_IS);
	for (u32 i = 0; i < sizeof places / sizeof *places; i++)
		try_state(places[i].name, places[i].address & -64ul, AS_IT_IS);
	try_state("bad MXCSR", 0, BAD_MXCSR);
	try_state("bad state bits", 0, BAD_STATE_BITS);

	catch_faults();
	ATTEMPT("unmasked division", "fninit; fldcw unmasked; fldz; fld1; fdivp; fwait");
	ATTEMPT("afterwards", "fninit; fld1; fstp %%st(0)");
	return 0;
}
