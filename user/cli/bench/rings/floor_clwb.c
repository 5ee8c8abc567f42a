// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

#include "cpu.h"

static const char *floor_missing(void)
{
	return cpu_has(CPU_CLWB, 0) ? NULL : "this CPU has no clwb";
}

#define FLOOR_AFTER(line)	cpu_clwb(line)
#define FLOOR_NT		false
#define RING_KIND		ring_floor_clwb
#define RING_NAME		"floor-clwb"
#define RING_ABOUT		"floor: likewise, the reader writes each line back"
#define RING_MISSING		floor_missing
#include "floor_streams.h"
