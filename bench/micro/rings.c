/*
 * Processes that pass a token round a ring of pipes; each reads its working set when it has the token. An operation of the rings is one pass of the
 * token, so one switch of process; of the round trips there and back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "micro.h"

#define MOST_PROCESSES 16
#define WARM_UP 50 /* rounds that do not count: new processes meet their pages in them */

static void pass(int from, int to, const char *set, size_t bytes)
{
	uint32_t sum = 0;
	char token;

	check(read(from, &token, 1) == 1, "the ring's pipe");
	for (size_t i = 0; i < bytes; i += sizeof sum)
		sum += *(const uint32_t *)(set + i);
	__asm__ volatile("" : : "r"(sum));
	check(write(to, &token, 1) == 1, "the ring's pipe");
}

/* This process is one of the ring: it puts the token in, and takes it out when all have made their rounds. */
static double ring(long n, int processes, size_t bytes)
{
	int pipes[MOST_PROCESSES][2];
	long rounds = n / processes + 1;
	char token = 0;
	/* With room for none: a set of no bytes is never read. */
	char *set = map_pages(bytes + PAGE);

	memset(set, 1, bytes);
	for (int i = 0; i < processes; i++)
		check(pipe(pipes[i]) == 0, "pipe");
	for (int i = 1; i < processes; i++) {
		pid_t child = fork();

		check(child >= 0, "fork");
		if (child == 0) {
			memset(set, i, bytes); /* its own pages from here on */
			for (long round = 0; round < WARM_UP + rounds; round++)
				pass(pipes[i - 1][0], pipes[i][1], set, bytes);
			_exit(0);
		}
	}
	int first = pipes[0][1], last = pipes[processes - 1][0];
	check(write(first, &token, 1) == 1, "the ring's pipe");
	for (int round = 0; round < WARM_UP; round++)
		pass(last, first, set, bytes);
	double start = now();
	for (long round = 1; round < rounds; round++)
		pass(last, first, set, bytes);
	check(read(last, &token, 1) == 1, "the ring's pipe");
	double took = now() - start;
	for (int i = 0; i < processes; i++)
		close(pipes[i][0]), close(pipes[i][1]);
	for (int i = 1; i < processes; i++)
		wait(NULL);
	munmap(set, bytes + PAGE);
	return took * n / (rounds * processes);
}

static double ring_2(long n)
{
	return ring(n, 2, 0);
}

static double ring_2_16k(long n)
{
	return ring(n, 2, 16 << 10);
}

static double ring_8_16k(long n)
{
	return ring(n, 8, 16 << 10);
}

static double ring_8_64k(long n)
{
	return ring(n, 8, 64 << 10);
}

static double ring_16_64k(long n)
{
	return ring(n, 16, 64 << 10);
}

static void go_and_come_back(int to, int from, long n)
{
	char c = 0;

	for (long i = 0; i < n; i++)
		check(write(to, &c, 1) == 1 && read(from, &c, 1) == 1, "round trip");
}

static double round_trip(long n, int mine[2], int its[2])
{
	pid_t child = fork();

	check(child >= 0, "fork");
	if (child == 0) {
		for (long i = 0; i < WARM_UP + n; i++)
			pass(its[0], its[1], NULL, 0);
		_exit(0);
	}
	go_and_come_back(mine[1], mine[0], WARM_UP);
	double start = now();
	go_and_come_back(mine[1], mine[0], n);
	double took = now() - start;
	waitpid(child, NULL, 0);
	return took;
}

static double pipe_round_trip(long n)
{
	int there[2], back[2];

	check(pipe(there) == 0 && pipe(back) == 0, "pipe");
	double took = round_trip(n, (int[]){back[0], there[1]}, (int[]){there[0], back[1]});
	close(there[0]), close(there[1]), close(back[0]), close(back[1]);
	return took;
}

static double socket_round_trip(long n)
{
	int pair[2];

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
	double took = round_trip(n, (int[]){pair[0], pair[0]}, (int[]){pair[1], pair[1]});
	close(pair[0]), close(pair[1]);
	return took;
}

static const struct row rows[] = {
    {"pipe-round-trip", pipe_round_trip},
    {"socket-round-trip", socket_round_trip},
    {"ring-2-0K", ring_2},
    {"ring-2-16K", ring_2_16k},
    {"ring-8-16K", ring_8_16k},
    {"ring-8-64K", ring_8_64k},
    {"ring-16-64K", ring_16_64k},
};

const struct group ring_rows = {rows, ROWS(rows)};
