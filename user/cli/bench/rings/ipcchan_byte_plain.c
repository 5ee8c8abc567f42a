// SPDX-License-Identifier: GPL-2.0
#define BYTE_WRITEBACK	IPCCHAN_WRITEBACK_OFF
#define RING_KIND	ring_ipcchan_byte_plain
#define RING_NAME	"ipcchan-byte-plain"
#define RING_ABOUT	"likewise; the consumer never writes lines back"
#include "ipcchan_byte.h"
