// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

#include "cpu.h"

static const char *floor_missing(void)
{
	return cpu_has(0, CPU_CLDEMOTE) ? NULL : "this CPU has no cldemote";
}

#define FLOOR_AFTER(line)	cpu_cldemote(line)
#define FLOOR_NT		false
#define RING_KIND		ring_floor_cldemote
#define RING_NAME		"floor-cldemote"
#define RING_ABOUT		"floor: likewise, the reader demotes each line"
#define RING_MISSING		floor_missing
#include "floor_streams.h"
