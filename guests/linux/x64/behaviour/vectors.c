/*
 * Vector registers, as wide as the processor has them, the x87's and MXCSR belong to each process and thread alone: side by side they keep their
 * own over switches, forks and signals.
 */
#include "../conformance/check.h"
#include <immintrin.h>
#include <pthread.h>
#include <sched.h>

enum { ROUNDS = 300, WORDS = 64 };

static bool has_256, has_512;

static void *as_they_are(unsigned long number, int rounds, void (*between)(void));

/* All registers from an array, and back to another, with a call in between. */
__attribute__((target("avx"))) static void round_256(const unsigned long *from, unsigned long *to, void (*between)(void))
{
	asm volatile("pushq %%rbx; pushq %%r12; movq %[to], %%r12; movq %%rsp, %%rbx; subq $256, %%rsp; andq $-64, %%rsp\n"
		     "vmovups (%[from]), %%ymm0; vmovups 32(%[from]), %%ymm7; vmovups 64(%[from]), %%ymm8; vmovups 96(%[from]), %%ymm15\n"
		     "call *%[between]\n"
		     "vmovups %%ymm0, (%%r12); vmovups %%ymm7, 32(%%r12); vmovups %%ymm8, 64(%%r12); vmovups %%ymm15, 96(%%r12)\n"
		     "movq %%rbx, %%rsp; popq %%r12; popq %%rbx"
		     :
		     : [from] "S"(from), [to] "D"(to), [between] "a"(between)
		     : "rcx", "rdx", "r8", "r9", "r10", "r11", "xmm0", "xmm7", "xmm8", "xmm15", "memory", "cc");
}

__attribute__((target("avx512f"))) static void round_512(const unsigned long *from, unsigned long *to, void (*between)(void))
{
	asm volatile("pushq %%rbx; pushq %%r12; movq %[to], %%r12; movq %%rsp, %%rbx; subq $256, %%rsp; andq $-64, %%rsp\n"
		     "vmovups (%[from]), %%zmm0; vmovups 64(%[from]), %%zmm15; vmovups 128(%[from]), %%zmm16; vmovups 192(%[from]), %%zmm31\n"
		     "movl (%[from]), %%ecx; kmovw %%ecx, %%k1; kmovw %%ecx, %%k7\n"
		     "call *%[between]\n"
		     "kmovw %%k1, %%ecx; kmovw %%k7, %%edx; movl %%ecx, 256(%%r12); movl %%edx, 264(%%r12)\n"
		     "vmovups %%zmm0, (%%r12); vmovups %%zmm15, 64(%%r12); vmovups %%zmm16, 128(%%r12); vmovups %%zmm31, 192(%%r12)\n"
		     "movq %%rbx, %%rsp; popq %%r12; popq %%rbx"
		     :
		     : [from] "S"(from), [to] "D"(to), [between] "a"(between)
		     : "rcx", "rdx", "r8", "r9", "r10", "r11", "xmm0", "xmm15", "memory", "cc");
}

/* Null if all rounds found what they left. */
static void *as_they_are(unsigned long number, int rounds, void (*between)(void))
{
	unsigned long from[WORDS], to[WORDS];
	unsigned control = 0x1f80 | (number & 3) << 13, seen; /* a rounding mode */
	for (unsigned i = 0; i < WORDS; i++)
		from[i] = number * 1000003 + i;
	asm volatile("ldmxcsr %0; fninit; fildq %1" : : "m"(control), "m"(number) : "memory");
	for (int round = 0; round < rounds; round++) {
		memset(to, 0, sizeof to);
		if (has_512) {
			round_512(from, to, between);
			if (memcmp(from, to, 256) != 0 || to[32] != (from[0] & 0xffff) || to[33] != (from[0] & 0xffff))
				return "512";
		} else if (has_256) {
			round_256(from, to, between);
			if (memcmp(from, to, 128) != 0)
				return "256";
		} else {
			between();
		}
		asm volatile("stmxcsr %0" : "=m"(seen));
		if ((seen & ~0x3f) != control)
			return "MXCSR";
	}
	long top;
	asm volatile("fistpq %0" : "=m"(top));
	control = 0x1f80;
	asm volatile("ldmxcsr %0" : : "m"(control));
	return top == (long)number ? NULL : "x87";
}

/* Written so that the compiler needs no vector registers. */
static void yield(void)
{
	long result;
	asm volatile("syscall" : "=a"(result) : "0"(SYS_sched_yield) : "rcx", "r11", "memory");
}

static void send_signal(void)
{
	long result;
	asm volatile("syscall" : "=a"(result) : "0"(SYS_kill), "D"(syscall(SYS_getpid)), "S"(SIGUSR1) : "rcx", "r11", "memory");
}

static void make_child(void)
{
	long child, result;
	asm volatile("syscall" : "=a"(child) : "0"(SYS_fork) : "rcx", "r11", "memory");
	if (child == 0)
		asm volatile("pxor %%xmm0, %%xmm0; pxor %%xmm7, %%xmm7; syscall" : : "a"(SYS_exit), "D"(0) : "rcx", "r11", "memory");
	asm volatile("xorl %%r10d, %%r10d; syscall" : "=a"(result) : "0"(SYS_wait4), "D"(child), "S"(0), "d"(0) : "rcx", "r10", "r11", "memory");
}

static void handler(int signal)
{
	(void)signal;
	asm volatile("pcmpeqd %%xmm0, %%xmm0; pcmpeqd %%xmm7, %%xmm7; pcmpeqd %%xmm15, %%xmm15; fninit" : : : "xmm0", "xmm7", "xmm15");
}

static void *thread(void *number)
{
	return as_they_are((unsigned long)number, ROUNDS, yield);
}

int main(void)
{
	has_256 = __builtin_cpu_supports("avx");
	has_512 = __builtin_cpu_supports("avx512f");
	signal(SIGUSR1, handler);
	int children[4];
	for (int i = 0; i < 4; i++)
		if ((children[i] = fork()) == 0)
			_exit(as_they_are(i + 1, ROUNDS * 3, yield) != NULL);
	for (int i = 0, status; i < 4; i++)
		check(waitpid(children[i], &status, 0) == children[i] && status == 0, "process %d keeps its registers", i);
	pthread_t threads[3];
	for (unsigned long i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, thread, (void *)(i + 7));
	for (int i = 0; i < 3; i++) {
		void *wrong;
		pthread_join(threads[i], &wrong);
		check(wrong == NULL, "thread %d keeps its registers", i);
	}
	void *wrong = as_they_are(11, ROUNDS, send_signal);
	check(wrong == NULL, "a signal's handler leaves them %s", wrong ? (char *)wrong : "");
	wrong = as_they_are(12, 100, make_child);
	check(wrong == NULL, "a fork leaves them %s", wrong ? (char *)wrong : "");
	return verdict();
}
