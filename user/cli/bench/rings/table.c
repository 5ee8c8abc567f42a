// SPDX-License-Identifier: GPL-2.0
#include "ring.h"

extern const struct ring_kind ring_ipcchan_byte, ring_ipcchan_byte_plain, ring_ipcchan_slots,
	ring_ipcchan_mring, ring_ipcchan_bring,
#ifdef RINGS_PEERS
	ring_boost_spsc, ring_boost_spsc_place, ring_ck_spsc, ring_ck_spsc_place,
	ring_ck_mpmc, ring_dpdk_spsc, ring_dpdk_spsc_place, ring_dpdk_mpmc,
#endif
	ring_floor_cas, ring_floor_flags, ring_floor_lines,
	ring_floor_stream, ring_floor_clwb, ring_floor_clflushopt, ring_floor_cldemote,
	ring_floor_nt;

const struct ring_kind *const ring_kinds[] = {
	&ring_ipcchan_byte,
	&ring_ipcchan_byte_plain,
	&ring_ipcchan_slots,
	&ring_ipcchan_mring,
	&ring_ipcchan_bring,
#ifdef RINGS_PEERS
	&ring_boost_spsc,
	&ring_boost_spsc_place,
	&ring_ck_spsc,
	&ring_ck_spsc_place,
	&ring_ck_mpmc,
	&ring_dpdk_spsc,
	&ring_dpdk_spsc_place,
	&ring_dpdk_mpmc,
#endif
	&ring_floor_cas,
	&ring_floor_flags,
	&ring_floor_lines,
	&ring_floor_stream,
	&ring_floor_clwb,
	&ring_floor_clflushopt,
	&ring_floor_cldemote,
	&ring_floor_nt,
	NULL,
};
