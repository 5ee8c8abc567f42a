// SPDX-License-Identifier: GPL-2.0
#define CK_MANY		1
#define CK_PLACE	false
#define RING_KIND	ring_ck_mpmc
#define RING_NAME	"ck-mpmc"
#define RING_ABOUT	"Concurrency Kit's ck_ring, many producers and consumers"
#include "ck.h"
