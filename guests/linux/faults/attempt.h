/*
 * Tries an instruction that may fault. The signal's details are reported, and the program goes on after the instruction with its own stack and
 * segments, whatever the instruction left in them.
 */
#pragma once
#include "runtime.h"

static volatile word resume_ip, resume_sp;
static volatile int got_signal;
static struct context seen;

static void on_fault(int signal, void *info, struct context *context)
{
	(void)info;
	got_signal = signal;
	seen = *context;
	context->ip = resume_ip;
	context->sp = resume_sp;
	usual_segments(context);
	context->eflags &= ~0x100ul; /* TF */
}

static inline void catch_faults(void)
{
	static const int signals[] = {SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGBUS};
	for (u32 i = 0; i < sizeof signals / sizeof *signals; i++)
		handle(signals[i], on_fault);
}

static inline void report_attempt(const char *name)
{
	if (got_signal)
		REPORT(name, "signal", got_signal, "trap", seen.trap, "error", seen.error);
	else
		REPORT(name, "no fault", 0);
}

/* The instructions may change eax, ecx and edx, and the stack below. */
#define ATTEMPT(name, instructions)                                                                              \
	do {                                                                                                     \
		got_signal = 0;                                                                                  \
		asm volatile("mov $1f, " AX "; mov " AX ", %0; mov " SP ", %1\n" instructions "\n1: mov %1, " SP \
			     : "=m"(resume_ip), "=m"(resume_sp)                                                  \
			     :                                                                                   \
			     : "eax", "ecx", "edx", "memory", "cc");                                             \
		report_attempt(name);                                                                            \
	} while (0)
