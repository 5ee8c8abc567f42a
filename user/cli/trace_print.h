/* SPDX-License-Identifier: GPL-2.0 */
/* The lives of messages for people and for programs. */
#ifndef IPCCHAN_CLI_TRACE_PRINT_H
#define IPCCHAN_CLI_TRACE_PRINT_H

#include "bench/hist.h"
#include "nl.h"
#include "trace_life.h"

/**
 * struct trace_print - what is printed, and what it comes to
 * @verb: argv[0] of the verb, for messages
 * @json: an object a line
 * @begin: of the trace, CLOCK_MONOTONIC, nanoseconds
 * @received: messages, of which @hist and @sum tell
 * @dropped: messages
 * @hist: nanoseconds of each stage, where it is known
 * @sum: likewise, the sum
 * @total: of all stages
 */
struct trace_print {
	const char *verb;
	bool json;
	uint64_t begin;
	uint64_t received;
	uint64_t dropped;
	struct hist hist[STAGE_NR];
	uint64_t sum[STAGE_NR];
	uint64_t total;
};

/**
 * struct trace_end - what else there is to say at the end
 * @broken: messages of which events are missing
 * @lost: events
 * @unwatched: tasks that were too many to be followed
 * @calls: this kernel tells system calls
 * @switches: it tells wake-ups and switches
 */
struct trace_end {
	uint64_t broken;
	uint64_t lost;
	uint64_t unwatched;
	bool calls;
	bool switches;
};

/**
 * trace_print_begin() - say that the trace has begun, and of which channel
 *
 * Return: an exit status, as the next two; what cannot be written is found when it is
 * pushed out.
 */
int trace_print_begin(const struct trace_print *print, const struct nl_chan *chan);

/** trace_print_life() - one message */
int trace_print_life(struct trace_print *print, const struct life *life);

/** trace_print_end() - the sum of all */
int trace_print_end(const struct trace_print *print, const struct trace_end *end);

#endif /* IPCCHAN_CLI_TRACE_PRINT_H */
