/*
 * System calls with pointers that the kernel cannot follow. Each way of the kernel to touch user memory (get_user, put_user, copies, strings,
 * clearing, futex operations, the word after a page's end) has its own exception table entries.
 */
#include "runtime.h"

enum { O_RDONLY = 0, FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_WAKE_OP = 5, FUTEX_LOCK_PI = 6, FUTEX_PRIVATE = 128, FIONREAD = 0x541b, TCGETS = 0x5401 };

struct piece {
	const void *base;
	word length;
};

static u8 *page, *end; /* one page; nothing is mapped at its end */

static void drain(int pipe_end)
{
	u32 left;
	while (call(SYS_ioctl, pipe_end, FIONREAD, &left) == 0 && left)
		call(SYS_read, pipe_end, page, PAGE);
}

static void with_pointer(const char *name, word bad, const int *pipe_ends)
{
	u8 byte = 1;
	struct piece pieces[2] = {{&byte, 1}, {(void *)bad, 8}};
	call(SYS_write, pipe_ends[1], "0123456789abcdef", 16);
	REPORT(name, "write", call(SYS_write, pipe_ends[1], bad, 8), "read", call(SYS_read, pipe_ends[0], bad, 8));
	REPORT(name, "writev", call(SYS_writev, pipe_ends[1], pieces, 2), "readv", call(SYS_readv, pipe_ends[0], pieces, 2));
	REPORT(name, "vector", call(SYS_writev, pipe_ends[1], bad, 2));
	REPORT(name, "open", call(SYS_open, bad, O_RDONLY), "stat", call(SYS_stat, "/", bad), "execve", call(SYS_execve, bad, 0, 0));
	if (bad) /* null is an empty list */
		REPORT(name, "execve argv", call(SYS_execve, "/bin/sh", bad, 0), "envp", call(SYS_execve, "/bin/sh", 0, bad));
	REPORT(name, "getcwd", call(SYS_getcwd, bad, 64), "uname", call(SYS_uname, bad));
	REPORT(name, "pipe", call(SYS_pipe, bad), "gettimeofday", call(SYS_gettimeofday, bad, 0), "clock_gettime", call(SYS_clock_gettime, 1, bad));
	REPORT(name, "sigaction", call(SYS_rt_sigaction, SIGUSR1, bad, 0, 8), "old", call(SYS_rt_sigaction, SIGUSR1, 0, bad, 8));
	REPORT(name, "sigprocmask", call(SYS_rt_sigprocmask, 0, bad, 0, 8), "nanosleep", call(SYS_nanosleep, bad, 0));
	MACHINE_CALLS(name, bad);
	REPORT(name, "ioctl put_user", call(SYS_ioctl, pipe_ends[0], FIONREAD, bad), "ioctl copy", call(SYS_ioctl, 1, TCGETS, bad));
	REPORT(name, "futex wait", call(SYS_futex, bad, FUTEX_WAIT, 1, 0), "private wait", call(SYS_futex, bad, FUTEX_WAIT | FUTEX_PRIVATE, 1, 0));
	u32 word = 0;
	REPORT(name, "futex op", call6(SYS_futex, (long)&word, FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, 1, bad, 0x01001000), "lock",
	       call(SYS_futex, bad, FUTEX_LOCK_PI | FUTEX_PRIVATE, 0, 0));
	drain(pipe_ends[0]);
}

/* Transfers that begin in a page and end behind it are cut there, at any alignment. */
static void across_the_end(int zero, const int *pipe_ends)
{
	for (u32 before = 1; before <= 64; before = before * 2 + 1) {
		int written = call(SYS_write, pipe_ends[1], end - before, 100);
		call(SYS_write, pipe_ends[1], page, 100); /* so that there is something to read */
		REPORT("across the end", "before", before, "write", written, "read", call(SYS_read, pipe_ends[0], end - before, 100), "clear",
		       call(SYS_read, zero, end - before, 100));
		drain(pipe_ends[0]);
	}
	for (u32 i = 1; i < 8; i++) { /* strings without end, read word by word */
		for (u8 *c = end - i; c < end; c++)
			*c = 'a';
		REPORT("endless name", "length", i, "open", call(SYS_open, end - i, O_RDONLY));
		end[-1] = 0;
		REPORT("name up to the end", "length", i, "open", call(SYS_open, end - i, O_RDONLY));
	}
}

int run(void)
{
	int pipe_ends[2];
	call(SYS_pipe, pipe_ends);
	page = map_pages(2);
	end = page + PAGE;
	call(SYS_munmap, end, PAGE);
	with_pointer("null", 0, pipe_ends);
	with_pointer("unmapped", (word)end, pipe_ends);
	for (u32 i = 0; i < sizeof places / sizeof *places; i++)
		with_pointer(places[i].name, places[i].address, pipe_ends);
	with_pointer("end of user memory", LAST_OF_PROGRAMS, pipe_ends);
	across_the_end(call(SYS_open, "/dev/zero", O_RDONLY), pipe_ends);
	return 0;
}
