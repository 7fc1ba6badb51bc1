/* Files made and removed in /tmp, which is memory on every machine: the host's disk has no part in it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "micro.h"

#define MOST 500L /* at a time */

static char contents[10 << 10];

static double create(long n, size_t bytes)
{
	char name[32];
	double start = now();

	for (long i = 0; i < n; i++) {
		snprintf(name, sizeof name, "/tmp/files/%ld", i);
		int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		check(fd >= 0, name);
		check(write(fd, contents, bytes) == (ssize_t)bytes, name);
		close(fd);
	}
	return now() - start;
}

static double delete (long n)
{
	char name[32];
	double start = now();

	for (long i = 0; i < n; i++) {
		snprintf(name, sizeof name, "/tmp/files/%ld", i);
		unlink(name);
	}
	return now() - start;
}

static double both(long n, size_t bytes, int count_creation)
{
	double created = 0, deleted = 0;

	memset(contents, 1, sizeof contents);
	mkdir("/tmp/files", 0700);
	for (long files; n > 0; n -= files) {
		files = n < MOST ? n : MOST;
		created += create(files, bytes);
		deleted += delete (files);
	}
	rmdir("/tmp/files");
	return count_creation ? created : deleted;
}

static double create_empty(long n)
{
	return both(n, 0, 1);
}

static double delete_empty(long n)
{
	return both(n, 0, 0);
}

static double create_10k(long n)
{
	return both(n, sizeof contents, 1);
}

static double delete_10k(long n)
{
	return both(n, sizeof contents, 0);
}

static const struct row rows[] = {
    {"file-create-0K", create_empty},
    {"file-delete-0K", delete_empty},
    {"file-create-10K", create_10k},
    {"file-delete-10K", delete_10k},
};

const struct group file_rows = {rows, ROWS(rows)};
