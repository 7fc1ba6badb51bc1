/* System calls that do little. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "micro.h"

#define A_FILE "/etc/passwd"

static double null_call(long n)
{
	double start = now();

	for (long i = 0; i < n; i++)
		getppid();
	return now() - start;
}

static double read_clock(long n)
{
	struct timespec t;
	double start = now();

	for (long i = 0; i < n; i++)
		clock_gettime(CLOCK_MONOTONIC, &t);
	return now() - start;
}

static double read_zero(long n)
{
	int fd = open("/dev/zero", O_RDONLY);
	char c;

	check(fd >= 0, "/dev/zero");
	double start = now();
	for (long i = 0; i < n; i++)
		(void)!read(fd, &c, 1);
	double took = now() - start;
	close(fd);
	return took;
}

static double read_4k(long n)
{
	static char page[PAGE];
	int fd = open("/tmp/micro-page", O_RDWR | O_CREAT | O_TRUNC, 0600);

	check(fd >= 0 && write(fd, page, PAGE) == PAGE, "/tmp/micro-page");
	unlink("/tmp/micro-page");
	double start = now();
	for (long i = 0; i < n; i++)
		(void)!pread(fd, page, PAGE, 0);
	double took = now() - start;
	close(fd);
	return took;
}

static double write_null(long n)
{
	int fd = open("/dev/null", O_WRONLY);
	char c = 0;

	check(fd >= 0, "/dev/null");
	double start = now();
	for (long i = 0; i < n; i++)
		(void)!write(fd, &c, 1);
	double took = now() - start;
	close(fd);
	return took;
}

static double stat_file(long n)
{
	struct stat s;
	double start = now();

	for (long i = 0; i < n; i++)
		check(stat(A_FILE, &s) == 0, A_FILE);
	return now() - start;
}

static double open_close(long n)
{
	double start = now();

	for (long i = 0; i < n; i++) {
		int fd = open(A_FILE, O_RDONLY);

		check(fd >= 0, A_FILE);
		close(fd);
	}
	return now() - start;
}

static double poll_64(long n)
{
	struct pollfd files[64];
	int pipe_ends[2];

	check(pipe(pipe_ends) == 0, "pipe");
	for (int i = 0; i < 64; i++)
		files[i] = (struct pollfd){.fd = pipe_ends[0], .events = POLLIN};
	double start = now();
	for (long i = 0; i < n; i++)
		poll(files, 64, 0);
	double took = now() - start;
	close(pipe_ends[0]), close(pipe_ends[1]);
	return took;
}

static double map_1m(long n)
{
	double start = now();

	for (long i = 0; i < n; i++)
		munmap(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1 << 20);
	return now() - start;
}

static const struct row rows[] = {
    {"null-call", null_call}, {"clock", read_clock},	  {"read-zero", read_zero}, {"read-4K", read_4k}, {"write-null", write_null},
    {"stat", stat_file},      {"open-close", open_close}, {"poll-64", poll_64},	    {"mmap-1M", map_1m},
};

const struct group call_rows = {rows, ROWS(rows)};
