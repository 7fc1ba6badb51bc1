// Gives the C compiler the memory of its own collector in large pages (LD_PRELOAD): that memory comes from mmap, in pieces that are no multiples
// of a large page, and is all touched. Other programs that a build starts, and what malloc takes, are left alone.
//
// Safe: cc1 has one thread; a piece is part of a reservation of ours that nobody else knows, so munmap of it takes nothing but the piece.

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	PAGE = 4096,
	LARGE_PAGE = 2 << 20,
	SMALLEST = 16 * PAGE,	  // smaller ones are no pool
	LARGEST = 4 * LARGE_PAGE, // larger ones have large pages of their own
	RESERVATION = 32 * LARGE_PAGE,
};

static char *next, *end; // of what is left of the reservation

static void *ask_kernel(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
	return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}

static int is_for_a_pool(const void *address, size_t length, int protection, int flags)
{
	return !address && length >= SMALLEST && length <= LARGEST && protection == (PROT_READ | PROT_WRITE) &&
	       flags == (MAP_PRIVATE | MAP_ANONYMOUS) && !strcmp(program_invocation_short_name, "cc1");
}

static int reserve(void)
{
	char *start = ask_kernel(NULL, RESERVATION + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (start == MAP_FAILED)
		return 0;
	next = (char *)(((uintptr_t)start + LARGE_PAGE - 1) & -(uintptr_t)LARGE_PAGE);
	end = next + RESERVATION;
	madvise(next, RESERVATION, MADV_HUGEPAGE); // if there are none, small pages do
	return 1;
}

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
	if (!is_for_a_pool(address, length, protection, flags))
		return ask_kernel(address, length, protection, flags, file, offset);
	length = (length + PAGE - 1) & -(size_t)PAGE;
	if ((size_t)(end - next) < length && !reserve())
		return MAP_FAILED;
	void *piece = next;
	next += length;
	return piece;
}
