/* Computation that the operating system has no part in. */
#include <stdint.h>

#include "micro.h"

static double integer(long n)
{
	uint32_t x = 12345;
	double start = now();

	for (long i = 0; i < n; i++)
		x = (x ^ x << 13) * 2654435761u + (x >> 7);
	__asm__ volatile("" : : "r"(x));
	return now() - start;
}

static double divide(long n)
{
	uint32_t x = 0xFFFFFFFF;
	double start = now();

	for (long i = 0; i < n; i++)
		x = 0xFFFFFFFF / ((x & 0xFFFF) + 3);
	__asm__ volatile("" : : "r"(x));
	return now() - start;
}

static double x87(long n)
{
	double x = 1.000001, y = 0.5, start = now();

	for (long i = 0; i < n; i++)
		y = y * x + 1.0 / (y + 1.5);
	__asm__ volatile("" : : "m"(y));
	return now() - start;
}

__attribute__((target("sse2,fpmath=sse"))) static double sse2(long n)
{
	double x = 1.000001, y = 0.5, start = now();

	for (long i = 0; i < n; i++)
		y = y * x + 1.0 / (y + 1.5);
	__asm__ volatile("" : : "m"(y));
	return now() - start;
}

static const struct row rows[] = {
    {"cpu-integer", integer},
    {"cpu-divide", divide},
    {"fpu-x87", x87},
    {"fpu-sse2", sse2},
};

const struct group compute_rows = {rows, ROWS(rows)};
