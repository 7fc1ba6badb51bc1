/*
 * What a mixed load checks of the machine itself, in programs that run beside one another: each row computes something whose result is
 * known, while timers, switches and other processes interrupt it. Usage: mixed fpu|threads|timers|pipes ROUNDS; exit status 1 and a
 * sentence if a result is wrong.
 */
#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void check(int right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "wrong: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static volatile int alarms;

/* Uses the FPU too, so that the interrupted computation's registers must have been saved. */
static void on_alarm(int signal)
{
	volatile double x = signal;

	alarms = alarms + (sqrt(x * x) > 0);
}

static void alarms_every(int microseconds)
{
	struct itimerval interval = {{0, microseconds}, {0, microseconds}};

	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &interval, NULL);
}

/* x87 and SSE registers survive signals and switches: the same sum again and again. */
static double sum(void)
{
	double even = 0;
	float odd = 0;

	for (int i = 1; i < 20000; i++) {
		even += sin(i) * sqrt(i);
		odd += 1.0f / i;
	}
	return even + odd;
}

static void fpu(void)
{
	double first = sum();

	alarms_every(2000);
	for (int i = 0; i < 100; i++)
		check(sum() == first, "a floating-point sum differs from the first one");
	check(alarms > 0, "no alarm came while computing");
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long counter;

static void *count(void *unused)
{
	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
		if (i % 100 == 0)
			sched_yield();
	}
	return unused;
}

static void threads(void)
{
	pthread_t all[4];

	counter = 0;
	for (int i = 0; i < 4; i++)
		check(pthread_create(&all[i], NULL, count, NULL) == 0, "a thread cannot be made");
	for (int i = 0; i < 4; i++)
		check(pthread_join(all[i], NULL) == 0, "a thread is lost");
	check(counter == 80000, "threads under a lock lost counts");
}

/* No clock goes back, and no sleep ends early; how late is the host's affair. */
static void timers(void)
{
	struct timespec pause = {0, 7000000};

	for (int i = 0; i < 50; i++) {
		double before = now(), after;

		check(nanosleep(&pause, NULL) == 0, "a sleep was interrupted");
		after = now();
		check(after - before >= 0.007, "a sleep ended early, or the clock went back");
	}
}

static void pipes(void)
{
	int there[2], back[2], status;
	unsigned x;

	check(pipe(there) == 0 && pipe(back) == 0, "a pipe cannot be made");
	if (fork() == 0) {
		close(there[1]);
		while (read(there[0], &x, sizeof x) == sizeof x) {
			x = x * 2654435761u + 1;
			check(write(back[1], &x, sizeof x) == sizeof x, "the child cannot write");
		}
		_exit(7);
	}
	for (unsigned i = 0; i < 2000; i++) {
		x = i;
		check(write(there[1], &x, sizeof x) == sizeof x && read(back[0], &x, sizeof x) == sizeof x, "the pipe is broken");
		check(x == i * 2654435761u + 1, "the pipe gives something else");
	}
	close(there[1]);
	check(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 7, "a child is lost");
	close(there[0]);
	close(back[0]);
	close(back[1]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} rows[] = {{"fpu", fpu}, {"threads", threads}, {"timers", timers}, {"pipes", pipes}};

	check(argc == 3, "give a row and a number of rounds");
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int n = atoi(argv[2]); n > 0 && strcmp(argv[1], rows[i].name) == 0; n--)
			rows[i].run();
	return 0;
}
