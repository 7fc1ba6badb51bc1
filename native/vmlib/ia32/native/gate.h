/* Fields of a 32-bit gate (SDM vol. 3, figure 6-2). */
#define GATE_SIZE		8
#define GATE_KIND_MASK		0x9f	/* byte 5 without DPL */
#define GATE_INTERRUPT		0x8e	/* present, clears IF */
#define GATE_TRAP		0x8f	/* present, leaves IF */
#define GATE_PRESENT_BIT	0x80

#define VECTOR_NP		11
#define VECTOR_GP		13

/* Loads the target of the gate at %edx: %ecx = offset, %edx = selector. */
.macro LOAD_GATE_TARGET
	movl	%ss:4(%edx), %ecx
	movw	%ss:(%edx), %cx
	movzwl	%ss:2(%edx), %edx
.endm
