/*
 * Every system call there is, and numbers that are none, with random arguments: Linux must go on. Calls are made in
 * processes of a namespace of their own, first as root and then as nobody, by a SYSCALL that an engine may patch and by
 * one on a page that may be written. What a process does to itself is its own affair; who waits for long is killed.
 * Usage: calls [SEED [TRIALS]]; the kernel's command line may give both as lilyvm.seed= and lilyvm.trials=.
 */
#include "../conformance/check.h"
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { KNOWN = 480, TRIALS = 20, NOBODY = 65534 };
enum { PATIENCE = 60, WATCHDOG = 10 }; /* milliseconds for a process's calls, seconds for what must end */
enum { SCRATCH = 4 * 4096, STUCK = 100 };

/* Numbers beyond the table: behind it, of x32, negative ones. */
static const unsigned odd_numbers[] = {512,	   547,	     548, 1000, 4095,  4096, 65535, 1u << 30, (1u << 30) + 1, (1u << 30) + 520,
				       0x7fffffff, 1u << 31, -1u, -38u, -4096u};
#define NUMBERS (KNOWN + sizeof odd_numbers / sizeof *odd_numbers)

/* What survives a process of ours, whatever it does: where it is, and what was seen. */
static volatile struct {
	unsigned number, trial, made, died, waited;
} * progress;

static unsigned char *scratch, *writable_code;
static unsigned long state;
static unsigned trials = TRIALS;

/* xorshift64*: the same numbers for the same seed, whatever was called. */
static unsigned long next_random(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dul;
}

static unsigned long below(unsigned long limit)
{
	return next_random() % limit;
}

/*
 * The kernel's addresses do not belong into signals' handlers: where nothing keeps a program from its kernel, it would
 * jump there (README.md, "What it isolates").
 */
static unsigned long value(bool with_kernel)
{
	switch (below(with_kernel ? 9 : 8)) {
	case 0:
		return below(12); /* a descriptor, a flag, a signal, a process */
	case 1:
		return -below(12);
	case 2:
		return (unsigned long)scratch + below(SCRATCH) / 8 * 8;
	case 3:
		return (unsigned long)scratch + SCRATCH - below(64); /* not mapped behind it */
	case 4:
		return 1ul << below(64);
	case 5:
		return next_random();
	case 6:
		return below(1 << 20);
	case 7:
		return (unsigned long)(below(2) ? (const void *)value : (const void *)odd_numbers); /* may not be written */
	}
	return kernel_addresses[below(KERNEL_ADDRESSES)] + below(2) * below(PAGE);
}

static void fill_scratch(unsigned number)
{
	static const char *const words[] = {"", ".", "/", "file", "file/other", "/proc/self/maps", "/proc/self/mem", "/dev/null", "tmpfs", "ext4"};
	unsigned long *all = (unsigned long *)scratch;
	for (unsigned i = 0; i < SCRATCH / sizeof *all; i++)
		all[i] = below(3) ? 0 : value(number != SYS_rt_sigaction);
	for (unsigned i = 0; i < 64; i++) {
		const char *word = words[below(sizeof words / sizeof *words)];
		unsigned char *to = scratch + below(SCRATCH / 32) * 32;
		while ((*to++ = *word++))
			;
	}
}

/* RSP comes back from RBX: a process made by the call may have got another stack, where nothing of this one lies. */
__attribute__((naked)) static long call([[maybe_unused]] unsigned long number, [[maybe_unused]] const unsigned long *arguments)
{
	asm("push %rbx; push %r12; push %rbp; mov %rsp, %rbx; mov %rdi, %rax; mov %rsi, %r12\n"
	    "mov (%r12), %rdi; mov 8(%r12), %rsi; mov 16(%r12), %rdx; mov 24(%r12), %r10; mov 32(%r12), %r8; mov 40(%r12), %r9\n"
	    ".global call_begin, call_end\n"
	    "call_begin: syscall\n"
	    "mov %rbx, %rsp; pop %rbp; pop %r12; pop %rbx; ret; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop\n"
	    "call_end:");
}

static void descriptors(void)
{
	int pair[2];
	for (int i = 0; i < 64; i++)
		close(i);
	open("/dev/null", O_RDWR);
	open("file", O_RDWR | O_CREAT, 0666);
	open(".", O_RDONLY);
	if (pipe(pair) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0)
		open("/proc/self/maps", O_RDONLY);
	syscall(SYS_memfd_create, "m", 0);
	syscall(SYS_epoll_create1, 0);
	syscall(SYS_eventfd2, 1, O_NONBLOCK);
}

static void limit(int what, unsigned long most)
{
	struct rlimit both = {most, most};
	setrlimit(what, &both);
}

static unsigned number_at(unsigned index)
{
	return index < KNOWN ? index : odd_numbers[index - KNOWN];
}

/* Makes the rest of a number's calls. Nothing of the C library after the first one: FS may be anywhere. */
static void make_calls(unsigned index, unsigned long seed, bool as_nobody)
{
	long (*unpatched)(unsigned long, const unsigned long *) = (void *)writable_code;
	unsigned number = number_at(index);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	descriptors();
	limit(RLIMIT_AS, 256 * MiB);
	limit(RLIMIT_FSIZE, 4 * MiB);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, 2);
	if (as_nobody && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
		_exit(1);
	while (progress->trial < trials) {
		unsigned long arguments[6], wide;
		unsigned trial = progress->trial++;
		state = seed ^ ((unsigned long)number << 32) ^ (trial + 1) * 0x9e3779b97f4a7c15ul ^ (unsigned long)as_nobody << 63;
		fill_scratch(number);
		for (int i = 0; i < 6; i++)
			arguments[i] = value(true);
		wide = number | (below(2) ? 0 : next_random() << 32); /* Linux looks at 32 bits */
		progress->made++;
		long result = (trial % 2 ? unpatched : call)(wide, arguments);
		bool makes_processes = number == SYS_fork || number == SYS_vfork || number == SYS_clone || number == SYS_clone3;
		if (makes_processes && result == 0) {
			arguments[0] = 0;
			call(SYS_exit, arguments);
		}
	}
	unsigned long done[6] = {0};
	call(SYS_exit_group, done);
}

/* Waits for a child, but not for ever. */
static bool ends_within(pid_t child, int *status, long milliseconds)
{
	struct timespec pause = {0, 1000000}, start, now;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		if (waitpid(child, status, WNOHANG | __WALL) == child)
			return true;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 >= milliseconds)
			return false;
		nanosleep(&pause, NULL);
	}
}

/* The first process of the namespace: a process for each number, and another one if that has died and trials are left. */
static void in_namespace(unsigned long seed, bool as_nobody)
{
	setsid();
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("tmpfs", "/tmp", "tmpfs", 0, "size=8m,mode=1777") || chdir("/tmp"))
		_exit(1);
	while (progress->number < NUMBERS) {
		int status = 0;
		pid_t child = fork();
		if (child == 0)
			make_calls(progress->number, seed, as_nobody);
		if (child < 0)
			_exit(2);
		if (!ends_within(child, &status, PATIENCE)) {
			kill(child, SIGKILL);
			progress->waited++;
			progress->trial = trials; /* the others would wait, too */
			if (!ends_within(child, &status, 1000 * WATCHDOG))
				_exit(STUCK);
		}
		progress->died += WIFSIGNALED(status);
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			; /* whom its processes left behind */
		if (progress->trial >= trials) {
			progress->number++;
			progress->trial = 0;
		}
	}
	_exit(0);
}

/* All numbers, in as many namespaces as it takes: their first process may be stopped or killed by what the others do. */
static void all_numbers(unsigned long seed, bool as_nobody)
{
	unsigned lost = 0;
	bool stuck = false;
	progress->number = progress->trial = 0;
	while (progress->number < NUMBERS && lost < 50 && !stuck) {
		int status = 0;
		unsigned before = progress->number;
		pid_t child = syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | SIGCHLD, NULL, NULL, NULL, NULL);
		if (child == 0)
			in_namespace(seed, as_nobody);
		if (child < 0) {
			check(false, "namespaces can be had");
			return;
		}
		while (!ends_within(child, &status, 1000 * WATCHDOG) && progress->number != before)
			before = progress->number;
		if (waitpid(child, &status, WNOHANG) == 0) {
			kill(child, SIGKILL);
			stuck = !ends_within(child, &status, 1000 * WATCHDOG);
		}
		stuck |= WIFEXITED(status) && WEXITSTATUS(status) == STUCK;
		if (progress->number < NUMBERS) {
			printf("the namespace ended with status %#x at call %d\n", status, (int)number_at(progress->number));
			progress->number++;
			progress->trial = 0;
			lost++;
		}
	}
	check(!stuck, "no process outlives SIGKILL");
	check(progress->number >= NUMBERS, "every number was called by %s", as_nobody ? "nobody" : "root");
}

/* From the arguments or the kernel's command line. */
static unsigned long setting(const char *given, const char *name, unsigned long otherwise)
{
	static char line[4096];
	FILE *file = fopen("/proc/cmdline", "r");
	char *found = file && fgets(line, sizeof line, file) ? strstr(line, name) : NULL;
	if (file)
		fclose(file);
	return given ? strtoul(given, NULL, 0) : found ? strtoul(found + strlen(name), NULL, 0) : otherwise;
}

int main(int count, char **arguments)
{
	extern const char call_end[];
	unsigned long seed = 0, chance;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (count > 1 && strcmp(arguments[1], "alive") == 0)
		return 42;
	check(getrandom(&chance, sizeof chance, 0) == sizeof chance, "a seed");
	seed = setting(count > 1 ? arguments[1] : NULL, "lilyvm.seed=", chance >> 32);
	trials = setting(count > 2 ? arguments[2] : NULL, "lilyvm.trials=", TRIALS);
	printf("seed %lu, %u trials\n", seed, trials);

	progress = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	scratch = mmap(NULL, SCRATCH + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(scratch + SCRATCH, PAGE, PROT_NONE);
	writable_code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(writable_code, (const void *)call, call_end - (const char *)call);
	for (int as_nobody = 0; as_nobody < 2; as_nobody++)
		all_numbers(seed, as_nobody);
	printf("%u calls made, %u processes died, %u had to be killed\n", progress->made, progress->died, progress->waited);

	int right = 0, status;
	for (int i = 0; i < 50; i++) {
		pid_t child = fork();
		if (child == 0)
			execl("/proc/self/exe", "calls", "alive", (char *)NULL);
		right += ends_within(child, &status, 1000 * WATCHDOG) && status == 42 << 8;
	}
	check(right == 50, "Linux goes on: 50 times fork and exec");
	return verdict();
}
