/*
 * How the deprivileged library works with its engine. What the two share lies in the private pages of the VM area: Vcpu of the hypervisor core, whose
 * offsets are generated (STATE). The engine may be a process or a hypervisor: it is entered by a jump through that page, on a stack of its own.
 *
 * Signals, or interrupts of the host, may come at any instruction. The table of windows tells the engine what to do then (WindowKind).
 */
#include "vmlib.h"
#include "hv_layout.h"

#define STATE(field)	LILY_PRIVATE + VCPU_STATE_##field

#define RFLAGS_TF	0x00000100
#define RFLAGS_DF	0x00000400
#define RFLAGS_NT	0x00004000
#define RFLAGS_AC	0x00040000

/* Selectors of the host's 64-bit programs; a guest whose programs have the same ones can be returned to by IRETQ as it is. */
#define PROGRAM_CS	0x33
#define PROGRAM_SS	0x2b

/* Selectors of the kernels whose system calls need no engine: Linux's. */
#define KERNEL_CS	0x10
#define KERNEL_SS	0x18

/* Not an entry of the jump table: a system call of a program, from a place that was patched. */
#define PROGRAM_CALL	0xffff

/* What a patched system call has in %ecx: the offset behind it in its page, and from this bit on its number, or that %eax has it already. */
#define CALL_OFFSET	0xfff
#define CALL_SHIFT	12
#define CALL_NO_NUMBER	0x3ffff

/*
 * Where protection keys keep programs from their kernel, there is an image of its own (KEYS). The kernel's key is opened and closed by
 * WRPKRU, which wants ECX and EDX clear: those registers and RAX go through the crossing page, the one that can be read on both sides.
 */
#define CROSS(field)	CROSSING_ADDRESS + CROSSING_##field

.macro TO_CROSSING
	movq	%rax, CROSS(AX)
	movq	%rcx, CROSS(CX)
	movq	%rdx, CROSS(DX)
.endm

/* Between the two windows that the caller makes; flags stay. */
.macro CROSS_WITH rights
	movl	$0, %ecx
	movl	$0, %edx
	movl	$\rights, %eax
	wrpkru
	movq	CROSS(AX), %rax
	movq	CROSS(CX), %rcx
	movq	CROSS(DX), %rdx
.endm

/* From here to the next window, an interruption is answered so. Sorted, because all of it is linked in one order. */
.macro WINDOW kind
	.pushsection .windows, "a"
	.long	.Lwindow\@, \kind
	.popsection
.Lwindow\@:
.endm
