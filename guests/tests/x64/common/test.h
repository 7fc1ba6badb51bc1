/* What the small x86-64 guests share. They are linked at LINK_OFFSET + 16 MiB and loaded at 16 MiB. */
#include "shared.h"

#define LINK_OFFSET	0x40000000
#define VM_AREA		0x7f000000

#define KERNEL_CS	0x10
#define KERNEL_DS	0x18
#define USER32_CS	0x23
#define USER_DS		0x2b
#define USER_CS		0x33
#define TSS_SELECTOR	0x40
#define ABSENT_DS	0x50
#define OTHER_CS	0x58

#define RFLAGS_IF	0x200
#define USER_CODE	0x400000	/* where user code runs: crt0.S maps it */
#define USER_STACK	0x5ff000

#define MSR_EFER	0xc0000080
#define MSR_STAR	0xc0000081
#define MSR_LSTAR	0xc0000082
#define MSR_FMASK	0xc0000084
#define MSR_FS_BASE	0xc0000100
#define MSR_GS_BASE	0xc0000101
#define MSR_KERNEL_GS	0xc0000102

#define VECTOR_SOFTWARE	48
#define LAST_VECTOR	VECTOR_SOFTWARE

/* The stack of a trap handler, %rsp in %rax: registers in reverse order of their numbers, then these. */
#define TRAP_VECTOR	128
#define TRAP_ERROR	136
#define TRAP_RIP	144
#define TRAP_CS		152
#define TRAP_RFLAGS	160
#define TRAP_RSP	168
#define TRAP_SS		176

#define SHOW(text, value)	pushq value; call show; .asciz text;
/* Copies the program between these labels to where it runs, and runs it with these flags until it leaves. Clobbers registers. */
#define RUN_PROGRAM(flags)	movl $program, %esi; movl $program_end - program, %ecx; movl flags, %edx; call run_program;

/* In a trap handler: how far into the program it was. Clobbers %rcx. */
#define SHOW_PLACE(text)	movq TRAP_RIP(%rax), %rcx; subq $USER_CODE, %rcx; SHOW(text, %rcx)

/* SYSCALL leads to entry, with the flags of mask cleared. Clobbers %rax, %rbx, %rcx, %rdx. */
#define SYSTEM_CALLS(entry, mask)	movl $entry, %eax; movl $(mask), %ebx; call system_calls_init;

/* An address in the second entry of the root, which place.S has tables for. */
#define PLACE		0x8000000000

#define HOOK(vector, handler)	movq $handler, trap_hooks + 8 * (vector);

/* The instruction may fault; what happened is printed, and whether any register, flag or RSP had changed by then. */
#define MAY_FAULT(name, instruction...) \
	call before_fault; \
91:	instruction; \
92:	.pushsection .extable, "a"; \
	.quad 91b, 92b; \
	.popsection; \
	call after_fault; \
	.asciz name;

/* The handler has the stack below stack_end, the first of the TSS's interrupt stacks, from now on; no longer. */
#define OWN_STACK(vector)	movq $stack_end, tss + 36; movb $1, idt + 16 * (vector) + 4; lidt idt_pointer;
#define NO_OWN_STACK(vector)	movb $0, idt + 16 * (vector) + 4; lidt idt_pointer;
