/*
 * What the operating system's primitives cost: a static i386 program that runs alike on the host and in a guest, so that the two columns differ by
 * the virtual machine alone. Each row is the best of several rounds. Usage: micro [ROW...]; prints "name nanoseconds-per-operation".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE	4096

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Set by rows whose preparation does not count. */
static double measured;

static void cpu_integer(int n)
{
	uint32_t x = 12345;

	for (int i = 0; i < n * 1000; i++)
		x = (x ^ x << 13) * 2654435761u + (x >> 7);
	__asm__ volatile("" : : "r"(x));
}

static void cpu_float(int n)
{
	double x = 1.000001, y = 0.5;

	for (int i = 0; i < n * 1000; i++)
		y = y * x + 1.0 / (y + 1.5);
	__asm__ volatile("" : : "m"(y));
}

#define COPY_SIZE (8 << 20)

static void memory_copy(int n)
{
	/* Given back at once: a process that forks should be small. */
	char *from = mmap(NULL, 2 * COPY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(from, 1, 2 * COPY_SIZE);
	double start = now();
	for (int i = 0; i < n; i++)
		memcpy(from + COPY_SIZE, from, COPY_SIZE);
	measured = now() - start;
	munmap(from, 2 * COPY_SIZE);
}

static void null_call(int n)
{
	for (int i = 0; i < n; i++)
		getppid();
}

static void stat_file(int n)
{
	for (int i = 0; i < n; i++)
		access("/proc/self", F_OK);
}

static void read_zero(int n)
{
	int fd = open("/dev/zero", O_RDONLY);
	char c;

	for (int i = 0; i < n; i++)
		(void)!read(fd, &c, 1);
	close(fd);
}

static void first_touch(int n)
{
	while (n > 0) {
		int pages = n < 1024 ? n : 1024;
		char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (int i = 0; i < pages; i++)
			p[i * PAGE] = 1;
		munmap(p, pages * PAGE);
		n -= pages;
	}
}

static void pipe_round_trip(int n)
{
	int there[2], back[2];
	char c = 0;

	if (pipe(there) || pipe(back))
		exit(1);
	pid_t child = fork();
	if (child == 0) {
		while (n-- > 0 && read(there[0], &c, 1) == 1)
			(void)!write(back[1], &c, 1);
		_exit(0);
	}
	for (int i = 0; i < n; i++) {
		(void)!write(there[1], &c, 1);
		(void)!read(back[0], &c, 1);
	}
	waitpid(child, NULL, 0);
	close(there[0]), close(there[1]), close(back[0]), close(back[1]);
}

static void fork_exit(int n)
{
	for (int i = 0; i < n; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
	}
}

static const char *self;

static void fork_exec(int n)
{
	for (int i = 0; i < n; i++) {
		pid_t child = fork();

		if (child == 0) {
			execl(self, self, "--exit", NULL);
			_exit(1);
		}
		waitpid(child, NULL, 0);
	}
}

static const struct {
	const char *name;
	void (*run)(int n);
	int n;
} rows[] = {
	{ "cpu-integer", cpu_integer, 2000 },
	{ "cpu-float", cpu_float, 2000 },
	{ "memory-copy-8M", memory_copy, 4 },
	{ "null-call", null_call, 20000 },
	{ "access", stat_file, 5000 },
	{ "read-zero", read_zero, 10000 },
	{ "first-touch", first_touch, 4096 },
	{ "pipe-round-trip", pipe_round_trip, 1000 },
	{ "fork-exit", fork_exit, 100 },
	{ "fork-exec", fork_exec, 100 },
};

static int wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return 1;
	return argc == 1;
}

int main(int argc, char **argv)
{
	cpu_set_t one;
	const int rounds = 7;

	if (argc > 1 && !strcmp(argv[1], "--exit"))
		return 0;
	self = "/proc/self/exe";
	/* Both processes of a pair on one CPU, as in a guest, which has only one. */
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof one, &one);
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		double best = 1e18;

		if (!wanted(rows[i].name, argc, argv))
			continue;
		for (int round = 0; round < rounds; round++) {
			double start = now();

			measured = 0;
			rows[i].run(rows[i].n);
			double took = (measured ? measured : now() - start) / rows[i].n;
			if (took < best)
				best = took;
		}
		printf("%-16s %.1f\n", rows[i].name, best);
		fflush(stdout);
	}
	return 0;
}
