/*
 * Tests of the kernel module, each by its name on the command line, in the lab with a module that was built for the test hypervisor.
 * For fuzz a number of calls may follow.
 * Without an error the program says OK and ends with 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "harness.h"

#define MEBIBYTE (1u << 20)
#define FOREVER UINT64_MAX

static void services(void)
{
	struct harness h;

	harness_open(&h, 4 * MEBIBYTE);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_NONE, 0) == 0);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_HALT, 1000000) == 0);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_TIMER, 1000) == 0);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_TIMER, FOREVER) == 0);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_GUEST_PAGE, 0) == 0);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_GUEST_PAGE, 1023) == 0);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_GUEST_PAGE, 1024) == EINVAL);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_GUEST_PAGE, FOREVER) == EINVAL);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_POOL_PAGES, 60) == 0);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_POOL_PAGES, FOREVER) == 0);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_POOL_PAGES, 1) == ENOMEM);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, 99, 0) == 0);
	harness_close(&h);
}

/* Guest RAM is the process's memory, whatever happens to it. */
static void memory(void)
{
	struct harness h;
	uint64_t page, pages = 8 * MEBIBYTE / 4096, most = 16; /* that come at a time */

	harness_open(&h, 8 * MEBIBYTE);
	for (page = 0; page < pages; page += 2)
		*(uint64_t *)(h.ram + page * 4096) = page;
	REQUIRE(harness_command(&h, COMMAND_FILL, 0, 5) == 0);
	REQUIRE(WORD(&h, FAULTS) >= pages / most && WORD(&h, FAULTS) <= pages / most * 2);
	for (page = 0; page < pages; page++)
		REQUIRE(*(uint64_t *)(h.ram + page * 4096) == (page % 2 ? 5 : page + 5));
	/* Taken back: the next run fetches what the process has there now. */
	REQUIRE(mmap(h.ram, 4 * MEBIBYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == h.ram);
	REQUIRE(harness_command(&h, COMMAND_FILL, 0, 7) == 0);
	REQUIRE(WORD(&h, FAULTS) >= (pages + pages / 2) / most && WORD(&h, FAULTS) <= pages / most * 4);
	REQUIRE(*(uint64_t *)h.ram == 7 && *(uint64_t *)(h.ram + 4096) == 7);
	REQUIRE(*(uint64_t *)(h.ram + 4 * MEBIBYTE + 4096) == 12);
	/* One of those that would come along is not writable: the others before it are there all the same. */
	REQUIRE(madvise(h.ram, most * 4096, MADV_DONTNEED) == 0);
	REQUIRE(mprotect(h.ram + 5 * 4096, 4096, PROT_READ) == 0);
	REQUIRE(harness_command(&h, COMMAND_FILL, 0, 1) == EFAULT);
	REQUIRE(*(uint64_t *)(h.ram + 4 * 4096) == 1);
	REQUIRE(mprotect(h.ram + 5 * 4096, 4096, PROT_READ | PROT_WRITE) == 0);
	/* Not writable, then not there: an error number, not an exception. */
	REQUIRE(mprotect(h.ram, 4096, PROT_READ) == 0);
	REQUIRE(harness_command(&h, COMMAND_FILL, 0, 1) == EFAULT);
	REQUIRE(munmap(h.ram, 4096) == 0);
	REQUIRE(harness_command(&h, COMMAND_FILL, 0, 1) == EFAULT);
	harness_close(&h);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int signal)
{
	(void)signal;
	alarms++;
}

static void start_alarms(int microseconds)
{
	struct sigaction action = {.sa_handler = on_alarm};
	timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	struct itimerspec interval = {{0, microseconds * 1000}, {0, microseconds * 1000}};

	alarms = 0;
	sigaction(SIGALRM, &action, NULL);
	REQUIRE(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	REQUIRE(timer_settime(timer, 0, &interval, NULL) == 0);
}

/* Runs the guest that never exits until a number of signals came; each must end the run with EINTR. */
static void guest_until(struct harness *h, int signals)
{
	WORD(h, COMMAND) = COMMAND_GUEST;
	WORD(h, STOP) = 0;
	WORD(h, COUNT) = 0;
	start_alarms(20000);
	while (alarms < signals)
		REQUIRE(harness_run(h) == EINTR);
	signal(SIGALRM, SIG_IGN);
	WORD(h, STOP) = 1;
	REQUIRE(harness_command(h, COMMAND_GUEST, 0, 0) == 0);
	REQUIRE(WORD(h, COUNT) > 0);
	REQUIRE(WORD(h, INTERRUPTS) > 0);
}

/* An endless loop in the guest: signals arrive, its registers and this program's survive. */
static void spin(void)
{
	struct harness h;
	double sum = 0;

	harness_open(&h, 4 * MEBIBYTE);
	guest_until(&h, 50);
	for (int i = 0; i < 1000; i++)
		sum += i * 0.5;
	REQUIRE(sum == 249750);
	harness_close(&h);
}

static void *hammer(void *argument)
{
	struct harness *h = argument;
	unsigned int seed = 1;

	while (!WORD(h, STOP)) {
		uint64_t page = rand_r(&seed) % (h->ram_size / 4096);

		madvise(h->ram + page * 4096, 4096 * 16, MADV_DONTNEED);
	}
	return NULL;
}

/* Another thread takes pages back while the hypervisor uses them. The mapping is shared, so nothing may get lost. */
static void pressure(void)
{
	struct harness h;
	pthread_t thread;
	uint64_t page;
	int i;

	harness_open(&h, 2 * MEBIBYTE);
	REQUIRE(pthread_create(&thread, NULL, hammer, &h) == 0);
	for (i = 0; i < 10; i++)
		REQUIRE(harness_command(&h, COMMAND_FILL, 0, 1) == 0);
	WORD(&h, STOP) = 1;
	pthread_join(thread, NULL);
	for (page = 0; page < h.ram_size / 4096; page++)
		REQUIRE(*(uint64_t *)(h.ram + page * 4096) == 10);
	harness_close(&h);
}

static void *kicker(void *argument)
{
	struct harness *h = argument;

	while (!WORD(h, STOP)) {
		REQUIRE(ioctl(h->device, LILY_IOCTL_KICK) == 0);
		usleep(1000);
	}
	return NULL;
}

/* A guest that waits for ever wakes at each kick, and at a signal. */
static void kicks(void)
{
	struct harness h;
	pthread_t thread;
	int i;

	harness_open(&h, 4 * MEBIBYTE);
	REQUIRE(ioctl(h.device, LILY_IOCTL_KICK) == 0);
	REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_HALT, FOREVER) == 0);
	REQUIRE(pthread_create(&thread, NULL, kicker, &h) == 0);
	for (i = 0; i < 100; i++)
		REQUIRE(harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_HALT, FOREVER) == 0);
	WORD(&h, STOP) = 1;
	pthread_join(thread, NULL);
	harness_command(&h, COMMAND_SERVICE, LILY_SERVICE_HALT, 1000);
	WORD(&h, COMMAND) = COMMAND_SERVICE;
	WORD(&h, SERVICE) = LILY_SERVICE_HALT;
	WORD(&h, ARGUMENT) = FOREVER;
	start_alarms(20000);
	REQUIRE(harness_run(&h) == EINTR);
	harness_close(&h);
}

static void *second_run(void *argument)
{
	struct harness *h = argument;
	int error;

	do
		error = harness_run(h);
	while (error == EINTR);
	return (void *)(intptr_t)error;
}

/* Everything that the interface refuses. */
static void refusals(void)
{
	struct harness h, other;
	struct lily_create_argument good, bad;
	pthread_t thread;
	void *error;
	int status;
	pid_t child;

	other.device = open("/dev/lilyvm", O_RDWR);
	REQUIRE(ioctl(other.device, LILY_IOCTL_VERSION) == LILY_IMAGE_CURRENT_VERSION);
	REQUIRE(ioctl(other.device, LILY_IOCTL_RUN) == -1 && errno == ENXIO);
	REQUIRE(ioctl(other.device, LILY_IOCTL_KICK) == -1 && errno == ENXIO);
	REQUIRE(ioctl(other.device, 0x4c7f) == -1 && errno == ENOTTY);
	REQUIRE(mmap(NULL, 4096, PROT_READ, MAP_SHARED, other.device, 0) == MAP_FAILED && errno == ENXIO);
	REQUIRE(ioctl(other.device, LILY_IOCTL_CREATE, 8) == -1 && errno == EFAULT);
	good = (struct lily_create_argument){.ram_address = 0x10000000, .ram_size = MEBIBYTE, .max_pool_pages = 64};
#define REFUSED(field, value) \
	bad = good;           \
	bad.field = value;    \
	REQUIRE(ioctl(other.device, LILY_IOCTL_CREATE, &bad) == -1 && errno == EINVAL)
	REFUSED(ram_address, 0x10000001);
	REFUSED(ram_address, 0xfffffffffffff000);
	REFUSED(ram_address, 0xffffffff81000000);
	REFUSED(ram_size, 0);
	REFUSED(ram_size, 4095);
	REFUSED(ram_size, LILY_MAX_RAM + 4096ull);
	REFUSED(max_pool_pages, 63);
	REFUSED(max_pool_pages, LILY_MAX_POOL_PAGES + 1);
	REFUSED(reserved, 1);
	close(other.device);

	harness_open(&h, MEBIBYTE);
	good.ram_address = (uintptr_t)h.ram;
	REQUIRE(ioctl(h.device, LILY_IOCTL_CREATE, &good) == -1 && errno == EEXIST);
	REQUIRE(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, h.device, 0) == MAP_FAILED && errno == EINVAL);
	REQUIRE(mmap(NULL, 4096, PROT_READ, MAP_SHARED, h.device, 4096) == MAP_FAILED && errno == EINVAL);
	REQUIRE(mmap(NULL, 5 * 4096, PROT_READ, MAP_SHARED, h.device, 0) == MAP_FAILED && errno == EINVAL);
	REQUIRE(mmap(NULL, 22 * 4096, PROT_READ, MAP_SHARED, h.device, LILY_IOCTL_VM_AREA_OFFSET) == MAP_FAILED && errno == EINVAL);
	REQUIRE(mmap(NULL, 21 * 4096, PROT_READ, MAP_SHARED, h.device, LILY_IOCTL_VM_AREA_OFFSET) != MAP_FAILED);
	child = fork();
	if (child == 0)
		_exit(harness_run(&h));
	waitpid(child, &status, 0);
	REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == EPERM);

	/* Two at once: the one that came second is refused. */
	WORD(&h, COMMAND) = COMMAND_SERVICE;
	WORD(&h, SERVICE) = LILY_SERVICE_HALT;
	WORD(&h, ARGUMENT) = FOREVER;
	REQUIRE(pthread_create(&thread, NULL, second_run, &h) == 0);
	usleep(100000);
	REQUIRE(harness_run(&h) == EBUSY);
	REQUIRE(ioctl(h.device, LILY_IOCTL_KICK) == 0);
	pthread_join(thread, &error);
	REQUIRE(error == 0);
	harness_close(&h);
}

static unsigned int some_command(void)
{
	static const unsigned int known[] = {LILY_IOCTL_VERSION, LILY_IOCTL_CREATE, LILY_IOCTL_RUN, LILY_IOCTL_KICK};

	return rand() % 4 ? known[rand() % 4] : (unsigned int)rand();
}

static uint64_t some_number(void)
{
	static const uint64_t near[] = {0, 1, 4095, 4096, 8192, MEBIBYTE, LILY_MAX_RAM, 1ull << 32, 1ull << 47, 1ull << 63, UINT64_MAX};

	return rand() % 3 ? near[rand() % 11] + rand() % 3 - 1 : (uint64_t)rand() << 32 ^ (uint64_t)rand() << 12;
}

static long calls = 5000;

/* Random calls, random arguments, random words in the run record. Nothing to check but that the machine is still there. */
static void fuzz(void)
{
	static struct lily_create_argument argument;
	struct harness h;
	volatile uint64_t *record = MAP_FAILED;
	long call, created = 0, ran = 0;

	srand(1);
	start_alarms(5000);
	h.device = open("/dev/lilyvm", O_RDWR);
	h.ram = mmap(NULL, 4 * MEBIBYTE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (call = 0; call < calls; call++) {
		unsigned int command = some_command();

		argument.ram_address = rand() % 2 ? (uintptr_t)h.ram : some_number();
		argument.ram_size = rand() % 2 ? (rand() % 256) * 4096ull : some_number();
		argument.max_pool_pages = rand() % 2 ? 128 : some_number();
		argument.reserved = rand() % 8 ? 0 : some_number();
		if (record != MAP_FAILED) {
			record[COMMAND / 8] = rand() % 16;
			record[SERVICE / 8] = rand() % 9;
			record[ARGUMENT / 8] = record[SERVICE / 8] == LILY_SERVICE_INTERRUPT ? 0xf0u : some_number();
			record[STOP / 8] = rand() % 2;
		}
		if (record != MAP_FAILED && record[SERVICE / 8] == LILY_SERVICE_INTERRUPT)
			record[SERVICE / 8] = LILY_SERVICE_NONE;
		if (ioctl(h.device, command, rand() % 8 ? (uint64_t)(uintptr_t)&argument : some_number()) == 0) {
			created += command == LILY_IOCTL_CREATE;
			ran += command == LILY_IOCTL_RUN;
		}
		if (rand() % 256 == 0) {
			if (record != MAP_FAILED)
				munmap((void *)record, 4096);
			close(h.device);
			h.device = open("/dev/lilyvm", O_RDWR);
			record = MAP_FAILED;
		}
		if (record == MAP_FAILED)
			record = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, h.device, 0);
	}
	printf("%ld calls, %ld machines, %ld runs\n", calls, created, ran);
	REQUIRE(created >= calls / 1200 && ran >= calls / 240);
}

/* Killed at any moment, a process leaves nothing behind; the script that calls this removes the module afterwards. */
static void kills(void)
{
	int i;

	srand(2);
	for (i = 0; i < 60; i++) {
		pid_t child = fork();

		if (child == 0) {
			struct harness h;

			harness_open(&h, 16 * MEBIBYTE);
			for (;;)
				harness_command(&h,
						i % 3 == 0   ? COMMAND_GUEST
						: i % 3 == 1 ? COMMAND_FILL
							     : COMMAND_SERVICE,
						LILY_SERVICE_HALT, FOREVER);
		}
		usleep(rand() % 40000);
		kill(child, SIGKILL);
		REQUIRE(waitpid(child, NULL, 0) == child);
	}
}

/* Four machines on however many CPUs. */
static void crowd(void)
{
	int i, status;

	for (i = 0; i < 4; i++)
		if (fork() == 0) {
			spin();
			_exit(0);
		}
	for (i = 0; i < 4; i++) {
		REQUIRE(wait(&status) > 0);
		REQUIRE(status == 0);
	}
}

/* The lab injects NMIs meanwhile, and their handlers may run anywhere. */
static void storm(void)
{
	struct harness h;
	int i;

	harness_open(&h, 4 * MEBIBYTE);
	printf("STORM\n");
	fflush(stdout);
	for (i = 0; i < 4; i++) {
		guest_until(&h, 100);
		REQUIRE(harness_command(&h, COMMAND_FILL, 0, 1) == 0);
	}
	REQUIRE(*(uint64_t *)h.ram == 4);
	harness_close(&h);
}

int main(int count, char **arguments)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} tests[] = {
	    {"services", services}, {"memory", memory}, {"spin", spin},	  {"pressure", pressure}, {"kicks", kicks},
	    {"refusals", refusals}, {"fuzz", fuzz},	{"kills", kills}, {"crowd", crowd},	  {"storm", storm},
	};
	size_t i;

	if (count == 3)
		calls = atol(arguments[2]);
	for (i = 0; count >= 2 && i < sizeof(tests) / sizeof(tests[0]); i++)
		if (!strcmp(arguments[1], tests[i].name)) {
			tests[i].run();
			printf("OK %s\n", tests[i].name);
			return 0;
		}
	fprintf(stderr, "usage: machine_test TEST [CALLS]\n");
	return 2;
}
