// SPDX-License-Identifier: GPL-2.0
#define CK_MANY		0
#define CK_PLACE	true
#define RING_KIND	ring_ck_spsc_place
#define RING_NAME	"ck-spsc-place"
#define RING_ABOUT	"likewise, built in place: ck_ring_enqueue_reserve_spsc()"
#include "ck.h"
