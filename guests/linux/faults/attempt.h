/*
 * Tries an instruction that may fault. The signal's details are reported, and the program goes on after the instruction with its own stack and
 * segments, whatever the instruction left in them.
 */
#pragma once
#include "runtime.h"

static volatile u32 resume_eip, resume_esp;
static volatile int got_signal;
static struct context seen;

enum { USER_CODE = 0x73, USER_DATA = 0x7b };

static void on_fault(int signal, void *info, struct context *context)
{
	(void)info;
	got_signal = signal;
	seen = *context;
	context->eip = resume_eip;
	context->esp = resume_esp;
	context->cs = USER_CODE;
	context->ss = context->ds = context->es = USER_DATA;
	context->eflags &= ~0x100u; /* TF */
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
#define ATTEMPT(name, instructions)                                                              \
	do {                                                                                     \
		got_signal = 0;                                                                  \
		asm volatile("movl $1f, %0; movl %%esp, %1\n" instructions "\n1: movl %1, %%esp" \
			     : "=m"(resume_eip), "=m"(resume_esp)                                \
			     :                                                                   \
			     : "eax", "ecx", "edx", "memory", "cc");                             \
		report_attempt(name);                                                            \
	} while (0)
