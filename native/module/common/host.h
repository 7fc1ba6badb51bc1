/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

/*
 * What the kernel module asks of the host operating system, and nothing else:
 * common/ is the same on every host, and a port writes these functions, the
 * two headers host_types.h and host_assembly.h, and its device (docs/porting.md).
 *
 * host_types.h:    fixed-width types (u8 to u64 and __u8 to __u64), bool, size_t,
 *                  memcpy, memset and offsetof.
 * host_assembly.h: HOST_RETURN, a function's return with the host's mitigations.
 *
 * Errors are the host's own numbers, negative; 0 is success. Common code only
 * passes them on and compares them with 0 and LILY_AGAIN.
 */
#include "host_types.h"

struct lily_machine;

/* An error number of no host: the service was interrupted; ask again later. */
#define LILY_AGAIN (-4096)

/*
 * A zeroed page that stays until host_pages_free, charged to the process that
 * owns the machine; NULL if there is none. May sleep.
 */
void *host_page_allocate(struct lily_machine *machine);

/* Frees everything that host_page_allocate gave to the machine. */
void host_pages_free(struct lily_machine *machine);

/*
 * The machine's block of LILY_CONTEXT_PAGES zeroed pages, adjacent in virtual
 * addresses, which are valid in each address space of the host kernel.
 */
void *host_block_allocate(struct lily_machine *machine);
void host_block_free(struct lily_machine *machine, void *block);

/*
 * Address of a page (of the module's memory or its text) as a page-table entry
 * has it, and back (not for text).
 */
u64 host_physical(const void *page);
void *host_virtual(u64 physical);

/*
 * Makes the page of guest RAM with this number present and writable, and gives
 * it to lily_space_set_frame under the lock that lily_space_clear_frames runs
 * under; others that will be wanted soon may come along. The host may take the
 * page back at any time; before it does, it calls lily_space_clear_frames and
 * then interrupts the CPU that host_cpu_take named, and waits until that CPU has
 * handled the interrupt. May sleep. LILY_AGAIN if a signal came in between.
 */
int host_guest_page(struct lily_machine *machine, u64 page);

/*
 * From take to release the thread stays on its CPU and interrupts are off.
 * Take has to name the CPU where others find it, with a full barrier behind.
 */
void host_cpu_take(struct lily_machine *machine);
void host_cpu_release(struct lily_machine *machine);

/* FPU and vector registers belong to the machine in between. Interrupts are off. */
void host_fpu_begin(void);
void host_fpu_end(void);

/*
 * Runs the host's handler of this vector as if the interrupt had come now, with
 * interrupts off and on the CPU where it came.
 */
void host_raise(unsigned int vector);

/* Lets other threads run if it is their turn. */
void host_reschedule(void);

/* Whether the thread must go back to its process. */
bool host_signal_pending(void);

/*
 * Sleeps so many nanoseconds, ~0 for ever, until a kick or a signal. A kick
 * since the last sleep ends it at once.
 */
void host_sleep(struct lily_machine *machine, u64 nanoseconds);

/*
 * Interrupts the CPU that runs the machine in so many nanoseconds, wherever that
 * is by then; ~0 cancels.
 */
void host_timer(struct lily_machine *machine, u64 nanoseconds);
