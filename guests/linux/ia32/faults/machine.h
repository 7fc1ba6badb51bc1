/*
 * What of the fault programs is the i386's: system call numbers and layouts (arch/x86/entry/syscalls/syscall_32.tbl, uapi headers), selectors, the
 * kernel's addresses, and how a register as wide as an address is called.
 */
#pragma once

enum {
	SYS_exit = 1,
	SYS_fork = 2,
	SYS_read = 3,
	SYS_write = 4,
	SYS_open = 5,
	SYS_close = 6,
	SYS_execve = 11,
	SYS_getpid = 20,
	SYS_ptrace = 26,
	SYS_kill = 37,
	SYS_pipe = 42,
	SYS_ioctl = 54,
	SYS_gettimeofday = 78,
	SYS_munmap = 91,
	SYS_setitimer = 104,
	SYS_stat = 106,
	SYS_wait4 = 114,
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
	SYS_mmap = 192, /* mmap2 */
	SYS_futex = 240,
	SYS_set_thread_area = 243,
	SYS_get_thread_area = 244,
	SYS_clock_gettime = 265,
};

/* Names of registers, for instructions that work on words. */
#define AX "%%eax"
#define DI "%%edi"
#define SP "%%esp"
#define PUSHF "pushfl"
#define POPF "popfl"

/* What a signal handler with SA_SIGINFO gets as its third argument, and what rt_sigreturn takes back. */
struct context {
	u32 flags, link, stack_base, stack_flags, stack_size;
	u16 gs, gs_high, fs, fs_high, es, es_high, ds, ds_high;
	u32 edi, esi, ebp, sp, ebx, edx, ecx, eax, trap, error, ip;
	u16 cs, cs_high;
	u32 eflags, esp_at_signal;
	u16 ss, ss_high;
	u32 fpu, old_mask, cr2;
	u32 mask[2];
};

enum { USER_CODE = 0x73, USER_DATA = 0x7b };

/* The FXSAVE image lies behind the old state of 112 bytes. */
enum { FXSAVE = 112 };

/* Whatever an instruction left in segment registers. */
static inline void usual_segments(struct context *context)
{
	context->cs = USER_CODE;
	context->ss = context->ds = context->es = USER_DATA;
}

/* Addresses that programs cannot have. */
static const struct place {
	const char *name;
	word address;
} places[] = {
    {"kernel text", 0xc1000000}, {"end of kernel memory", 0xff000000}, {"VM area", 0xff800000}, {"vCPU page", 0xff810000}, {"last byte", 0xffffffff},
};
#define KERNEL_TEXT 0xc1000000
#define VM_AREA 0xff800000
#define VCPU_PAGE 0xff810000
#define LAST_OF_PROGRAMS 0xbffffffe

/* What the kernel tells a debugger of a program's registers (struct user_regs_struct), and where in struct user its debug registers are. */
enum { REG_ES = 8, REG_FS, REG_GS, REG_IP = 12, REG_CS, REG_SS = 16, REGISTERS };
enum { DEBUG_REGISTERS = 252 };

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

/* System calls that only this machine has, with a pointer that the kernel cannot follow. */
#define MACHINE_CALLS(name, bad) REPORT(name, "set_thread_area", call(SYS_set_thread_area, bad), "get_thread_area", call(SYS_get_thread_area, bad))

/* Instructions that only this machine has. */
#define MACHINE_ATTEMPTS                                                                       \
	do {                                                                                   \
		ATTEMPT("into", "movb $0x7f, %%al; addb $1, %%al; into");                      \
		ATTEMPT("bound", "movl $-1, %%eax; pushl $1; pushl $0; bound %%eax, (%%esp)"); \
	} while (0)

/* SYS_rt_sigreturn and SYS_exit. */
asm(".text; restore: movl $173, %eax; int $0x80");
asm(".text; .globl _start; _start: xorl %ebp, %ebp; call run; movl %eax, %ebx; movl $1, %eax; int $0x80");
