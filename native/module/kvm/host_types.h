/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8, __u8;
typedef uint16_t u16, __u16;
typedef uint32_t u32, __u32;
typedef int64_t s64;
typedef uint64_t u64, __u64;

void *memcpy(void *to, const void *from, size_t length);
void *memset(void *to, int value, size_t length);

/* Those of Linux, for the VM process has words for them. */
#define HOST_NO_MEMORY (-12)
#define HOST_EXISTS (-17)
#define HOST_INVALID (-22)
