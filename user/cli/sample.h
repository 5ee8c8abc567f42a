/* SPDX-License-Identifier: GPL-2.0 */
/* Channels at two times, and what went on between them: of stats and top. */
#ifndef IPCCHAN_CLI_SAMPLE_H
#define IPCCHAN_CLI_SAMPLE_H

#include <jansson.h>

#include "nl.h"
#include "times.h"

/* All zero, or made by sample_take(), and freed by sample_free(). */
struct sample {
	int64_t time_ns;	/* CLOCK_MONOTONIC */
	bool inconsistent;	/* as NL_INCONSISTENT */
	struct nl_chan *chans;	/* by id */
	struct nl_times **times;	/* of each of them, NULL where there are none */
	size_t n;
};

/* What a channel did in an interval. */
struct rate {
	const struct nl_chan *chan;	/* at its end */
	bool known;			/* else the rest is 0 */
	double per_s[IPCCHAN_A_STATS_MAX + 1];	/* by enum ipcchan_attr_stats */
	struct times_sum times;		/* of what was received meanwhile */
};

/**
 * sample_take() - look at the channels
 * @ref_id: id of the only one to look at, 0 for all
 * @times: also at the times in queue of those that record them
 *
 * Return: 0; negative errno: then it is all zero.
 */
int sample_take(struct nl *nl, uint32_t ref_id, bool times, struct sample *sample);

/** sample_free() - free what it has, make it all zero */
void sample_free(struct sample *sample);

/**
 * sample_rates() - what went on between two samples
 * @rates: out, one for each channel of @now, to be freed by the caller before @now;
 *	what has come since @before is counted from its beginning
 *
 * Where there is nothing @before, nothing is known of what went on.
 *
 * Return: 0; -ENOMEM.
 */
int sample_rates(const struct sample *before, const struct sample *now, struct rate **rates);

/** rate_json() - as an object: a new reference; NULL when memory is short */
json_t *rate_json(const struct rate *rate);

/**
 * rates_json() - as an object: when, for how long, and the channels
 * @interval_ns: nanoseconds
 */
json_t *rates_json(const struct rate *rates, size_t n, int64_t time_ns, int64_t interval_ns);

#endif /* IPCCHAN_CLI_SAMPLE_H */
