// SPDX-License-Identifier: GPL-2.0
#include "ladder.h"

const struct rung ladder_rungs[LADDER_RUNGS] = {
	{ "copy", "ipcchan-copy", "(nothing yet: two copies, a system call each)" },
	{ "batch", "ipcchan-batch", "a system call of its own for each message" },
	{ "call", "ipcchan-call", "a system call and a queue in each turn of a round trip" },
	{ "map", "ipcchan-map", "the receiver's copy" },
	{ "loan", "ipcchan-loan", "the sender's copy, too" },
	{ "ring", "ipcchan-ring", "system calls, while both are busy" },
	{ "spin", "ipcchan-spin", "sleeping and waking" },
};
