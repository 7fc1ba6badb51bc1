/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include "lily_machine.h"

extern struct lily_kvm_header lily_kvm_header;
extern u8 lily_kvm_end[]; /* of the image with its bss; memory behind it is free */

/* Leaves for the VM process; comes back when it has done that. */
void lily_kvm_call(u32 service, u64 argument);
