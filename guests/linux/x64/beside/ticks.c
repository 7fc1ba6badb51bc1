/*
 * Interrupts at any instruction of whatever runs beside this program: Linux's clock device asks its timer for so many a
 * second, and nobody but the timer's handler runs for them. Ends with SIGTERM, and tells how many there were.
 * Usage: ticks FREQUENCY, a power of two up to 8192.
 */
#include <fcntl.h>
#include <linux/rtc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

static unsigned long interrupts(void)
{
	char line[256];
	unsigned long count = 0;
	FILE *file = fopen("/proc/interrupts", "r");
	while (file && fgets(line, sizeof line, file) && sscanf(line, " 0: %lu", &count) != 1)
		;
	if (file)
		fclose(file);
	return count;
}

int main(int count, char **arguments)
{
	int signal, clock = open("/dev/rtc0", O_RDONLY);
	sigset_t end;
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	if (count != 2 || ioctl(clock, RTC_IRQP_SET, strtoul(arguments[1], NULL, 0)) || ioctl(clock, RTC_PIE_ON, 0)) {
		puts("no ticks can be had");
		return 1;
	}
	unsigned long before = interrupts();
	sigwait(&end, &signal);
	printf("%lu timer interrupts\n", interrupts() - before);
	return 0;
}
