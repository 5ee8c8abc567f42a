/* SPDX-License-Identifier: GPL-2.0 */
/* What there is, and what users have: for the selftests, to see that nothing is left of a call. */
#ifndef IPCCHAN_SELFTEST_USAGE_H
#define IPCCHAN_SELFTEST_USAGE_H

#include <stdbool.h>
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
 * usage_get() - ask for it, by netlink
 *
 * The socket is kept: of the network namespace of the first call.
 *
 * Return: 0 or -errno.
 */
int usage_get(struct usage *u);

/** usage_same() - are both the same?  What differs is printed. */
bool usage_same(const struct usage *a, const struct usage *b);

#endif /* IPCCHAN_SELFTEST_USAGE_H */
