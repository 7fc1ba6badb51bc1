/*
 * The little that the fault programs need: system calls, printing, and a guarded try of one instruction. No C library, so that a compiler with -m32
 * is enough to build them. Numbers and layouts are Linux's i386 system call ABI (arch/x86/entry/syscalls/syscall_32.tbl, uapi headers).
 */
#pragma once

typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

enum {
	SYS_exit = 1,
	SYS_fork = 2,
	SYS_read = 3,
	SYS_write = 4,
	SYS_open = 5,
	SYS_close = 6,
	SYS_waitpid = 7,
	SYS_execve = 11,
	SYS_lseek = 19,
	SYS_getpid = 20,
	SYS_ptrace = 26,
	SYS_kill = 37,
	SYS_pipe = 42,
	SYS_ioctl = 54,
	SYS_gettimeofday = 78,
	SYS_stat = 106,
	SYS_uname = 122,
	SYS_mprotect = 125,
	SYS_readv = 145,
	SYS_writev = 146,
	SYS_sched_yield = 158,
	SYS_nanosleep = 162,
	SYS_rt_sigreturn = 173,
	SYS_rt_sigaction = 174,
	SYS_rt_sigprocmask = 175,
	SYS_getcwd = 183,
	SYS_mmap2 = 192,
	SYS_munmap = 91,
	SYS_futex = 240,
	SYS_set_thread_area = 243,
	SYS_get_thread_area = 244,
	SYS_clock_gettime = 265,
	SYS_set_robust_list = 311,
};

enum { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGUSR1 = 10, SIGSEGV = 11, SIGALRM = 14, SIGSTOP = 19 };
enum { SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_NODEFER = 0x40000000 };
enum { PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20, PAGE = 4096 };

/* What a signal handler with SA_SIGINFO gets as its third argument, and what rt_sigreturn takes back. */
struct context {
	u32 flags, link, stack_base, stack_flags, stack_size;
	u16 gs, gs_high, fs, fs_high, es, es_high, ds, ds_high;
	u32 edi, esi, ebp, esp, ebx, edx, ecx, eax, trap, error, eip;
	u16 cs, cs_high;
	u32 eflags, esp_at_signal;
	u16 ss, ss_high;
	u32 fpu, old_mask, cr2;
	u32 mask[2];
};

struct thread_area {
	u32 entry, base, limit, flags;
};
enum { AREA_32BIT = 1, AREA_PAGES = 0x10, AREA_USEABLE = 0x40, AREA_EMPTY = 0x28 /* read_exec_only and seg_not_present */ };

static inline long call6(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	/* %ebp is the sixth argument; it may hold our frame, so it is exchanged around the call. */
	asm volatile("pushl %%ebp; movl %[f], %%ebp; int $0x80; popl %%ebp"
		     : "=a"(result)
		     : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e), [f] "m"(*(volatile long *)&f)
		     : "memory");
	return result;
}

static inline long call5(long number, long a, long b, long c, long d, long e)
{
	long result;
	asm volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
	return result;
}

#define call(...) call_(__VA_ARGS__, 0, 0, 0, 0, 0)
#define call_(number, a, b, c, d, e, ...) call5(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

static inline void *map_pages(u32 count)
{
	long result;
	asm volatile("pushl %%ebp; xorl %%ebp, %%ebp; int $0x80; popl %%ebp"
		     : "=a"(result)
		     : "0"(SYS_mmap2), "b"(0), "c"(count * PAGE), "d"(PROT_READ | PROT_WRITE), "S"(MAP_PRIVATE | MAP_ANONYMOUS), "D"(-1)
		     : "memory");
	return (void *)result;
}

static inline void print(const char *text)
{
	u32 length = 0;
	while (text[length])
		length++;
	call(SYS_write, 1, text, length);
}

/* Prints one line: a name, then pairs of words and numbers up to a null word. Small numbers and errors in decimal, others in hexadecimal. */
static inline void report(const char *name, ...)
{
	char line[256], *out = line;
	__builtin_va_list list;
	__builtin_va_start(list, name);
	for (const char *c = name; *c; c++)
		*out++ = *c;
	*out++ = ':';
	for (const char *word; (word = __builtin_va_arg(list, const char *));) {
		*out++ = ' ';
		while (*word)
			*out++ = *word++;
		*out++ = ' ';
		int value = __builtin_va_arg(list, int);
		u32 rest = value;
		u32 base = value > -4096 && value < 10000 ? 10 : 16;
		if (base == 10 && value < 0) {
			*out++ = '-';
			rest = -value;
		} else if (base == 16) {
			*out++ = '0';
			*out++ = 'x';
		}
		char digits[12], *digit = digits;
		do
			*digit++ = "0123456789abcdef"[rest % base];
		while (rest /= base);
		while (digit > digits)
			*out++ = *--digit;
	}
	__builtin_va_end(list);
	*out++ = '\n';
	*out = 0;
	print(line);
}
#define REPORT(name, ...) report(name, ##__VA_ARGS__, (char *)0)

struct action {
	void *handler;
	u32 flags;
	void *restorer;
	u32 mask[2];
};

asm(".text; restore: movl $173, %eax; int $0x80"); /* SYS_rt_sigreturn */
extern void restore(void);

static inline void handle(int signal, void (*handler)(int, void *, struct context *))
{
	struct action action = {handler, SA_SIGINFO | SA_RESTORER | SA_NODEFER, restore, {0, 0}};
	call(SYS_rt_sigaction, signal, &action, 0, 8);
}

static inline void handle_by_default(int signal)
{
	struct action action = {0, SA_RESTORER, restore, {0, 0}};
	call(SYS_rt_sigaction, signal, &action, 0, 8);
}

static inline int wait_for(int child)
{
	int status = -1;
	call(SYS_waitpid, child, &status, 0);
	return status;
}

/* Runs a piece of code in a child, whose end is reported; a deadly fault then ends the child alone. */
#define IN_CHILD(name, code)                              \
	do {                                              \
		int child_ = call(SYS_fork);              \
		if (child_ == 0) {                        \
			code;                             \
			call(SYS_exit, 7);                \
		}                                         \
		REPORT(name, "status", wait_for(child_)); \
	} while (0)

int run(void);

asm(".text; .globl _start; _start: xorl %ebp, %ebp; call run; movl %eax, %ebx; movl $1, %eax; int $0x80"); /* SYS_exit */
