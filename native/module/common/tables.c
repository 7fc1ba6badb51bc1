// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Descriptor tables: the kernel hypervisor's, as the image's header asks for them,
 * and those of the world switch. SDM vol. 3, 3.4.5, 6.14.1 and 7.2.3.
 */
#include "lily_machine.h"

#define CODE_DESCRIPTOR 0x00af9b000000ffffull /* 64-bit code, DPL 0, accessed */
#define DATA_DESCRIPTOR 0x00cf93000000ffffull
#define TASK_LIMIT 0x67
#define TASK_BUSY (1ull << 41)
#define HOST_GDT_SIZE 0x80 /* bytes of the host's GDT that the temporary one copies */
#define VECTOR_NMI 2
#define VECTOR_MACHINE_CHECK 18

struct table_register {
	u16 limit;
	u64 base;
} __attribute__((packed));

struct task_segment {
	u32 reserved;
	u64 rsp[3], reserved2, ist[7], reserved3;
	u16 reserved4, io_bitmap;
} __attribute__((packed));

/* Bits of header->gates: 0 to 2 the interrupt stack, 5 and 6 the privilege level. */
static void make_gate(u64 gate[2], u64 handler, u8 bits)
{
	gate[0] = (handler & 0xffff) | LILY_CODE << 16 | (u64)(bits & 7) << 32 | (u64)(0x8e | (bits & 0x60)) << 40 |
		  (handler >> 16 & 0xffff) << 48;
	gate[1] = handler >> 32;
}

static void set_register(u8 *image, u16 limit, u64 base)
{
	struct table_register value = {limit, base};

	memcpy(image, &value, sizeof(value));
}

static void fill_own(struct lily_machine *machine, const struct lily_image_header *header)
{
	struct task_segment task = {.io_bitmap = sizeof(task)};
	u64 segments[2] = {CODE_DESCRIPTOR, DATA_DESCRIPTOR};
	u64 descriptor[2] = {
	    TASK_LIMIT | (header->tss & 0xffffff) << 16 | 0x89ull << 40 | (header->tss >> 24 & 0xff) << 56,
	    header->tss >> 32,
	};
	const u8 *gates = lily_image + (header->gates - LILY_IMAGE);
	u64 gate[2];
	u32 i;

	task.rsp[0] = header->stack;
	task.ist[0] = header->nmi_stack;
	task.ist[1] = header->double_fault_stack;
	task.ist[2] = header->machine_check_stack;
	lily_space_write(machine, header->tss, &task, sizeof(task));
	lily_space_write(machine, header->gdt + LILY_CODE, segments, sizeof(segments));
	lily_space_write(machine, header->gdt + LILY_TASK, descriptor, sizeof(descriptor));
	for (i = 0; i < 256; i++) {
		make_gate(gate, header->vectors + 16 * i, gates[i]);
		lily_space_write(machine, header->idt + 16 * i, gate, sizeof(gate));
	}
}

void lily_tables_fill(struct lily_machine *machine)
{
	const struct lily_image_header *header = (const void *)lily_image;
	struct lily_context *context = machine->context;
	u64 *gdt = (u64 *)((u8 *)context + LILY_TEMPORARY_GDT);
	u64 *idt = (u64 *)((u8 *)context + LILY_TRANSITIONAL_IDT);

	fill_own(machine, header);
	set_register(context->own_gdtr, LILY_GDT_LIMIT, header->gdt);
	set_register(context->own_idtr, 256 * 16 - 1, header->idt);
	gdt[LILY_CODE / 8] = CODE_DESCRIPTOR;
	gdt[LILY_DATA / 8] = DATA_DESCRIPTOR;
	set_register(context->temporary_gdtr, LILY_DATA + 7, (u64)gdt);
	make_gate(idt + 2 * VECTOR_NMI, (u64)lily_transition_nmi, 0);
	make_gate(idt + 2 * VECTOR_MACHINE_CHECK, (u64)lily_transition_machine_check, 0);
	set_register(context->transitional_idtr, 256 * 16 - 1, (u64)idt);
}

/*
 * The temporary GDT begins with what the host's has at this moment on this CPU, so
 * that host selectors and the host's own NMI handler work while it is in force.
 * LTR refuses a busy descriptor, and the host's GDT is read-only.
 */
void lily_tables_follow_host(struct lily_context *context)
{
	u64 *gdt = (u64 *)((u8 *)context + LILY_TEMPORARY_GDT);
	struct table_register host;
	u16 task;

	asm volatile("sgdt %0" : "=m"(host));
	asm volatile("str %0" : "=r"(task));
	memcpy(gdt, (const void *)host.base, HOST_GDT_SIZE);
	gdt[task / 8] &= ~TASK_BUSY;
}
