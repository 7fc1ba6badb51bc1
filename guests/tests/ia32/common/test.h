/*
 * What the small guests share. A guest defines `main`, which runs paged, in ring 0, with interrupts off and the 8259 pair masked, and
 * returns when all is well. What it prints must not depend on addresses: the same guest runs converted, unconverted and on every engine.
 *
 * The macros are cpp's, not gas's, so that the assembler preprocessor sees each instruction as it is written.
 */
#include "shared.h"

#define LINK_OFFSET	0xC0000000

/*
 * Ring 3 has no use for addresses from LINK_OFFSET on, where engines keep the kernel: its code and data are used through the low mapping.
 */
#define LOW(address)	((address) - LINK_OFFSET)

#define KERNEL_CS	0x08
#define KERNEL_DS	0x10
#define USER_CS		0x1b
#define USER_DS		0x23
#define TSS_SELECTOR	0x28
#define LDT_SELECTOR	0x30
#define BASED_DS	0x38	/* data with base = label based_data */
#define ABSENT_DS	0x40	/* a present bit of 0 */
#define EXECUTE_ONLY_CS	0x48
#define SMALL_DS	0x50	/* data with limit 15 and base = label based_data */
#define OTHER_CS	0x58	/* flat like KERNEL_CS */
#define BEYOND_GDT	0x100

#define VECTOR_SYSCALL	0x80
#define LAST_VECTOR	VECTOR_SYSCALL

/* Trap frame that hooks get in %eax; ESP and SS only if the trap came from ring 3. */
#define TRAP_ES		0
#define TRAP_DS		4
#define TRAP_EBP	16
#define TRAP_EBX	24
#define TRAP_EDX	28
#define TRAP_ECX	32
#define TRAP_EAX	36
#define TRAP_VECTOR	40
#define TRAP_ERROR	44
#define TRAP_EIP	48
#define TRAP_CS		52
#define TRAP_EFLAGS	56
#define TRAP_ESP	60
#define TRAP_SS		64

/* SHOW("name", operand): name and 32-bit value. Like SAY, it changes no register and no flag. */
#define SHOW(text, value...)	pushl value; call show; .asciz text

/* Runs one instruction that may fault, and says which fault came and whether it left registers, stack and flags as they were. */
#define MAY_FAULT(text, instruction...)					\
	call before_fault;						\
771:	instruction;							\
772:	call after_fault; .asciz text;					\
	.pushsection .extable, "a"; .long 771b, 772b; .popsection

/* HOOK(vector, function): function gets the frame in %eax, may clobber registers, and returns to the interrupted code. */
#define HOOK(vector, function)	movl $function, trap_hooks + 4 * (vector)

/* Writes a data descriptor of bytes: an operand with its base, the place, limit and access byte. Clobbers %eax, %ecx, %edx. */
#define DESCRIBE_DATA(base, place, limit, access) \
	movl base, %eax; movl $place, %ecx; movl $(limit) << 16 | (access) << 8, %edx; call set_descriptor

/* Runs code of ring 3 until it leaves. Clobbers registers. */
#define RUN_RING_3(code, flags...)	movl $LOW(code), %eax; movl flags, %edx; call run_user

/*
 * In ring 3: the system calls of user.S, and an instruction that may fault; user_fault tells and goes on behind it. %ebp and %eax are
 * clobbered.
 */
#define LEAVE_RING_3	xorl %eax, %eax; int $VECTOR_SYSCALL
#define TELL(value...)	movl value, %ebx; movl $1, %eax; int $VECTOR_SYSCALL
#define USER_MAY_FAULT(instruction...)	movl $LOW(779f), %ebp; instruction; 779:
