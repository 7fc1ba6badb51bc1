/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include <linux/linkage.h>

#define HOST_RETURN RET
