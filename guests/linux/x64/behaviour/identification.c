/*
 * CPUID as C libraries execute it, with its leaf in the instruction before: an engine may answer such a one itself, and a program must not see that.
 * Its results, upper halves included, are those of any other CPUID; flags stay; debuggers and signals find the program at its instructions. (Not
 * every host stops behind CPUID at a single step, so that is not asked for.)
 */
#include "../conformance/check.h"
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/user.h>

enum { CALLS = 20000 };

struct answer {
	unsigned long ax, bx, cx, dx;
};

/* With padding behind each return, as compilers leave it. */
#define STORE "movq %rax, (%rdi); movq %rbx, 8(%rdi); movq %rcx, 16(%rdi); movq %rdx, 24(%rdi); popq %rbx; ret; .balign 16; .fill 32, 1, 0x90\n"
#define ONES "pushq %rbx; movq $-1, %rax; movq %rax, %rbx; movq %rax, %rdx\n"
asm(".text; .balign 64\n"
    "plain: " ONES "movl $0x80000000, %eax; cpuid; " STORE "with_clear: " ONES "movl $7, %eax; xorl %ecx, %ecx; cpuid; " STORE "with_constant: " ONES
    "movl $4, %eax; movl $1, %ecx; cpuid; " STORE "steps: movl $0x80000001, %eax\n"
    "step_cpuid: cpuid; movl %ecx, %eax; ret; .balign 16; .fill 32, 1, 0x90; ret");
extern void plain(struct answer *) __asm__("plain"), with_clear(struct answer *) __asm__("with_clear"),
    with_constant(struct answer *) __asm__("with_constant");
extern const unsigned char steps[] __asm__("steps"), step_cpuid[];

static const struct kind {
	const char *name;
	void (*ask)(struct answer *);
	unsigned leaf, subleaf;
} kinds[] = {{"a leaf", plain, 0x80000000, 0}, {"subleaf 0", with_clear, 7, 0}, {"another subleaf", with_constant, 4, 1}};

/* Nothing stands before this one that tells what it asks for. */
static __attribute__((noinline)) struct answer really(const volatile unsigned *leaf, const volatile unsigned *subleaf)
{
	unsigned a = *leaf, b, c = *subleaf, d;
	asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (struct answer){a, b, c, d};
}

static bool is_right(const struct kind *kind)
{
	struct answer answer, expected = really(&kind->leaf, &kind->subleaf);
	kind->ask(&answer);
	return memcmp(&answer, &expected, sizeof answer) == 0;
}

static bool keeps_flags(const struct kind *kind)
{
	enum { STATUS = 0x8d5 };
	struct answer answer;
	for (int all = 0; all < 2; all++) {
		unsigned long flags = all ? STATUS | 2 : 2, after;
		asm volatile("pushq %2; popfq; call *%3; pushfq; popq %0"
			     : "=&b"(after)
			     : "D"(&answer), "r"(flags), "r"(kind->ask)
			     : "rax", "rcx", "rdx", "memory", "cc");
		if ((after & STATUS) != (flags & STATUS))
			return false;
	}
	return true;
}

static volatile int ticks;

static void count_tick(int signal)
{
	ticks += signal == SIGALRM;
}

static void interrupted(void)
{
	struct itimerval often = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
	signal(SIGALRM, count_tick);
	setitimer(ITIMER_REAL, &often, NULL);
	bool right = true;
	for (int i = 0; i < CALLS || ticks < 20; i++)
		right &= is_right(&kinds[i % 3]);
	setitimer(ITIMER_REAL, &never, NULL);
	check(right, "with signals in between");
}

static void stepped(void)
{
	int status, child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		asm volatile("call steps" : : : "rax", "rbx", "rcx", "rdx", "memory", "cc");
		_exit(7);
	}
	waitpid(child, &status, 0);
	struct user_regs_struct seen = {0};
	unsigned long before;
	do {
		before = seen.rip;
		if (ptrace(PTRACE_SINGLESTEP, child, 0, 0) != 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
			break;
		ptrace(PTRACE_GETREGS, child, 0, &seen);
	} while (before != (unsigned long)steps);
	check(seen.rip == (unsigned long)step_cpuid && seen.rax == 0x80000001, "a single step to CPUID");
	ptrace(PTRACE_CONT, child, 0, 0);
	waitpid(child, &status, 0);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 7, "and it ends as it would have");
}

int main(void)
{
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		check(is_right(&kinds[i]), "%s: what CPUID returns", kinds[i].name);
		if (kinds[i].ask != with_clear)
			check(keeps_flags(&kinds[i]), "%s: flags", kinds[i].name);
	}
	interrupted();
	stepped();
	return verdict();
}
