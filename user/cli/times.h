/* SPDX-License-Identifier: GPL-2.0 */
/* The time in queue, out of the buckets in which the kernel counts messages. */
#ifndef IPCCHAN_CLI_TIMES_H
#define IPCCHAN_CLI_TIMES_H

#include <jansson.h>

#include "nl.h"

/* What is told of them, nanoseconds; all zero where nothing is recorded. */
struct times_sum {
	bool recorded;
	uint64_t messages;
	uint64_t p50_ns;
	uint64_t p90_ns;
	uint64_t p99_ns;
	uint64_t p999_ns;
	uint64_t max_ns;
};

/** times_from_ns() - the shortest time of a bucket, nanoseconds */
uint64_t times_from_ns(unsigned int bucket);

/**
 * times_quantile() - a time that so many messages did not exceed
 * @part: of them, 0 to 1
 *
 * Return: nanoseconds: where the bucket of the last of them ends, or, of the last bucket,
 * begins; 0 when there are none.
 */
uint64_t times_quantile(const struct nl_times *times, double part);

/** times_sum() - the quantiles that are told */
void times_sum(const struct nl_times *times, struct times_sum *sum);

/**
 * times_since() - what has come since
 * @before: the same channel's, earlier; may be that of another one: then all of it
 */
void times_since(const struct nl_times *now, const struct nl_times *before,
		 struct nl_times *diff);

/**
 * times_json() - quantiles as an object
 * @buckets: with those of these buckets that are not empty, or NULL
 *
 * Return: a new reference, null where nothing is recorded; NULL when memory is short.
 */
json_t *times_json(const struct times_sum *sum, const struct nl_times *buckets);

#endif /* IPCCHAN_CLI_TIMES_H */
