/* mmap, mremap, brk and growing stacks: nothing gets into the window or its guard page, and everything else works beside it. */
#include "check.h"

static void sizes(void)
{
	char *large = map_at(0, GiB, 0);
	check(large != MAP_FAILED && !in_window(large, GiB), "1 GiB anywhere");
	for (unsigned long at = 0; at < GiB; at += 16 * MiB)
		large[at] = at / MiB;
	int right = 0;
	for (unsigned long at = 0; at < GiB; at += 16 * MiB)
		right += (unsigned char)large[at] == at / MiB % 256;
	check(right == 64, "it keeps what is written");
	munmap(large, GiB);
	void *low = map_at(0, 100000, MAP_32BIT);
	check(low != MAP_FAILED && (unsigned long)low < 2 * GiB && !in_window(low, 100000), "MAP_32BIT");
	if (low != MAP_FAILED)
		memset(low, 1, 100000);
	low = map_at(0, 512 * MiB, MAP_32BIT);
	check(low != MAP_FAILED && (unsigned long)low + 512 * MiB < 2 * GiB && !in_window(low, 512 * MiB), "MAP_32BIT, 512 MiB");
	if (low != MAP_FAILED)
		munmap(low, 512 * MiB);
	check_fails((long)map_at(0, GiB, MAP_32BIT), ENOMEM, "MAP_32BIT, 1 GiB, fails");
}

static void fixed(void)
{
	static const struct {
		unsigned long start, length;
		const char *what;
	} refused[] = {
	    {0x41000000, PAGE, "MAP_FIXED on the kernel's text"},
	    {0x7f100000, PAGE, "MAP_FIXED on the vCPU page"},
	    {GUARD, PAGE, "MAP_FIXED on the guard page"},
	    {0x7fff0000, 0x20000, "MAP_FIXED across the window's end"},
	    {0x3ffe0000, 0x30000, "MAP_FIXED across the window's start"},
	    {0x30000000, 0x60000000, "MAP_FIXED across all of it"},
	    {PROGRAM_END, PAGE, "MAP_FIXED behind the end of programs"},
	    {0x400000000000, PAGE, "MAP_FIXED on the direct map"},
	    {0x7ffffffff000, PAGE, "MAP_FIXED on the last page of 47 bits"},
	};
	for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
		check_fails((long)map_at(refused[i].start, refused[i].length, MAP_FIXED), ENOMEM, refused[i].what);
		check_fails((long)map_at(refused[i].start, refused[i].length, MAP_FIXED_NOREPLACE), ENOMEM, "  and MAP_FIXED_NOREPLACE");
	}
	void *hinted = map_at(0x50000000, PAGE, 0);
	check(hinted != MAP_FAILED && !in_window(hinted, PAGE), "a hint into the window is ignored");
	check(map_at(WINDOW_END, PAGE, MAP_FIXED_NOREPLACE) == (void *)WINDOW_END, "the page behind the window");
	check(map_at(GUARD - 2 * PAGE, 2 * PAGE, MAP_FIXED_NOREPLACE) == (void *)(GUARD - 2 * PAGE), "the pages below its guard");
	check(map_at(PROGRAM_END - PAGE, PAGE, MAP_FIXED_NOREPLACE) == (void *)(PROGRAM_END - PAGE) || errno == EEXIST, "the last page of programs");
}

static void changes(void)
{
	char *pages = map_at(0, 16 * PAGE, 0);
	check_fails((long)mremap(pages, 16 * PAGE, 16 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)0x48000000), ENOMEM, "mremap into the window");
	check_fails((long)mremap((void *)(GUARD - 2 * PAGE), 2 * PAGE, MiB, 0), ENOMEM, "mremap does not grow into it");
	check_fails(mprotect((void *)0x41000000, PAGE, PROT_READ), ENOMEM, "mprotect there");
	check_fails(madvise((void *)0x41000000, PAGE, MADV_DONTNEED), ENOMEM, "madvise there");
	check_fails(msync((void *)0x41000000, PAGE, MS_SYNC), ENOMEM, "msync there");
	check_fails(mlock((void *)0x41000000, PAGE), ENOMEM, "mlock there");
	unsigned char resident;
	check_fails(mincore((void *)0x41000000, PAGE, &resident), ENOMEM, "mincore there");
	check(munmap((void *)WINDOW, WINDOW_END - WINDOW) == 0, "munmap of the window unmaps nothing");
	check(getppid() > 0, "  and the kernel lives on");
}

static int touch(char *address)
{
	int signal = sigsetjmp(on_fault, 1);
	if (!signal)
		*(volatile char *)address = 1;
	return signal;
}

static void growth(void)
{
	unsigned long end = syscall(SYS_brk, 0);
	check((unsigned long)syscall(SYS_brk, 0x50000000) == end || end > WINDOW_END, "brk into the window");
	syscall(SYS_brk, end);
	char *stack = map_at(WINDOW_END + 16 * PAGE, 2 * PAGE, MAP_GROWSDOWN | MAP_FIXED);
	munmap((void *)WINDOW_END, PAGE);
	unsigned long lowest = 0;
	for (char *at = stack; at > (char *)(WINDOW_END - 4 * PAGE) && touch(at) == 0; at -= PAGE)
		lowest = (unsigned long)at;
	check(lowest >= WINDOW_END, "a stack does not grow into the window");
}

int main(void)
{
	catch_faults();
	sizes();
	fixed();
	changes();
	growth();
	return verdict();
}
