/*
 * What of the fault programs is x86-64's: system call numbers and layouts (arch/x86/entry/syscalls/syscall_64.tbl, uapi headers), selectors, the
 * kernel's addresses, and how a register as wide as an address is called.
 */
#pragma once

enum {
	SYS_read = 0,
	SYS_write = 1,
	SYS_open = 2,
	SYS_close = 3,
	SYS_stat = 4,
	SYS_mmap = 9,
	SYS_mprotect = 10,
	SYS_munmap = 11,
	SYS_rt_sigaction = 13,
	SYS_rt_sigprocmask = 14,
	SYS_rt_sigreturn = 15,
	SYS_ioctl = 16,
	SYS_readv = 19,
	SYS_writev = 20,
	SYS_pipe = 22,
	SYS_sched_yield = 24,
	SYS_nanosleep = 35,
	SYS_setitimer = 38,
	SYS_getpid = 39,
	SYS_fork = 57,
	SYS_execve = 59,
	SYS_exit = 60,
	SYS_wait4 = 61,
	SYS_kill = 62,
	SYS_uname = 63,
	SYS_getcwd = 79,
	SYS_gettimeofday = 96,
	SYS_ptrace = 101,
	SYS_arch_prctl = 158,
	SYS_futex = 202,
	SYS_clock_gettime = 228,
};
enum { ARCH_SET_GS = 0x1001, ARCH_SET_FS = 0x1002, ARCH_GET_FS = 0x1003, ARCH_GET_GS = 0x1004 };

/* Names of registers, for instructions that work on words. */
#define AX "%%rax"
#define DI "%%rdi"
#define SP "%%rsp"
#define PUSHF "pushfq"
#define POPF "popfq"

/* What a signal handler with SA_SIGINFO gets as its third argument, and what rt_sigreturn takes back. */
struct context {
	word flags, link, stack_base, stack_flags, stack_size;
	word r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, sp, ip, eflags;
	u16 cs, gs, fs, ss;
	word error, trap, old_mask, cr2, fpu, reserved[8], mask;
};

enum { USER_CODE = 0x33, USER_DATA = 0x2b };

/* The state begins with the FXSAVE image. */
enum { FXSAVE = 0 };

/* Whatever an instruction left in segment registers. */
static inline void usual_segments(struct context *context)
{
	context->cs = USER_CODE;
	context->ss = USER_DATA;
}

/* Addresses that programs cannot have. */
static const struct place {
	const char *name;
	word address;
} places[] = {
    {"guard page", 0x3ffff000},
    {"kernel text", 0x41000000},
    {"VM area", 0x7f000000},
    {"vCPU page", 0x7f100000},
    {"last of the window", 0x7fffffff},
    {"direct map", 0x400000000000},
    {"vmalloc", 0x500000001000},
    {"last of the lower half", 0x7fffffffffff},
    {"not canonical", 0x800000000000},
    {"upper half", 0xffffffff81000000},
    {"last byte", 0xffffffffffffffff},
};
#define KERNEL_TEXT 0x41000000
#define VM_AREA 0x7f000000
#define VCPU_PAGE 0x7f100000
#define LAST_OF_PROGRAMS 0x3fffffffeffe

/* What the kernel tells a debugger of a program's registers (struct user_regs_struct), and where in struct user its debug registers are. */
enum { REG_IP = 16, REG_CS, REG_SS = 20, REG_ES = 24, REG_FS, REG_GS, REGISTERS };
enum { DEBUG_REGISTERS = 848 };

static inline long call6(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long fourth asm("r10") = d;
	register long fifth asm("r8") = e;
	register long sixth asm("r9") = f;
	asm volatile("syscall" : "=a"(result) : "0"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth) : "rcx", "r11", "memory");
	return result;
}

static inline long call5(long number, long a, long b, long c, long d, long e)
{
	return call6(number, a, b, c, d, e, 0);
}

/* System calls that only this machine has, with a pointer that the kernel cannot follow. */
#define MACHINE_CALLS(name, bad) REPORT(name, "arch_prctl", call(SYS_arch_prctl, ARCH_GET_FS, bad), "and GS", call(SYS_arch_prctl, ARCH_GET_GS, bad))

/* Instructions that only this machine has. */
#define MACHINE_ATTEMPTS                                                                                    \
	do {                                                                                                \
		ATTEMPT("swapgs", "swapgs");                                                                \
		ATTEMPT("sysretq", "movl $1f, %%ecx; sysretq");                                             \
		ATTEMPT("mov from cr8", "movq %%cr8, %%rax");                                               \
		ATTEMPT("a non-canonical address", "movq $1, %%rax; shlq $47, %%rax; movl (%%rax), %%eax"); \
		ATTEMPT("int 0x80", "movl $20, %%eax; int $0x80");                                          \
	} while (0)

/* SYS_rt_sigreturn and SYS_exit. */
asm(".text; restore: movl $15, %eax; syscall");
asm(".text; .globl _start; _start: xorl %ebp, %ebp; andq $-16, %rsp; call run; movl %eax, %edi; movl $60, %eax; syscall");
