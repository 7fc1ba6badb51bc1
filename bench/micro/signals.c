/* Signals and the faults that become signals. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "micro.h"

static void nothing(int number)
{
	(void)number;
}

static double install(long n)
{
	struct sigaction action = {.sa_handler = nothing};
	double start = now();

	for (long i = 0; i < n; i++)
		sigaction(SIGUSR1, &action, NULL);
	return now() - start;
}

static double deliver(long n)
{
	pid_t me = getpid();

	signal(SIGUSR1, nothing);
	double start = now();
	for (long i = 0; i < n; i++)
		kill(me, SIGUSR1);
	return now() - start;
}

#ifdef __x86_64__
#define REG_IP REG_RIP
#define A_REGISTER "%%rax"
#else
#define REG_IP REG_EIP
#define A_REGISTER "%%eax"
#endif

/* Goes on behind the faulting instruction, a movb of three bytes. */
static void skip(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_IP] += 3;
}

static double protection_fault(long n)
{
	struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED, "mmap");
	sigaction(SIGSEGV, &action, NULL);
	double start = now();
	for (long i = 0; i < n; i++)
		__asm__ volatile("movb $0,(" A_REGISTER ")" : : "a"(p) : "memory");
	double took = now() - start;
	signal(SIGSEGV, SIG_DFL);
	munmap(p, PAGE);
	return took;
}

static const struct row rows[] = {
    {"signal-install", install},
    {"signal-deliver", deliver},
    {"protection-fault", protection_fault},
};

const struct group signal_rows = {rows, ROWS(rows)};
