// SPDX-License-Identifier: GPL-2.0
#define DPDK_MANY	0
#define RING_KIND	ring_dpdk_spsc
#define RING_NAME	"dpdk-spsc"
#define RING_ABOUT	"DPDK's rte_ring, one producer and one consumer"
#include "dpdk.h"
