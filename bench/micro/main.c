/*
 * What the operating system's primitives cost: a static program that runs alike on the host and in every guest, so that two columns differ by
 * the machine alone. Each row's loop is made long enough for the clock first, which also warms it up; then come the rounds that count.
 *
 *   micro [--target MS] [--rounds N] [ROW...]   "@row NAME n ns ns ..." for each row: operations a round, then each round's nanoseconds an operation
 *   micro [--target MS] --fixed N ROW           the row N times and no more: for counting what one operation costs
 *   micro --time NAME COMMAND...                "@row NAME 1 ns": how long the command takes
 *   micro --hold MIB                            touches so much memory, says "@held", and stays for two seconds
 *   micro --exit | --power-off                  ends at once | ends the machine
 *
 * "@clock S" before and after lets the host compare its clock with this one; "@cpu USER SYSTEM" at the end tells how the processor was used, in
 * seconds.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "micro.h"

static const struct group *const groups[] = {
    &compute_rows, &memory_rows, &call_rows, &signal_rows, &fault_rows, &process_rows, &ring_rows, &file_rows,
};

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

void check(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

char *map_pages(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED, "mmap");
	madvise(p, bytes, MADV_NOHUGEPAGE); /* kernels without huge pages refuse, which is as good */
	return p;
}

static void tell_clock(void)
{
	printf("@clock %.9f\n", now() / 1e9);
	fflush(stdout);
}

static double seconds(struct timeval t)
{
	return t.tv_sec + t.tv_usec / 1e6;
}

static void tell_cpu(void)
{
	struct rusage own, children;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	printf("@cpu %.6f %.6f\n", seconds(own.ru_utime) + seconds(children.ru_utime), seconds(own.ru_stime) + seconds(children.ru_stime));
}

/* The number of operations that take the wanted time. */
static long calibrate(const struct row *row, double target)
{
	const long most = 1L << 30;
	long n = 1;

	for (;;) {
		double took = row->run(n), factor = took > target / 100 ? 1.2 * target / took : 100;

		if (took >= target * 0.8 || n >= most)
			return n;
		n = (long)(n * factor) + 1;
		if (n < 0 || n > most)
			n = most;
	}
}

static void measure(const struct row *row, double target, int rounds)
{
	long n = calibrate(row, target);

	printf("@row %s %ld", row->name, n);
	for (int round = 0; round < rounds; round++)
		printf(" %.2f", row->run(n) / n);
	printf("\n");
	fflush(stdout);
}

static int wanted(const char *name, char **names)
{
	for (char **n = names; *n; n++)
		if (!strcmp(*n, name))
			return 1;
	return !*names;
}

static int run_rows(char **names, double target, int rounds, long fixed)
{
	int found = 0;

	for (size_t g = 0; g < ROWS(groups); g++)
		for (size_t r = 0; r < groups[g]->count; r++) {
			const struct row *row = &groups[g]->rows[r];

			if (!wanted(row->name, names))
				continue;
			found = 1;
			if (fixed)
				printf("@row %s %ld %.2f\n", row->name, fixed, row->run(fixed) / fixed);
			else
				measure(row, target, rounds);
		}
	if (!found)
		fprintf(stderr, "micro: there is no row of this name\n");
	return !found;
}

static int time_command(const char *name, char **command)
{
	double start = now();
	pid_t child = fork();
	int status;

	check(child >= 0, "fork");
	if (child == 0) {
		execvp(*command, command);
		perror(*command);
		_exit(127);
	}
	waitpid(child, &status, 0);
	double took = now() - start;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return 1;
	printf("@row %s 1 %.0f\n", name, took);
	return 0;
}

static int hold(size_t mib)
{
	char *p = map_pages(mib << 20);

	for (size_t i = 0; i < mib << 20; i += PAGE)
		p[i] = 1;
	printf("@held\n");
	fflush(stdout);
	sleep(2);
	return 0;
}

int main(int argc, char **argv)
{
	double target = 20e6;
	int rounds = 5, status;
	long fixed = 0;

	for (argv++; *argv && !strncmp(*argv, "--", 2); argv++) {
		if (!strcmp(*argv, "--exit"))
			return 0;
		if (!strcmp(*argv, "--power-off"))
			return sync(), reboot(RB_POWER_OFF);
		check(argv[1] != NULL, *argv);
		if (!strcmp(*argv, "--hold"))
			return hold(atoi(argv[1]));
		if (!strcmp(*argv, "--time"))
			break;
		if (!strcmp(*argv, "--target"))
			target = atof(*++argv) * 1e6;
		else if (!strcmp(*argv, "--rounds"))
			rounds = atoi(*++argv);
		else if (!strcmp(*argv, "--fixed"))
			fixed = atol(*++argv);
		else
			return fprintf(stderr, "micro: %s is not understood\n", *argv), 2;
	}
	(void)argc;
	tell_clock();
	if (*argv && !strcmp(*argv, "--time")) {
		status = time_command(argv[1], argv + 2);
	} else {
		cpu_set_t one;

		/* All processes of a row on one CPU, as in a guest, which has only one. */
		CPU_ZERO(&one);
		CPU_SET(sched_getcpu(), &one);
		sched_setaffinity(0, sizeof one, &one);
		status = run_rows(argv, target, rounds, fixed);
	}
	tell_clock();
	tell_cpu();
	return status;
}
