/*
 * What the conformance programs share. Each checks one promise of the moved address space (../README.md): all that a program may do elsewhere it may
 * do here, except have 0x3ffff000 to 0x7fffffff. A line per check; the exit status is the number of failed ones.
 */
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define MiB (1ul << 20)
#define GiB (1ul << 30)

/* The window of the kernel's image and of the VM area, with the guard page below it. */
#define WINDOW 0x40000000ul
#define WINDOW_END 0x80000000ul
#define GUARD (WINDOW - PAGE)
#define PROGRAM_END 0x3ffffffff000ul

/* Addresses of the kernel's, one of each kind, mapped there or not; and three that no address space of 47 bits has. */
static const unsigned long kernel_addresses[] = {
    0x40000000,	    0x41000000,	    0x41200000,		0x5ffff000,	    0x7effe000,		0x7f000000,
    0x7f100000,	    0x7ffff000,	    0x400000000000,	0x400001000000,	    0x500000001000,	0x580000000000,
    0x5c0000000000, 0x7ffffffff000, 0x8000000000000000, 0xffff888000000000, 0xffffffff81000000,
};
#define KERNEL_ADDRESSES (sizeof kernel_addresses / sizeof *kernel_addresses)

static int failures;

/* Prints a line for one check. Numbers that differ from run to run do not belong into it. */
static inline void check(bool good, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	fputs(good ? "ok   " : "FAIL ", stdout);
	vprintf(format, list);
	putchar('\n');
	va_end(list);
	failures += !good;
}

/* As check, with errno where a call did not fail as it should. */
static inline void check_fails(long result, int expected, const char *what)
{
	int error = errno;
	if (result == -1 && error == expected)
		check(true, "%s", what);
	else
		check(false, "%s: result %ld, errno %d", what, result, error);
}

static inline bool in_window(const void *start, unsigned long length)
{
	return (unsigned long)start < WINDOW_END && (unsigned long)start + length > GUARD;
}

static inline void *map_at(unsigned long address, unsigned long length, int more_flags)
{
	errno = 0;
	return mmap((void *)address, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | more_flags, -1, 0);
}

static sigjmp_buf on_fault;

static inline void fault_handler(int signal)
{
	siglongjmp(on_fault, signal);
}

static inline void catch_faults(void)
{
	/* On a stack of its own: kernel code that a program called may have moved RSP. */
	static char stack[64 * 1024];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
	struct sigaction action = {.sa_handler = fault_handler, .sa_flags = SA_NODEFER | SA_ONSTACK};
	sigaltstack(&alternate, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGILL, &action, NULL);
}

static inline int verdict(void)
{
	printf("%d failed\n", failures);
	return failures;
}
