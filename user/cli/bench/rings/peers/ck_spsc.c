// SPDX-License-Identifier: GPL-2.0
#define CK_MANY		0
#define CK_PLACE	false
#define RING_KIND	ring_ck_spsc
#define RING_NAME	"ck-spsc"
#define RING_ABOUT	"Concurrency Kit's ck_ring, one producer and one consumer"
#include "ck.h"
