// SPDX-License-Identifier: GPL-2.0
#include "claim.h"

extern const struct claim claim_gain, claim_file, claim_split, claim_modules, claim_exchange,
	claim_ease, claim_cost, claim_early, claim_means, claim_kin, claim_straight,
	claim_crowd_pipe, claim_name, claim_way, claim_crowd_fifo, claim_units, claim_varied,
	claim_part, claim_bulk, claim_served, claim_reach, claim_fixed, claim_both, claim_same;

const struct claim *const claims[CLAIMS_NR] = {
	&claim_gain,
	&claim_file,
	&claim_split,
	&claim_modules,
	&claim_exchange,
	&claim_ease,
	&claim_cost,
	&claim_early,
	&claim_means,
	&claim_kin,
	&claim_straight,
	&claim_crowd_pipe,
	&claim_name,
	&claim_way,
	&claim_crowd_fifo,
	&claim_units,
	&claim_varied,
	&claim_part,
	&claim_bulk,
	&claim_served,
	&claim_reach,
	&claim_fixed,
	&claim_both,
	&claim_same,
};
