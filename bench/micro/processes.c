/* Processes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "micro.h"

#define SELF "/proc/self/exe"

static void await(pid_t pid)
{
	int status = 1;

	waitpid(pid, &status, 0);
	check(status == 0, "the child of a row");
}

static double forked(long n, void (*child)(void))
{
	double start = now();

	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		check(pid >= 0, "fork");
		if (pid == 0) {
			child();
			_exit(1);
		}
		await(pid);
	}
	return now() - start;
}

static void child_exits(void)
{
	_exit(0);
}

static void child_executes(void)
{
	execl(SELF, SELF, "--exit", NULL);
}

static void child_is_a_shell(void)
{
	execl("/bin/sh", "sh", "-c", "/bench/micro --exit; exit $?", NULL);
}

/* A program with libraries, as most are. */
static void child_has_libraries(void)
{
	dup2(open("/dev/null", O_WRONLY), 1);
	execl("/usr/bin/as", "as", "--version", NULL);
}

static double fork_exit(long n)
{
	return forked(n, child_exits);
}

static double fork_exec(long n)
{
	return forked(n, child_executes);
}

/* As posix_spawn and most shells do: the child runs in the parent's memory until it has a program of its own. */
static double vfork_exec(long n)
{
	double start = now();

	for (long i = 0; i < n; i++) {
		pid_t pid = vfork();

		check(pid >= 0, "vfork");
		if (pid == 0) {
			child_executes();
			_exit(1);
		}
		await(pid);
	}
	return now() - start;
}

static double fork_sh(long n)
{
	return forked(n, child_is_a_shell);
}

static double fork_dynamic(long n)
{
	return forked(n, child_has_libraries);
}

static const struct row rows[] = {
    {"fork-exit", fork_exit},
    {"fork-exec", fork_exec},
    {"vfork-exec", vfork_exec},
    {"fork-dynamic", fork_dynamic},
    {"fork-sh", fork_sh},
};

const struct group process_rows = {rows, ROWS(rows)};
