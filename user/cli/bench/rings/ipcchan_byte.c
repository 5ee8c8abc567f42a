// SPDX-License-Identifier: GPL-2.0
#define BYTE_WRITEBACK	IPCCHAN_WRITEBACK_PROBE
#define RING_KIND	ring_ipcchan_byte
#define RING_NAME	"ipcchan-byte"
#define RING_ABOUT	"the library's byte ring: messages of any size, in place"
#include "ipcchan_byte.h"
