/* Threads with locks and thread-local data, signals into a computation, and a pipe between two processes. */
#include <pthread.h>
#include "check.h"

enum { THREADS = 4, ROUNDS = 20000 };

static __thread long own;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int together;
static volatile sig_atomic_t alarms;

static void *work(void *argument)
{
	long number = (long)argument;
	for (int i = 0; i < ROUNDS; i++) {
		own += number;
		if (i % 100 == 0) {
			pthread_mutex_lock(&lock);
			together++;
			pthread_mutex_unlock(&lock);
			usleep(0);
		}
	}
	return (void *)(long)(own == ROUNDS * number);
}

static void count_alarm(int signal)
{
	(void)signal;
	alarms++;
}

static void compute_under_alarms(void)
{
	signal(SIGALRM, count_alarm);
	ualarm(1000, 1000);
	double sum = 0;
	long terms = 0;
	while (alarms < 50)
		sum += 0.5, terms++;
	ualarm(0, 0);
	check(sum == terms * 0.5, "50 signals into a computation");
}

static void ping_pong(void)
{
	int there[2], back[2], right = 0;
	char byte;
	if (pipe(there) || pipe(back))
		return check(false, "pipes");
	if (fork() == 0) {
		while (read(there[0], &byte, 1) == 1 && byte) {
			byte++;
			if (write(back[1], &byte, 1) != 1)
				break;
		}
		_exit(0);
	}
	for (int i = 0; i < 1000; i++) {
		byte = 1 + i % 100;
		right += write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1 && byte == 2 + i % 100;
	}
	byte = 0;
	right += write(there[1], &byte, 1) == 1;
	check(right == 1001, "1,000 round trips");
}

int main(void)
{
	pthread_t thread[THREADS];
	for (long i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, work, (void *)(i + 1));
	for (int i = 0; i < THREADS; i++) {
		void *good;
		pthread_join(thread[i], &good);
		check(good != NULL, "thread %d", i);
	}
	check(together == THREADS * ROUNDS / 100, "what they counted together");
	compute_under_alarms();
	ping_pong();
	return verdict();
}
