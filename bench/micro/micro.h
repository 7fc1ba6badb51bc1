/* What the rows share. A row does its operation n times and returns the nanoseconds that this took, preparation not counted. */
#ifndef MICRO_H
#define MICRO_H

#include <stddef.h>

#define PAGE 4096
#define ROWS(rows) (sizeof(rows) / sizeof *(rows))

struct row {
	const char *name;
	double (*run)(long n);
};

struct group {
	const struct row *rows;
	size_t count;
};

extern const struct group compute_rows, memory_rows, call_rows, signal_rows, fault_rows, process_rows, ring_rows, file_rows;

/* The guest's clock, in nanoseconds. */
double now(void);

/* Ends the program with a sentence when the system refuses what a row needs. */
void check(int good, const char *what);

/* Memory of small pages, so that a fault is a fault of one page on every machine. */
char *map_pages(size_t bytes);

#endif
