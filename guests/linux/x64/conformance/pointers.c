/* System calls that get an address of the kernel's say EFAULT, whichever way they use it: copies both ways, strings, single words, vectors, clears.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include "check.h"

static int zero, file, ends[2];

#define EFAULTS(what, expression)                                                 \
	do {                                                                      \
		errno = 0;                                                        \
		long result_ = (expression);                                      \
		if (result_ != -1 || errno != EFAULT) {                           \
			printf("     %s: %ld, errno %d\n", what, result_, errno); \
			wrong++;                                                  \
		}                                                                 \
	} while (0)

static int wrong_with(void *address)
{
	int wrong = 0;
	struct iovec vector = {address, 10};
	char *arguments[] = {"x", NULL};
	EFAULTS("write", write(file, address, 100));
	EFAULTS("write, 1 MiB", write(file, address, MiB));
	EFAULTS("write to a pipe", write(ends[1], address, 1));
	EFAULTS("read", read(zero, address, 100));
	EFAULTS("read, 1 MiB", read(zero, address, MiB));
	EFAULTS("readv", readv(zero, &vector, 1));
	EFAULTS("writev", writev(file, &vector, 1));
	EFAULTS("a vector there", syscall(SYS_writev, file, address, 1));
	EFAULTS("open", syscall(SYS_open, address, O_RDONLY));
	EFAULTS("stat", syscall(SYS_stat, "/", address));
	EFAULTS("pipe", syscall(SYS_pipe, address));
	EFAULTS("getcwd", syscall(SYS_getcwd, address, 4096));
	EFAULTS("uname", syscall(SYS_uname, address));
	EFAULTS("times", syscall(SYS_times, address));
	EFAULTS("getcpu", syscall(SYS_getcpu, address, NULL, NULL));
	EFAULTS("nanosleep", syscall(SYS_nanosleep, address, NULL));
	EFAULTS("clock_gettime", syscall(SYS_clock_gettime, 0, address));
	EFAULTS("rt_sigaction", syscall(SYS_rt_sigaction, SIGUSR1, address, NULL, 8));
	EFAULTS("rt_sigaction, old", syscall(SYS_rt_sigaction, SIGUSR1, NULL, address, 8));
	EFAULTS("futex", syscall(SYS_futex, address, 0, 0, NULL, NULL, 0));
	EFAULTS("arch_prctl", syscall(SYS_arch_prctl, 0x1003 /* ARCH_GET_FS */, address));
	EFAULTS("FIONBIO", ioctl(ends[0], FIONBIO, address));
	EFAULTS("FIONREAD", ioctl(ends[0], FIONREAD, address));
	EFAULTS("execve, path", syscall(SYS_execve, address, arguments, arguments));
	EFAULTS("execve, arguments", syscall(SYS_execve, "/bin/busybox", address, NULL));
	return wrong;
}

/* Buffers that begin in a program's memory and reach the guard page, and strings that do. */
static void across(void)
{
	char *last = map_at(GUARD - 2 * PAGE, 2 * PAGE, MAP_FIXED_NOREPLACE);
	memset(last, 'x', 2 * PAGE);
	/* Nothing is transferred, as at the end of a program's addresses. */
	check_fails(write(file, last, 0x10000), EFAULT, "a write across the window's start");
	check_fails(read(zero, last, 0x10000), EFAULT, "a read across it");
	check_fails(write(file, last, 0x50000000), EFAULT, "a write across all of it");
	strcpy(last + 2 * PAGE - 4, "abc");
	check_fails(open(last + 2 * PAGE - 4, O_RDONLY), ENOENT, "a string that ends before the guard");
	memset(last + 2 * PAGE - 16, 'a', 16);
	check_fails(open(last + 2 * PAGE - 16, O_RDONLY), EFAULT, "one that does not");
}

int main(void)
{
	zero = open("/dev/zero", O_RDONLY);
	file = open("/tmp/pointers", O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(zero >= 0 && file >= 0 && pipe(ends) == 0, "files");
	for (unsigned i = 0; i < KERNEL_ADDRESSES; i++)
		check(wrong_with((void *)kernel_addresses[i]) == 0, "%#lx", kernel_addresses[i]);
	across();
	unlink("/tmp/pointers");
	return verdict();
}
