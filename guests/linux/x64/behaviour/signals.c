/*
 * Signals at any instruction: whatever a handler does to registers, flags and vectors, the program that it interrupts finds all of them as they were,
 * in computations, around system calls, and in copies of strings.
 */
#include "../conformance/check.h"
#include <cpuid.h>
#include <sys/time.h>

enum { SIGNALS = 400 };

static volatile sig_atomic_t alarms;

/* Spoils what calls may spoil, and more. */
static void spoil(int signal)
{
	(void)signal;
	alarms++;
	asm volatile("pcmpeqd %%xmm0, %%xmm0; pcmpeqd %%xmm7, %%xmm7; pcmpeqd %%xmm15, %%xmm15; fninit; fldpi; stc; movq $-1, %%r11; movq $-1, %%rcx"
		     :
		     :
		     : "xmm0", "xmm7", "xmm15", "rcx", "r11", "cc", "memory");
}

static void start_alarms(long microseconds)
{
	struct itimerval every = {{0, microseconds}, {0, microseconds}};
	alarms = 0;
	setitimer(ITIMER_REAL, &every, NULL);
}

static void stop_alarms(void)
{
	struct itimerval never = {{0, 0}, {0, 0}};
	setitimer(ITIMER_REAL, &never, NULL);
}

/* All general registers but rsp and rbp, flags and xmm registers hold numbers that belong together. Returns how many rounds found others. */
static long registers(void)
{
	long wrong = 0;
	for (unsigned long seed = 1; alarms < SIGNALS; seed++) {
		unsigned long sum, vectors, carry;
		asm volatile("movq %[seed], %%rbx; leaq 1(%%rbx), %%rcx; leaq 2(%%rbx), %%rdx; leaq 3(%%rbx), %%rsi; leaq 4(%%rbx), %%rdi\n"
			     "leaq 5(%%rbx), %%r8; leaq 6(%%rbx), %%r9; leaq 7(%%rbx), %%r10; leaq 8(%%rbx), %%r11; leaq 9(%%rbx), %%r12\n"
			     "leaq 10(%%rbx), %%r13; leaq 11(%%rbx), %%r14\n"
			     "movq %%rbx, %%xmm0; movq %%r14, %%xmm7; movq %%rcx, %%xmm15; stc\n"
			     "movl $200, %%eax\n1: decl %%eax; jnz 1b\n" /* leaves the carry */
			     "sbbq %%rax, %%rax; pushq %%rax\n"
			     "addq %%rcx, %%rbx; addq %%rdx, %%rbx; addq %%rsi, %%rbx; addq %%rdi, %%rbx; addq %%r8, %%rbx; addq %%r9, %%rbx\n"
			     "addq %%r10, %%rbx; addq %%r11, %%rbx; addq %%r12, %%rbx; addq %%r13, %%rbx; addq %%r14, %%rbx\n"
			     "paddq %%xmm7, %%xmm0; paddq %%xmm15, %%xmm0; movq %%xmm0, %%rcx; popq %%rdx"
			     : "=b"(sum), "=c"(vectors), "=d"(carry)
			     : [seed] "a"(seed)
			     : "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "xmm0", "xmm7", "xmm15", "cc", "memory");
		wrong += sum != 12 * seed + 66 || vectors != 3 * seed + 12 || carry != -1ul;
	}
	return wrong;
}

/* A system call leaves all registers but rax, rcx and r11, and these hold the next address and the flags. */
static long system_calls(void)
{
	long wrong = 0;
	unsigned long own = getpid();
	for (unsigned long seed = 1; alarms < SIGNALS; seed++) {
		unsigned long result, next, here, flags, then, kept;
		asm volatile("movq %[seed], %%rbx; movq %%rbx, %%rdx; movq %%rbx, %%r8; movq %%rbx, %%r9; movq %%rbx, %%r10; movq %%rbx, %%r12\n"
			     "movq %%rbx, %%rsi; movq %%rbx, %%rdi; stc; pushfq; popq %%r13; movl $39, %%eax; syscall\n"
			     "1: pushfq; popq %%r14; leaq 1b(%%rip), %%r15\n"
			     "xorq %%rbx, %%rdx; xorq %%rbx, %%r8; xorq %%rbx, %%r9; xorq %%rbx, %%r10; xorq %%rbx, %%r12; xorq %%rbx, %%rsi; xorq "
			     "%%rbx, %%rdi\n"
			     "orq %%r8, %%rdx; orq %%r9, %%rdx; orq %%r10, %%rdx; orq %%r12, %%rdx; orq %%rsi, %%rdx; orq %%rdi, %%rdx\n"
			     "xorq %%r13, %%r11; xorq %%r13, %%r14; orq %%r14, %%r11; movq %%r11, %%rdi; movq %%r15, %%rsi"
			     : "=a"(result), "=c"(next), "=d"(kept), "=S"(here), "=D"(flags)
			     : [seed] "a"(seed)
			     : "rbx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc", "memory");
		then = flags;
		wrong += result != own || next != here || kept != 0 || then != 0;
	}
	return wrong;
}

/* The C library's, which return at once: as many as there can be. */
static long quick_calls(void)
{
	long wrong = 0, parent = getppid();
	while (alarms < SIGNALS)
		for (int i = 0; i < 100; i++)
			wrong += getppid() != parent;
	return wrong;
}

static long strings(void)
{
	static char from[1 << 16], to[1 << 16];
	long wrong = 0;
	for (unsigned round = 1; alarms < SIGNALS; round++) {
		memset(from, round, sizeof from);
		void *source = from, *target = to;
		long count = sizeof from;
		asm volatile("rep movsb" : "+S"(source), "+D"(target), "+c"(count) : : "memory");
		wrong += count != 0 || memcmp(from, to, sizeof from) != 0;
		source = from + sizeof from - 1, target = to + sizeof to - 1, count = sizeof from;
		asm volatile("std; rep movsb; cld" : "+S"(source), "+D"(target), "+c"(count) : : "memory");
		wrong += count != 0 || memcmp(from, to, sizeof from) != 0;
	}
	return wrong;
}

/* x87 and, where there are some, 256-bit registers. */
static long vectors(void)
{
	unsigned a, b, c, d;
	bool has_avx = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_AVX) && (c & bit_OSXSAVE);
	long wrong = 0;
	for (unsigned long seed = 1; alarms < SIGNALS; seed++) {
		double product;
		unsigned long high = 4 * seed;
		asm volatile("fldpi; fldpi; movl $300, %%eax; 1: decl %%eax; jnz 1b; fmulp; fstpl %0" : "=m"(product) : : "eax", "cc", "st", "st(1)");
		if (has_avx)
			asm volatile("vmovq %1, %%xmm3; vpermilpd $0, %%xmm3, %%xmm3; vinsertf128 $1, %%xmm3, %%ymm3, %%ymm3\n"
				     "movl $300, %%eax; 1: decl %%eax; jnz 1b\n"
				     "vextractf128 $1, %%ymm3, %%xmm4; vpaddq %%xmm4, %%xmm3, %%xmm3; vpaddq %%xmm3, %%xmm3, %%xmm3; vmovq %%xmm3, "
				     "%0; vzeroupper"
				     : "=r"(high)
				     : "r"(seed)
				     : "eax", "xmm3", "xmm4", "cc");
		wrong += product < 9.8696 || product > 9.8697 || high != 4 * seed;
	}
	return wrong;
}

int main(void)
{
	static const struct {
		const char *name;
		long (*wrong)(void);
	} tests[] = {
	    {"registers", registers}, {"system calls", system_calls}, {"quick ones", quick_calls}, {"strings", strings}, {"vectors", vectors}};
	static char stack[1 << 16];
	for (int on_own_stack = 0; on_own_stack < 2; on_own_stack++) {
		stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
		struct sigaction action = {.sa_handler = spoil, .sa_flags = SA_RESTART | (on_own_stack ? SA_ONSTACK : 0)};
		sigaltstack(&alternate, NULL);
		sigaction(SIGALRM, &action, NULL);
		for (unsigned i = 0; i < sizeof tests / sizeof *tests; i++) {
			start_alarms(300);
			long wrong = tests[i].wrong();
			stop_alarms();
			check(wrong == 0, "%s under signals%s", tests[i].name, on_own_stack ? ", handled on a stack of their own" : "");
		}
	}
	return verdict();
}
