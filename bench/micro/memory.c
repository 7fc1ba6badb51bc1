/* Bandwidth and latency of memory. An operation of the bandwidth rows is a pass over 8 MiB, of the latency rows one dependent load. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "micro.h"

#define SIZE (8 << 20)
#define LINE 64

/* Given back after each round: a process that forks should be small. */
static char *filled(size_t bytes)
{
	char *p = map_pages(bytes);

	memset(p, 1, bytes);
	return p;
}

/* In the largest pages that the system gives to who asks for them. */
static char *filled_in_large_pages(size_t bytes)
{
	const size_t large = 2 << 20;
	char *p = mmap(NULL, bytes + large, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED, "mmap");
	size_t before = -(uintptr_t)p % large;
	if (before)
		munmap(p, before);
	munmap(p + before + bytes, large - before);
	madvise(p + before, bytes, MADV_HUGEPAGE);
	memset(p + before, 1, bytes);
	return p + before;
}

static double read_from(char *p, long n)
{
	uint32_t sum = 0;
	double start = now();

	for (long i = 0; i < n; i++)
		for (uint32_t *w = (uint32_t *)p; w < (uint32_t *)(p + SIZE); w += 4)
			sum += w[0] + w[1] + w[2] + w[3];
	__asm__ volatile("" : : "r"(sum));
	double took = now() - start;
	munmap(p, SIZE);
	return took;
}

static double write_to(char *p, long n)
{
	double start = now();

	for (long i = 0; i < n; i++)
		memset(p, (int)i, SIZE);
	double took = now() - start;
	munmap(p, SIZE);
	return took;
}

/* From the first half to the second. */
static double copy_in(char *p, long n)
{
	double start = now();

	for (long i = 0; i < n; i++)
		memcpy(p + SIZE, p, SIZE);
	double took = now() - start;
	munmap(p, 2 * SIZE);
	return took;
}

static double read_memory(long n)
{
	return read_from(filled(SIZE), n);
}

static double write_memory(long n)
{
	return write_to(filled(SIZE), n);
}

static double copy_memory(long n)
{
	return copy_in(filled(2 * SIZE), n);
}

static double read_large(long n)
{
	return read_from(filled_in_large_pages(SIZE), n);
}

static double write_large(long n)
{
	return write_to(filled_in_large_pages(SIZE), n);
}

static double copy_large(long n)
{
	return copy_in(filled_in_large_pages(2 * SIZE), n);
}

/* One cycle through all lines in random order (Sattolo), so that no prefetcher guesses the next. */
static double chase(long n, size_t bytes)
{
	size_t lines = bytes / LINE;
	char *p = filled(bytes);
	uint32_t *order = malloc(lines * sizeof *order), seed = 1;

	check(order != NULL, "malloc");
	for (size_t i = 0; i < lines; i++)
		order[i] = i;
	for (size_t i = lines - 1; i > 0; i--) {
		seed = seed * 1664525 + 1013904223;
		size_t j = (seed >> 8) % i;
		uint32_t t = order[i];
		order[i] = order[j], order[j] = t;
	}
	for (size_t i = 0; i < lines; i++)
		*(char **)(p + order[i] * LINE) = p + order[(i + 1) % lines] * LINE;
	free(order);
	char *volatile *at = (char *volatile *)p;
	double start = now();
	for (long i = 0; i < n; i++)
		at = (char *volatile *)*at;
	double took = now() - start;
	munmap(p, bytes);
	return took;
}

static double latency_32k(long n)
{
	return chase(n, 32 << 10);
}

static double latency_16m(long n)
{
	return chase(n, 16 << 20);
}

static const struct row rows[] = {
    {"memory-read-8M", read_memory},   {"memory-write-8M", write_memory},   {"memory-copy-8M", copy_memory},
    {"memory-read-large", read_large}, {"memory-write-large", write_large}, {"memory-copy-large", copy_large},
    {"latency-32K", latency_32k},    {"latency-16M", latency_16m},
};

const struct group memory_rows = {rows, ROWS(rows)};
