/* System calls that signals interrupt: begun again, or told so; by a stop and by a handler; from the same place, many times before and after. */
#include "../conformance/check.h"
#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

static volatile sig_atomic_t alarms;

static void count(int signal)
{
	(void)signal;
	alarms++;
}

static void on_alarm(int flags)
{
	struct sigaction action = {.sa_handler = count, .sa_flags = flags};
	sigaction(SIGALRM, &action, NULL);
	alarms = 0;
}

static void alarm_in(long microseconds, long interval)
{
	struct itimerval when = {{0, interval}, {0, microseconds}};
	setitimer(ITIMER_REAL, &when, NULL);
}

/* One place for all calls, which an engine may have changed. */
static __attribute__((noinline)) long call(long number, long a, long b, long c, long d)
{
	long result;
	register long fourth asm("r10") = d;
	asm volatile("syscall" : "=a"(result) : "0"(number), "D"(a), "S"(b), "d"(c), "r"(fourth) : "rcx", "r11", "memory");
	return result;
}

int main(void)
{
	int ends[2];
	char byte = 0;
	check(pipe(ends) == 0, "a pipe");
	for (int i = 0; i < 5000; i++)
		if (call(SYS_getppid, 0, 0, 0, 0) != getppid())
			check(false, "getppid");

	/* The handler of the second alarm writes nothing; a child does, later. */
	on_alarm(SA_RESTART);
	if (fork() == 0) {
		usleep(150000);
		_exit(write(ends[1], "x", 1) != 1);
	}
	alarm_in(10000, 10000);
	long got = call(SYS_read, ends[0], (long)&byte, 1, 0);
	alarm_in(0, 0);
	check(got == 1 && byte == 'x' && alarms > 1, "a read goes on after signals");
	wait(NULL);

	on_alarm(0);
	alarm_in(10000, 0);
	got = call(SYS_read, ends[0], (long)&byte, 1, 0);
	check(got == -EINTR && alarms == 1, "or ends with EINTR");

	struct timespec long_time = {5, 0}, left = {0, 0};
	on_alarm(SA_RESTART);
	alarm_in(10000, 0);
	got = call(SYS_nanosleep, (long)&long_time, (long)&left, 0, 0);
	check(got == -EINTR && left.tv_sec == 4 && alarms == 1, "a sleep tells what is left");

	/* Stopped and continued: restart_syscall, which is not what was called. */
	int child = fork();
	if (child == 0) {
		struct timespec short_time = {0, 300000000};
		long slept = call(SYS_nanosleep, (long)&short_time, (long)&left, 0, 0);
		struct pollfd nothing = {.fd = ends[0], .events = POLLIN};
		long polled = call(SYS_poll, (long)&nothing, 1, 300, 0);
		_exit(slept == 0 && polled == 0 ? 7 : 1);
	}
	for (int i = 0; i < 8; i++) {
		usleep(40000);
		kill(child, SIGSTOP);
		usleep(10000);
		kill(child, SIGCONT);
	}
	int status;
	check(waitpid(child, &status, 0) == child && status == 7 << 8, "stopped and continued, a sleep and a poll end as ever");

	on_alarm(SA_RESTART);
	int word = 1;
	struct timespec brief = {0, 800000000};
	alarm_in(10000, 0);
	got = call(SYS_futex, (long)&word, 0, 1, (long)&brief);
	alarm_in(0, 0);
	check(got == -EINTR && alarms == 1, "a futex with a time is not waited for again");
	call(SYS_close, ends[0], 0, 0, 0);
	call(SYS_close, ends[1], 0, 0, 0);
	return verdict();
}
