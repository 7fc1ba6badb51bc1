/* Fields of a 64-bit gate (SDM vol. 3, figure 6-8). */
#define GATE_SIZE		16
#define GATE_KIND_MASK		0x9f	/* byte 5 without DPL */
#define GATE_INTERRUPT		0x8e	/* present, clears IF */
#define GATE_TRAP		0x8f	/* present, leaves IF */
#define GATE_PRESENT_BIT	0x80
#define GATE_DPL_MASK		0x60
