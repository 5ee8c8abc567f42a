/* SPDX-License-Identifier: GPL-2.0 */
/* What there is, and what users have: for the selftests, to see that nothing is left of a call. */
#ifndef IPCCHAN_SELFTEST_USAGE_H
#define IPCCHAN_SELFTEST_USAGE_H

#include <stdint.h>

#define USAGE_QUOTAS	8	/* room for each that users are held to */

/**
 * struct usage - what there is
 * @quota: of all users together, by item
 * @chans: channels of the network namespace
 * @eps: their endpoints
 * @blocks: that endpoints have
 */
struct usage {
	uint64_t quota[USAGE_QUOTAS];
	uint64_t chans;
	uint64_t eps;
	uint64_t blocks;
};

/**
 * struct usage_trend - what there is, time after time
 * @last: the last time
 * @changes: so many times in a row it was other than the time before
 */
struct usage_trend {
	struct usage last;
	int changes;
};

/* What leaves something behind each time changes it each time; others may do so now and then. */
#define USAGE_CHANGES	4

/**
 * usage_look() - ask for it once more, by netlink
 * @t: zeroed before the first time
 *
 * The socket is kept: of the network namespace of the first call.
 *
 * Return: 0; -EIO; -EUCLEAN where it has changed USAGE_CHANGES times in a row, which is
 * printed.
 */
int usage_look(struct usage_trend *t);

#endif /* IPCCHAN_SELFTEST_USAGE_H */
