/*
 * The little that the fault programs need: system calls, printing, and a guarded try of one instruction. No C library, so that a compiler alone is
 * enough to build them. machine.h has what differs between the architectures.
 */
#pragma once

typedef unsigned long word; /* as wide as an address */
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

#include "machine.h"

enum { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGUSR1 = 10, SIGSEGV = 11, SIGALRM = 14, SIGSTOP = 19 };
enum { SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_NODEFER = 0x40000000 };
enum { PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20, PAGE = 4096 };

#define call(...) call_(__VA_ARGS__, 0, 0, 0, 0, 0)
#define call_(number, a, b, c, d, e, ...) call5(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

static inline void *map_pages(u32 count)
{
	return (void *)call6(SYS_mmap, 0, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static inline void print(const char *text)
{
	u32 length = 0;
	while (text[length])
		length++;
	call(SYS_write, 1, text, length);
}

/*
 * Prints one line: a name, then pairs of words and numbers of 32 bits up to a null word. Small numbers and errors in decimal, others in hexadecimal.
 */
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
	word flags;
	void *restorer;
	u32 mask[2];
};

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
	call(SYS_wait4, child, &status);
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
