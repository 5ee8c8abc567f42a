// SPDX-License-Identifier: GPL-2.0
#define FLOOR_AFTER(line)	((void)(line))
#define FLOOR_NT		false
#define RING_KIND		ring_floor_stream
#define RING_NAME		"floor-stream"
#define RING_ABOUT		"floor: one CPU writes in a circle, the other reads"
#include "floor_streams.h"
