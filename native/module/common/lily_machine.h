/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include "host.h"
#include "kh_layout.h"

#define LILY_PAGE 4096ull
#define LILY_MIN_POOL_PAGES 64 /* that a machine has from the start */

/* What the portable half knows about a machine; the host embeds it in its own structure. */
struct lily_machine {
	struct lily_context *context;
	u64 *root; /* top of the kernel hypervisor's page tables */
	u64 ram_pages;
	u32 max_pool_pages;
	bool unserved; /* the service in the context was interrupted */
};

/* kernel-hypervisor.bin, and its size. */
extern const u8 lily_image[], lily_image_end[];

/* The one page of the module's text that both address spaces share, and what is in it. */
extern u8 lily_switch_page[], lily_leave[], lily_transition_nmi[], lily_transition_machine_check[];
void lily_switch(struct lily_context *context);

/* 256 functions of 16 bytes: INT n. */
extern const u8 lily_interrupts[];

/* Why lily_run came back. */
enum lily_end { LILY_END_EXIT, LILY_END_SIGNAL };

/* image.c: NULL, or what is wrong with the embedded image. */
const char *lily_image_check(void);
int lily_image_load(struct lily_machine *machine);

/* machine.c: a failed create leaves work for destroy. */
int lily_create(struct lily_machine *machine, const struct lily_create_argument *argument);
void lily_destroy(struct lily_machine *machine);
bool lily_create_valid(const struct lily_create_argument *argument);

/* tables.c */
void lily_tables_fill(struct lily_machine *machine);
void lily_tables_follow_host(struct lily_context *context);

/* space.c: the kernel hypervisor's address space. */
int lily_space_create(struct lily_machine *machine);
int lily_space_add_pool(struct lily_machine *machine, u64 pages);
int lily_space_map(struct lily_machine *machine, u64 address, u64 physical, u64 flags);
int lily_space_map_new(struct lily_machine *machine, u64 address, u64 pages, u64 flags);
void *lily_space_page(struct lily_machine *machine, u64 address);
void lily_space_write(struct lily_machine *machine, u64 address, const void *data, size_t length);
void lily_space_set_frame(struct lily_machine *machine, u64 page, u64 physical);
void lily_space_absent(struct lily_machine *machine, u64 page, u64 block, u64 *first, u64 *end);
bool lily_space_clear_frames(struct lily_machine *machine, u64 first, u64 end, void (*taken)(u64 physical));

/* run.c */
enum lily_end lily_run(struct lily_machine *machine);

/* Page-table entries (SDM vol. 3, tables 4-14 to 4-20). */
#define LILY_PRESENT 0x1ull
#define LILY_WRITE 0x2ull
#define LILY_USER 0x4ull
#define LILY_ACCESSED 0x20ull
#define LILY_DIRTY 0x40ull
#define LILY_NO_EXECUTE (1ull << 63)
#define LILY_ADDRESS 0x000ffffffffff000ull
#define LILY_DATA_PAGE (LILY_PRESENT | LILY_WRITE | LILY_NO_EXECUTE)
#define LILY_CONSTANT_PAGE (LILY_PRESENT | LILY_NO_EXECUTE)
#define LILY_TEXT_PAGE LILY_PRESENT
