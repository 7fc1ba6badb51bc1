// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The kernel hypervisor's image: its header is believed as little as a stranger's, for a wrong build would take the host down. */
#include "lily_machine.h"

#define TASK_SIZE_BYTES 104

static bool inside(const struct lily_image_header *header, u64 address, u64 start, u64 size)
{
	return address >= LILY_IMAGE + start && address - LILY_IMAGE <= header->memory_size &&
	       header->memory_size - (address - LILY_IMAGE) >= size;
}

static bool top_inside(const struct lily_image_header *header, u64 top)
{
	return inside(header, top, header->text_size + LILY_PAGE / 2, 0) && top % 16 == 0;
}

const char *lily_image_check(void)
{
	const struct lily_image_header *header = (const void *)lily_image;
	u64 size = lily_image_end - lily_image;

	if (size < sizeof(*header) || header->magic != LILY_IMAGE_EXPECTED_MAGIC)
		return "is not one";
	if (((u64)lily_image | (u64)lily_switch_page) % LILY_PAGE)
		return "is not in pages of its own";
	if (header->version != LILY_IMAGE_CURRENT_VERSION)
		return "is of another version";
	if (header->file_size != size || header->text_size % LILY_PAGE || header->text_size > size || header->memory_size < size ||
	    header->memory_size > LILY_CONTEXT - LILY_IMAGE)
		return "has wrong sizes";
	if (!inside(header, header->entry, 0, 1) || !inside(header, header->vectors, 0, 256 * 16) ||
	    !inside(header, header->gates, 0, 256) || header->gates + 256 - LILY_IMAGE > size)
		return "has wrong entry points";
	if (!inside(header, header->gdt, header->text_size, LILY_GDT_LIMIT + 1) ||
	    !inside(header, header->idt, header->text_size, 256 * 16) || !inside(header, header->tss, header->text_size, TASK_SIZE_BYTES))
		return "has wrong tables";
	if (!top_inside(header, header->stack) || !top_inside(header, header->nmi_stack) ||
	    !top_inside(header, header->double_fault_stack) || !top_inside(header, header->machine_check_stack))
		return "has wrong stacks";
	return NULL;
}

/* All machines share the text, where the module has it; data is private. */
int lily_image_load(struct lily_machine *machine)
{
	const struct lily_image_header *header = (const void *)lily_image;
	u64 offset, pages = (header->memory_size - header->text_size + LILY_PAGE - 1) / LILY_PAGE;
	int error = 0;

	for (offset = 0; offset < header->text_size && !error; offset += LILY_PAGE)
		error = lily_space_map(machine, LILY_IMAGE + offset, host_physical(lily_image + offset), LILY_TEXT_PAGE);
	if (!error)
		error = lily_space_map_new(machine, LILY_IMAGE + header->text_size, pages, LILY_DATA_PAGE);
	if (error)
		return error;
	lily_space_write(machine, LILY_IMAGE + header->text_size, lily_image + header->text_size, header->file_size - header->text_size);
	machine->context->entry = header->entry;
	machine->context->leave = (u64)lily_leave;
	return 0;
}
