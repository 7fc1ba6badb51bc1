/*
 * A debugger sees a program's instructions and registers as they are: at system calls, at single steps over them, with breakpoints on them, however
 * often they were made.
 */
#include "../conformance/check.h"
#include <sys/ptrace.h>
#include <sys/user.h>

extern const unsigned char loop_call[], loop_next[], loop_top[];

/* Counts getppid in rbx; with padding behind the return, as compilers leave it. */
asm(".text; .balign 16; .globl loop_top, loop_call, loop_next\n"
    "loop: xorl %ebx, %ebx\n"
    "loop_top: movl $110, %eax\n"
    "loop_call: syscall\n"
    "loop_next: incl %ebx; cmpl %ebx, %edi; jne loop_top; movl %ebx, %eax; ret\n"
    ".balign 16; .fill 32, 1, 0x90; ret");
extern long loop(long rounds) __asm__("loop");

static __attribute__((noinline)) void run_loop(long rounds)
{
	asm volatile("call loop" : : "D"(rounds) : "rax", "rbx", "rcx", "r11", "memory", "cc");
}

static int status;

static bool go(int child, int how, int signal)
{
	return ptrace(how, child, 0, signal) == 0 && waitpid(child, &status, 0) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
}

static int start(long rounds)
{
	int child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		run_loop(rounds);
		_exit(7);
	}
	waitpid(child, &status, 0);
	return child;
}

static struct user_regs_struct registers(int child)
{
	struct user_regs_struct all;
	ptrace(PTRACE_GETREGS, child, 0, &all);
	return all;
}

static void finish(int child, const char *what)
{
	ptrace(PTRACE_CONT, child, 0, 0);
	waitpid(child, &status, 0);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 7, "%s: it ends as it would have", what);
}

/* A breakpoint, and then without it. */
static bool run_to(int child, const unsigned char *where)
{
	long old = ptrace(PTRACE_PEEKTEXT, child, where, 0);
	ptrace(PTRACE_POKETEXT, child, where, (old & ~0xffl) | 0xcc);
	bool there = go(child, PTRACE_CONT, 0);
	struct user_regs_struct r = registers(child);
	there &= r.rip == (unsigned long)where + 1;
	ptrace(PTRACE_POKETEXT, child, where, old);
	r.rip--;
	ptrace(PTRACE_SETREGS, child, 0, &r);
	return there;
}

static void steps(void)
{
	run_loop(100); /* an engine knows the place now */
	int child = start(100000);
	check(run_to(child, loop_top), "a breakpoint before a call");
	bool right = true;
	for (int i = 0; i < 20; i++) {
		static const unsigned char *const places[] = {loop_call, loop_next};
		for (int k = 0; k < 2; k++) {
			right &= go(child, PTRACE_SINGLESTEP, 0);
			right &= registers(child).rip == (unsigned long)places[k];
		}
		for (int k = 0; k < 3; k++)
			right &= go(child, PTRACE_SINGLESTEP, 0);
		right &= registers(child).rip == (unsigned long)loop_top;
	}
	check(right, "steps over calls stop behind them");
	check((ptrace(PTRACE_PEEKTEXT, child, loop_call, 0) & 0xffff) == 0x050f, "the call reads as it is");
	check(run_to(child, loop_call), "a breakpoint on a call");
	check(run_to(child, loop_next), "one behind it");
	check(run_to(child, loop_call) && run_to(child, loop_next) && run_to(child, loop_call), "and again");
	struct user_regs_struct r = registers(child);
	r.rbx = 100000 - 10;
	ptrace(PTRACE_SETREGS, child, 0, &r);
	finish(child, "stepped");
}

static void calls(void)
{
	int child = start(50);
	ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
	bool right = true;
	int entries = 0;
	for (;;) {
		ptrace(PTRACE_SYSCALL, child, 0, 0);
		if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
			break;
		struct user_regs_struct r = registers(child);
		if (r.orig_rax != SYS_getppid)
			continue;
		right &= WSTOPSIG(status) == (SIGTRAP | 0x80) && r.rip == (unsigned long)loop_next && r.rcx == r.rip;
		if (entries++ % 2 == 0) {
			right &= (long)r.rax == -ENOSYS;
			r.orig_rax = SYS_getpid;
			ptrace(PTRACE_SETREGS, child, 0, &r);
			ptrace(PTRACE_SYSCALL, child, 0, 0);
			waitpid(child, &status, 0);
			r = registers(child);
			right &= (long)r.rax == child && r.rip == (unsigned long)loop_next;
			entries++;
		}
	}
	check(right && entries == 100, "all calls stop, going in and coming out");
	check(WIFEXITED(status) && WEXITSTATUS(status) == 7, "traced: it ends as it would have");
}

/* A debugger writes other code over what runs, to and fro. */
static void writes(void)
{
	int child = start(1000000000);
	long old = ptrace(PTRACE_PEEKTEXT, child, loop_top, 0);
	bool right = true;
	for (int i = 0; i < 10; i++) {
		right &= run_to(child, loop_next);
		unsigned long number = i % 2 ? SYS_getppid : SYS_getpid;
		long changed = (old & ~0xff00l) | (long)number << 8; /* the number in movl's operand */
		ptrace(PTRACE_POKETEXT, child, loop_top, changed);
		right &= run_to(child, loop_top) && run_to(child, loop_next);
		right &= registers(child).rax == (unsigned long)(i % 2 ? getpid() : child);
	}
	check(right, "code that a debugger writes runs, each time");
	kill(child, SIGKILL);
	check(waitpid(child, &status, 0) == child && WIFSIGNALED(status), "written to: it ends");
}

int main(void)
{
	steps();
	calls();
	writes();
	return verdict();
}
