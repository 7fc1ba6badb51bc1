/* Memory of programs: rights, guards, growth, moves, files, and the end of it. What is written is what is read, whatever lies between. */
#include "../conformance/check.h"
#include <fcntl.h>
#include <sys/resource.h>

static bool faults_with(int signal, volatile char *at, bool writes)
{
	catch_faults();
	int got = sigsetjmp(on_fault, 1);
	if (got == 0) {
		if (writes)
			*at = 1;
		else
			(void)*at;
	}
	return got == signal;
}

static char *anonymous(unsigned long bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static void rights(void)
{
	char *pages = anonymous(64 * PAGE);
	memset(pages, 5, 64 * PAGE);
	bool right = true;
	for (int round = 0; round < 20; round++)
		for (int i = round % 2; i < 64; i += 2) {
			mprotect(pages + i * PAGE, PAGE, PROT_READ);
			right &= faults_with(SIGSEGV, pages + i * PAGE, true) && pages[i * PAGE] == 5;
			mprotect(pages + i * PAGE, PAGE, PROT_NONE);
			right &= faults_with(SIGSEGV, pages + i * PAGE, false);
			mprotect(pages + i * PAGE, PAGE, PROT_READ | PROT_WRITE);
			pages[i * PAGE] = 5;
		}
	check(right, "rights of single pages, taken and given");
	char *large = anonymous(8 * MiB);
	large = (char *)(((unsigned long)large + 2 * MiB - 1) & -(2 * MiB));
	memset(large, 6, 4 * MiB);
	mprotect(large + 3 * PAGE, PAGE, PROT_READ);
	right = faults_with(SIGSEGV, large + 3 * PAGE, true) && !faults_with(SIGSEGV, large + 4 * PAGE, true) && large[3 * PAGE] == 6;
	munmap(large + 7 * PAGE, PAGE);
	right &= faults_with(SIGSEGV, large + 7 * PAGE, false) && large[8 * PAGE] == 6 && large[2 * MiB] == 6;
	madvise(large + 9 * PAGE, 2 * PAGE, MADV_DONTNEED);
	right &= large[9 * PAGE] == 0 && large[10 * PAGE] == 0 && large[11 * PAGE] == 6;
	check(right, "a large page in pieces");
	munmap(pages, 64 * PAGE);
}

static void growth(void)
{
	char *down = mmap((void *)0x7000000000, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	bool right = true;
	for (int i = 1; i < 200; i++)
		right &= !faults_with(SIGSEGV, down - i * PAGE, true);
	check(right, "a mapping that grows down");
	char *limit = down - 5000 * PAGE;
	mmap(limit, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	check(faults_with(SIGSEGV, limit + 16 * PAGE, true), "not up to its neighbour");
	char *old = sbrk(0);
	sbrk(64 * MiB);
	memset(old, 1, 64 * MiB);
	check(sbrk(-48 * (long)MiB) != (void *)-1 && faults_with(SIGSEGV, old + 63 * MiB, false), "a heap that shrinks");
	sbrk(48 * MiB);
	right = true;
	for (char *at = old + 17 * MiB; at < old + 64 * MiB; at += PAGE)
		right &= *at == 0;
	check(right && old[15 * MiB] == 1, "and grows: zeros");
	sbrk(-64 * (long)MiB);
}

static void moves(void)
{
	unsigned long *from = (unsigned long *)anonymous(16 * MiB);
	for (unsigned long i = 0; i < 16 * MiB / 8; i += 64)
		from[i] = i;
	bool right = true;
	unsigned long size = 16 * MiB;
	for (int round = 0; round < 20; round++) {
		unsigned long *to = mremap(from, size, size + MiB, MREMAP_MAYMOVE);
		right &= to != MAP_FAILED && to[size / 8 + 100] == 0;
		from = to;
		size += MiB;
		void *hole = anonymous(MiB);
		to = mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, (char *)anonymous(size + 4 * MiB) + (round % 3) * PAGE);
		right &= to != MAP_FAILED;
		from = to;
		munmap(hole, MiB);
	}
	for (unsigned long i = 0; i < 16 * MiB / 8; i += 64)
		right &= from[i] == i;
	check(right, "mappings that grow and move");
	char *sparse = anonymous(64ul << 30);
	right = sparse != MAP_FAILED;
	for (unsigned long i = 0; right && i < 40; i++)
		sparse[i * (64ul << 30) / 40] = i;
	for (unsigned long i = 0; right && i < 40; i++)
		right &= sparse[i * (64ul << 30) / 40] == (char)i;
	check(right, "64 GiB, touched here and there");
	munmap(sparse, 64ul << 30);
}

static void copies(void)
{
	enum { COUNT = 4096 };
	char *pages = anonymous(COUNT * PAGE);
	int *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(pages, 1, COUNT * PAGE);
	int status;
	bool right = true;
	for (int round = 0; round < 5; round++) {
		int child = fork();
		if (child == 0) {
			for (int i = round; i < COUNT; i += 3)
				pages[i * PAGE] += 10;
			int sum = 0;
			for (int i = 0; i < COUNT; i++)
				sum += pages[i * PAGE];
			*shared = sum;
			_exit(0);
		}
		for (int i = 0; i < COUNT; i += 5)
			pages[i * PAGE + 1]++;
		right &= waitpid(child, &status, 0) == child && status == 0 && *shared == COUNT + 10 * ((COUNT - round + 2) / 3);
	}
	for (int i = 0; i < COUNT; i++)
		right &= pages[i * PAGE] == 1 && pages[i * PAGE + 1] == (i % 5 ? 1 : 6);
	check(right, "copies of a process's memory are its own");
	munmap(pages, COUNT * PAGE);
}

static void files(void)
{
	int file = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(file >= 0 && ftruncate(file, 64 * PAGE) == 0, "a file");
	char *shared = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	char *private = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	char byte = 0;
	shared[5 * PAGE] = 'a';
	check(private[5 * PAGE] == 'a' && pread(file, &byte, 1, 5 * PAGE) == 1 && byte == 'a', "what is written to a mapping is in the file");
	private[5 * PAGE] = 'b';
	check(shared[5 * PAGE] == 'a' && pwrite(file, "c", 1, 5 * PAGE) == 1 && private[5 * PAGE] == 'b' && shared[5 * PAGE] == 'c',
	      "not so to a private one");
	int status;
	if (fork() == 0) {
		shared[6 * PAGE] = 'd';
		private[6 * PAGE] = 'e';
		_exit(0);
	}
	check(wait(&status) > 0 && shared[6 * PAGE] == 'd' && private[6 * PAGE] == 'd', "by another process");
	memset(shared, 'x', 64 * PAGE);
	check(ftruncate(file, 10 * PAGE + 100) == 0, "the file is cut");
	check(faults_with(SIGBUS, shared + 11 * PAGE, false) && faults_with(SIGBUS, shared + 63 * PAGE, true) && shared[9 * PAGE] == 'x',
	      "SIGBUS behind its end");
	check(shared[10 * PAGE + 99] == 'x' && shared[10 * PAGE + 101] == 0, "zeros up to the end of the page");
	check(private[5 * PAGE] == 'b' && faults_with(SIGBUS, private + 40 * PAGE, true), "the private mapping, too");
	check(ftruncate(file, 64 * PAGE) == 0 && shared[40 * PAGE] == 0 && !faults_with(SIGBUS, shared + 40 * PAGE, true), "longer again: zeros");
	close(file);
	unlink("/tmp/mapped");
	munmap(shared, 64 * PAGE);
	munmap(private, 64 * PAGE);
}

/* More than there is: the program that takes it is killed, and no other. */
static void no_memory(void)
{
	int witness = fork(), status;
	if (witness == 0)
		for (;;)
			pause();
	int child = fork();
	if (child == 0) {
		int file = open("/proc/self/oom_score_adj", O_WRONLY);
		if (write(file, "1000", 4) != 4)
			_exit(1);
		for (;;) {
			char *more = anonymous(16 * MiB);
			if (more == MAP_FAILED)
				_exit(2);
			memset(more, 1, 16 * MiB);
		}
	}
	check(waitpid(child, &status, 0) == child && status == SIGKILL, "who takes all memory is killed");
	check(waitpid(witness, &status, WNOHANG) == 0, "and nobody else");
	kill(witness, SIGKILL);
	waitpid(witness, &status, 0);
	char *pages = anonymous(64 * MiB);
	memset(pages, 3, 64 * MiB);
	check(pages[63 * MiB] == 3, "the memory is there again");
}

int main(int count, char **arguments)
{
	(void)arguments;
	rights();
	growth();
	moves();
	copies();
	files();
	if (count == 1) /* with an argument: on a machine that others use, too */
		no_memory();
	return verdict();
}
