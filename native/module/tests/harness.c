#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "harness.h"

void require(int condition, const char *text, const char *function, int line)
{
	if (condition)
		return;
	printf("FAILED: %s:%d: %s (errno %d)\n", function, line, text, errno);
	exit(1);
}

void harness_open(struct harness *harness, uint64_t ram_size)
{
	struct lily_create_argument argument = {.ram_size = ram_size, .max_pool_pages = 128};

	harness->ram_size = ram_size;
	harness->device = open("/dev/lilyvm", O_RDWR);
	REQUIRE(harness->device >= 0);
	harness->ram = mmap(NULL, ram_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(harness->ram != MAP_FAILED);
	argument.ram_address = (uintptr_t)harness->ram;
	REQUIRE(ioctl(harness->device, LILY_IOCTL_CREATE, &argument) == 0);
	harness->record = mmap(NULL, LILY_RUN_RECORD_PAGES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, harness->device, 0);
	REQUIRE(harness->record != MAP_FAILED);
}

void harness_close(struct harness *harness)
{
	munmap((void *)harness->record, LILY_RUN_RECORD_PAGES * 4096);
	close(harness->device);
	munmap(harness->ram, harness->ram_size);
}

int harness_run(struct harness *harness)
{
	return ioctl(harness->device, LILY_IOCTL_RUN) == 0 ? 0 : errno;
}

uint64_t harness_command(struct harness *harness, uint64_t command, uint64_t service, uint64_t argument)
{
	int error;

	WORD(harness, COMMAND) = command;
	WORD(harness, SERVICE) = service;
	WORD(harness, ARGUMENT) = argument;
	WORD(harness, RESULT) = 0;
	do
		error = harness_run(harness);
	while (error == EINTR);
	REQUIRE(error == 0);
	if (WORD(harness, TRAP))
		printf("exception %llu, error %llx, at %llx\n", (unsigned long long)WORD(harness, TRAP),
		       (unsigned long long)WORD(harness, TRAP_ERROR), (unsigned long long)WORD(harness, TRAP_IP));
	REQUIRE(WORD(harness, TRAP) == 0);
	return WORD(harness, RESULT);
}
