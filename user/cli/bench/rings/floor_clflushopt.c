// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

#include "cpu.h"

static const char *floor_missing(void)
{
	return cpu_has(CPU_CLFLUSHOPT, 0) ? NULL : "this CPU has no clflushopt";
}

#define FLOOR_AFTER(line)	cpu_clflushopt(line)
#define FLOOR_NT		false
#define RING_KIND		ring_floor_clflushopt
#define RING_NAME		"floor-clflushopt"
#define RING_ABOUT		"floor: likewise, the reader flushes each line"
#define RING_MISSING		floor_missing
#include "floor_streams.h"
