// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

static const char *floor_missing(void)
{
#ifdef __x86_64__
	return NULL;
#else
	return "this CPU has no non-temporal stores that it knows of";
#endif
}

#define FLOOR_AFTER(line)	((void)(line))
#define FLOOR_NT		true
#define RING_KIND		ring_floor_nt
#define RING_NAME		"floor-nt"
#define RING_ABOUT		"floor: likewise, the writer goes around its cache"
#define RING_MISSING		floor_missing
#include "floor_streams.h"
