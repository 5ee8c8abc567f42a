// SPDX-License-Identifier: GPL-2.0
#define BOOST_PLACE	true
#define RING_KIND	ring_boost_spsc_place
#define RING_NAME	"boost-spsc-place"
#define RING_ABOUT	"likewise, read in place: front() and pop()"
#include "boost.hh"
