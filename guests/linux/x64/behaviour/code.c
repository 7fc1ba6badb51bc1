/*
 * Programs and their own code: read, written, moved, mapped twice, called from two places. An engine may have its ways with instructions that it
 * finds there; a program must not see it.
 */
#include "../conformance/check.h"
#include <fcntl.h>

typedef long function(void);

/* getppid, as compilers write it; long() is what it returns. */
static const unsigned char getppid_code[] = {0xb8, SYS_getppid, 0, 0, 0, 0x0f, 0x05, 0xc3};
static const unsigned char getpid_code[] = {0xb8, SYS_getpid, 0, 0, 0, 0x0f, 0x05, 0xc3};

enum { CALLS = 50 };

/* Not where a page begins, and functions behind it, aligned as compilers align them. */
enum { AT = 0x100, FUNCTION = 16, FUNCTIONS = 6 };

static void put(unsigned char *page, const unsigned char *code)
{
	memset(page + AT, 0x90, FUNCTIONS * FUNCTION);
	for (int i = 1; i < FUNCTIONS; i++)
		page[AT + i * FUNCTION] = 0xc3;
	memcpy(page + AT, code, sizeof getppid_code);
}

static bool gives(void *code, long expected)
{
	bool right = true;
	for (int i = 0; i < CALLS; i++)
		right &= ((function *)code)() == expected;
	return right;
}

static unsigned char *pages(unsigned count, int protection)
{
	return mmap(NULL, count * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* A file of code, as libraries are: clean pages of the page cache. */
static int file_of(const char *name, const unsigned char *code)
{
	static unsigned char page[PAGE];
	int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0700);
	put(page, code);
	return write(file, page, PAGE) == (long)PAGE ? file : -1;
}

static void of_a_file(void)
{
	int first = file_of("/tmp/first", getppid_code), second = file_of("/tmp/second", getpid_code);
	unsigned char *one = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, first, 0);
	unsigned char *two = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, first, 0);
	check(gives(one + AT, getppid()) && gives(two + AT, getppid()), "the same code at two addresses");
	if (fork() == 0)
		_exit(!gives(one + AT, getppid()));
	int status;
	check(wait(&status) > 0 && status == 0, "and in a child");
	check(mmap(one, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, second, 0) == one && gives(one + AT, getpid()) && gives(two + AT, getppid()),
	      "other code mapped over it");
	check(mremap(one, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, two) == two && gives(two + AT, getpid()), "code that moved");
	catch_faults();
	if (sigsetjmp(on_fault, 1) == 0)
		check(!gives(one + AT, getpid()), "where it was, nothing is");
	else
		check(true, "where it was, nothing is");
	check(mprotect(two, PAGE, PROT_READ | PROT_WRITE) == 0, "code made data");
	put(two, getppid_code);
	check(mprotect(two, PAGE, PROT_READ | PROT_EXEC) == 0 && gives(two + AT, getppid()), "and code again, another");
	check(memcmp(two + AT, getppid_code, sizeof getppid_code) == 0, "it reads as it was written");

	/* By a write to the file, while it is mapped and was run. */
	unsigned char *shared = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, second, 0);
	check(gives(shared + AT, getpid()), "a shared mapping");
	static unsigned char page[PAGE];
	put(page, getppid_code);
	check(pwrite(second, page, PAGE, 0) == (long)PAGE && gives(shared + AT, getppid()), "the file is written while its code is mapped");
	unsigned char *writable = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, second, 0);
	put(writable, getpid_code);
	check(gives(shared + AT, getpid()), "another mapping of it is written");
	put(writable, getppid_code);
	check(gives(shared + AT, getppid()), "and once more");
	close(first);
	close(second);
	unlink("/tmp/first");
	unlink("/tmp/second");
}

static void of_memory(void)
{
	unsigned char *code = pages(2, PROT_READ | PROT_WRITE | PROT_EXEC);
	put(code, getppid_code);
	check(gives(code + AT, getppid()), "writable code");
	code[AT + 1] = SYS_getpid;
	check(gives(code + AT, getpid()), "changes at once");
	/* Across the end of a page. */
	memcpy(code + PAGE - 6, getppid_code, sizeof getppid_code);
	check(mprotect(code, 2 * PAGE, PROT_READ | PROT_EXEC) == 0 && gives(code + PAGE - 6, getppid()), "SYSCALL over a page's end");
	check(munmap(code + PAGE, PAGE) == 0 && gives(code + AT, getpid()), "what is left goes on");
	unsigned char *fresh = pages(1, PROT_READ | PROT_WRITE);
	put(fresh, getppid_code);
	catch_faults();
	if (sigsetjmp(on_fault, 1) == 0)
		check(gives(fresh + AT, 0), "data is no code");
	else
		check(true, "data is no code");
	check(mprotect(fresh, PAGE, PROT_EXEC) == 0 && gives(fresh + AT, getppid()), "made code");
}

/* All of this program's code is the same before and after it made the calls in it. */
static unsigned long sum_of_text(void)
{
	extern const unsigned char __executable_start[], etext[];
	unsigned long sum = 0;
	for (const unsigned char *byte = __executable_start; byte < etext; byte++)
		sum = sum * 31 + *byte;
	return sum;
}

static void read_by_itself(void)
{
	unsigned long before = sum_of_text();
	for (int i = 0; i < CALLS; i++)
		if (getppid() == 0 || access("/", F_OK) != 0 || lseek(-1, 0, 0) != -1)
			check(false, "calls");
	check(sum_of_text() == before, "this program's code reads the same after its calls");
}

int main(int count, char **arguments)
{
	if (count > 1) { /* execve over pages whose calls were made, again and again */
		int left = atoi(arguments[1]);
		for (int i = 0; i < 20; i++)
			getppid();
		char text[12];
		snprintf(text, sizeof text, "%d", left - 1);
		if (left > 0)
			execl("/proc/self/exe", "code", text, (char *)NULL);
		return left;
	}
	of_a_file();
	of_memory();
	if (fork() == 0)
		execl("/proc/self/exe", "code", "100", (char *)NULL);
	int status;
	check(wait(&status) > 0 && status == 0, "100 times execve of itself");
	read_by_itself();
	return verdict();
}
