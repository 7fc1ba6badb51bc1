/* Page faults. An operation is one fault. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "micro.h"

#define MOST 1024L /* pages at a time */
#define AROUND 16  /* pages that Linux maps around a fault in a file */

static long at_most(long n, long most)
{
	return n < most ? n : most;
}

/* Pages in an order that nobody can merge into runs: 1,024 and 421 have no common divisor. */
static long scattered(long i, long pages)
{
	return pages == MOST ? i * 421 % MOST : i;
}

static double anonymous(long n)
{
	double took = 0;

	for (long pages; n > 0; n -= pages) {
		pages = at_most(n, MOST);
		char *p = map_pages(pages * PAGE);
		double start = now();
		for (long i = 0; i < pages; i++)
			p[i * PAGE] = 1;
		took += now() - start;
		munmap(p, pages * PAGE);
	}
	return took;
}

/* As most programs get memory: from malloc, with the pages that the system chooses. */
static double plain(long n)
{
	const long pages = 4096;
	double took = 0;

	for (; n > 0; n -= pages) {
		char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		check(p != MAP_FAILED, "mmap");
		double start = now();
		for (long i = 0; i < at_most(n, pages); i++)
			p[i * PAGE] = 1;
		took += now() - start;
		munmap(p, pages * PAGE);
	}
	return took;
}

/* As in a program that works on much memory: in no order, and what the kernel needs is no longer in the first caches. */
static double cold(long n)
{
	const size_t others = 4 << 20, between = 64 << 10;
	char *other = map_pages(others);
	size_t at = 0;
	double took = 0;

	memset(other, 1, others);
	for (long pages; n > 0; n -= pages) {
		pages = at_most(n, MOST);
		char *p = map_pages(pages * PAGE);
		for (long i = 0; i < pages; i++) {
			for (size_t end = at + between; at < end; at += 64)
				(void)*(volatile char *)(other + at);
			at %= others;
			double start = now();
			p[scattered(i, pages) * PAGE] = 1;
			took += now() - start;
		}
		munmap(p, pages * PAGE);
	}
	munmap(other, others);
	return took;
}

/* The file is in the page cache; each touch makes Linux map 16 of its pages. */
static double file(long n)
{
	const size_t size = 256 * AROUND * PAGE;
	const char *name = "/tmp/page-fault-file";
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char page[PAGE];
	double took = 0;

	check(fd >= 0, name);
	memset(page, 1, sizeof page);
	for (size_t i = 0; i < size; i += PAGE)
		check(write(fd, page, PAGE) == PAGE, name);
	for (long faults; n > 0; n -= faults) {
		faults = at_most(n, 256);
		char *p = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
		check(p != MAP_FAILED, "mmap");
		double start = now();
		for (long i = 0; i < faults; i++)
			(void)*(volatile char *)(p + i * AROUND * PAGE);
		took += now() - start;
		munmap(p, size);
	}
	close(fd);
	unlink(name);
	return took;
}

/* The first write to a page that a child shares. */
static double copy_on_write(long n)
{
	char *p = map_pages(MOST * PAGE);
	double took = 0;

	memset(p, 1, MOST * PAGE);
	for (long pages; n > 0; n -= pages) {
		int hold[2];
		char c;

		pages = at_most(n, MOST);
		check(pipe(hold) == 0, "pipe");
		pid_t child = fork();
		check(child >= 0, "fork");
		if (child == 0) {
			close(hold[1]);
			_exit(read(hold[0], &c, 1) != 0); /* until the parent has closed its end */
		}
		double start = now();
		for (long i = 0; i < pages; i++)
			p[i * PAGE] = 2;
		took += now() - start;
		close(hold[0]), close(hold[1]);
		waitpid(child, NULL, 0);
	}
	munmap(p, MOST * PAGE);
	return took;
}

static const struct row rows[] = {
    {"page-fault-anon", anonymous}, {"page-fault-plain", plain},
    {"page-fault-cold", cold},
    {"page-fault-file", file},
    {"page-fault-cow", copy_on_write},
};

const struct group fault_rows = {rows, ROWS(rows)};
