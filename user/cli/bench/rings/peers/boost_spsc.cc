// SPDX-License-Identifier: GPL-2.0
#define BOOST_PLACE	false
#define RING_KIND	ring_boost_spsc
#define RING_NAME	"boost-spsc"
#define RING_ABOUT	"Boost.Lockfree's spsc_queue"
#include "boost.hh"
