/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include <linux/types.h>
#include <linux/string.h>
#include <linux/stddef.h>
#include <linux/errno.h>

#define HOST_NO_MEMORY (-ENOMEM)
#define HOST_EXISTS (-EEXIST)
#define HOST_INVALID (-EINVAL)
