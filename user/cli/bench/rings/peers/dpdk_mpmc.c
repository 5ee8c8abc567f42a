// SPDX-License-Identifier: GPL-2.0
#define DPDK_MANY	1
#define RING_KIND	ring_dpdk_mpmc
#define RING_NAME	"dpdk-mpmc"
#define RING_ABOUT	"DPDK's rte_ring, many producers and consumers"
#include "dpdk.h"
