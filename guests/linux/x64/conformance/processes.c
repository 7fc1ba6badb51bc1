/* A thousand processes that each run a program: every one gets and gives back the page table that holds the window. */
#include "check.h"

/* The sum of the numbers behind a word in a file of the kernel's. */
static long sum(const char *file, const char *format)
{
	char line[256];
	long all = 0, one;
	FILE *info = fopen(file, "r");
	while (info && fgets(line, sizeof line, info))
		all += sscanf(line, format, &one) == 1 ? one : 0;
	if (info)
		fclose(info);
	return all;
}

/* Those in the processor's own lists, which come and go by thousands, included. */
static long free_kilobytes(void)
{
	return sum("/proc/meminfo", "MemFree: %ld") + 4 * sum("/proc/zoneinfo", " count: %ld");
}

static int spawn(const char *self)
{
	int status = -1;
	pid_t child = fork();
	if (child == 0) {
		execl(self, self, "child", NULL);
		_exit(100);
	}
	waitpid(child, &status, 0);
	return status;
}

int main(int count, char **arguments)
{
	if (count > 1)
		return 7;
	int wrong = 0;
	for (int i = 0; i < 100; i++) /* until caches are as large as they get */
		wrong += WEXITSTATUS(spawn(arguments[0])) != 7;
	long before = free_kilobytes();
	for (int i = 0; i < 1000; i++)
		wrong += WEXITSTATUS(spawn(arguments[0])) != 7;
	check(wrong == 0, "1,100 children ended well");
	/* A lost page each would be 4,000 KiB. */
	check(before - free_kilobytes() < 2000, "their memory is free again");
	return verdict();
}
