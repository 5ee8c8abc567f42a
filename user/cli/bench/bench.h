/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ipcchan bench: the options, the cases made from them, and what was measured.
 *
 * A case is a transport under a workload, at a message size and a placement, that
 * waits in some way.  It is run several times, each time by two fresh processes; the runs
 * of all cases are interleaved.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "hist.h"
#include "ledger.h"
#include "payload.h"
#include "placement.h"
#include "report_files.h"
#include "transport.h"

#define MAX_SIZES	32
#define MAX_TRANSPORTS	64
#define MAX_RUNS	1000
#define MAX_MSG_SIZE	(1u << 30)
#define MAX_BATCH	1024

/**
 * struct bench_options - what the user asked for
 * @transports: in the order of the report; @n_transports of them
 * @workloads: likewise
 * @waits: likewise; none given means what each transport does by itself
 * @sizes: bytes
 * @placements: kinds; none given means those that the machine has of the default
 * @messages: of each run, 0 to go by @duration_ns
 * @duration_ns: of each run, without warm-up
 * @warmup_ns: before each run
 * @timeout_ns: a run that takes longer is ended
 * @runs: of each case
 * @depth: bytes that a direction should hold
 * @batch: messages a system call, for transports that can take many
 * @payload: what is done with the bytes
 * @files: where to write the results
 * @seed: of the order of the runs
 * @list: only list the transports
 * @quick: shorter defaults
 */
struct bench_options {
	const struct transport *transports[MAX_TRANSPORTS];
	size_t n_transports;
	enum workload workloads[WORKLOAD_NR];
	size_t n_workloads;
	enum wait_strategy waits[WAIT_NR];
	size_t n_waits;
	size_t sizes[MAX_SIZES];
	size_t n_sizes;
	enum placement_kind placements[PLACE_NR];
	size_t n_placements;
	uint64_t messages;
	uint64_t duration_ns;
	uint64_t warmup_ns;
	uint64_t timeout_ns;
	unsigned int runs;
	size_t depth;
	unsigned int batch;
	enum payload_mode payload;
	struct report_files files;
	uint64_t seed;
	bool list;
	bool quick;
};

/**
 * enum outcome - of a case, the later the worse
 * @OUTCOME_OK: measured
 * @OUTCOME_NONE: not run, because the user ended it before
 * @OUTCOME_REFUSED: the machine does not have it, or it cannot work
 * @OUTCOME_FAILED: hung, died or did not do its work
 */
enum outcome {
	OUTCOME_OK,
	OUTCOME_NONE,
	OUTCOME_REFUSED,
	OUTCOME_FAILED,
};

/**
 * struct bench_case - a case and its results
 * @producers: of each direction, 0 for one
 * @consumers: likewise
 * @depth: bytes that a direction really held
 * @per_call: messages that a system call took, at most; 0 before the first run
 * @batch: how many messages a value in @hist stands for; 0 before the first run
 * @probe_ns: smallest and largest round trip of a bare cache line, of the probes beside
 *	the runs; 0 where none was made
 * @discarded: runs thrown away because their probes differed
 * @messages: of all runs
 * @rate: messages a second of each run
 * @run_ns: median time of a message, or round trip, of each run; NULL where it is not told
 * @runs: that were finished
 * @hist: nanoseconds for @batch messages, of all runs
 * @ledger: of all runs, and of the one that counts what would disturb times
 * @outcome: and in words @status
 */
struct bench_case {
	const struct transport *transport;
	enum workload workload;
	enum wait_strategy wait;
	size_t size;
	unsigned int producers;
	unsigned int consumers;
	struct placement placement;
	size_t depth;
	unsigned int per_call;
	uint32_t batch;
	double probe_ns[2];
	unsigned int discarded;
	uint64_t messages;
	double *rate;
	double *run_ns;
	unsigned int runs;
	struct hist *hist;
	struct ledger_sum ledger;
	enum outcome outcome;
	char status[WHY_SIZE + 64];
};

/**
 * struct bench - a whole benchmark
 * @peers: packages and versions of what of others is compared with; NULL for none
 * @cpus: that this process may use
 * @counts: each case has one run more, in which is counted what would disturb times
 * @interrupted: number of the signal that ended it early, 0 for none
 */
struct bench {
	struct bench_options opts;
	const char *peers;
	struct clock_info clock;
	struct placement placements[PLACE_NR];
	int cpus;
	bool counts;
	struct bench_case *cases;
	size_t n_cases;
	int interrupted;
};

/** workload_name() - as given to --workloads */
const char *workload_name(enum workload workload);

/** payload_name() - as given to --payload */
const char *payload_name(enum payload_mode mode);

/** wait_name() - as shown */
const char *wait_name(enum wait_strategy wait);

/** options_init() - what holds where nothing else is asked for; lists are empty */
void options_init(struct bench_options *opts);

/** options_complete() - what is still zero gets its default */
void options_complete(struct bench_options *opts);

/**
 * options_parse() - read the command line
 *
 * Ends the program on --help and, with EXIT_USAGE, on a wrong command line.
 */
void options_parse(struct bench_options *opts, int argc, char **argv);

/**
 * cases_make() - all cases of the options, in the order of the report
 *
 * Those that cannot be run are there too, with their outcome.
 * Return: 0; -ENOMEM.
 */
int cases_make(struct bench *bench);

/** cases_free() - give back what cases_make() took */
void cases_free(struct bench *bench);

/**
 * cases_order() - a random order of all cases
 * @state: of the random numbers, first the seed
 * @order: out, @bench->n_cases indexes
 */
void cases_order(const struct bench *bench, uint64_t *state, size_t *order);

/**
 * case_depth() - bytes that a direction is to hold
 *
 * What was asked for, but four messages at least; @c->depth is what there is.
 */
size_t case_depth(const struct bench *bench, const struct bench_case *c);

/**
 * case_timed() - do the samples tell the time of a message?
 *
 * Those of a stream do only where each is of a whole queue at least: a smaller
 * block may be timed between two waits of the receiver.
 * Return: false, too, when there are none.
 */
bool case_timed(const struct bench_case *c);

/**
 * case_percentile() - a percentile of the time of one message
 * @percent: as for hist_percentile()
 * @ns: out
 *
 * Return: false when it cannot be told: see case_timed(), too few samples, or
 * below the step of the clock.
 */
bool case_percentile(const struct bench_case *c, const struct clock_info *clock,
		     double percent, double *ns);

/**
 * struct spread - of a figure, over the runs
 * @sure: there are enough of them for @low and @high
 * @low: from here to @high the median of all runs that could be made lies, with a
 *	probability of 95 % at least
 */
struct spread {
	double min;
	double median;
	double max;
	bool sure;
	double low;
	double high;
};

/** case_rate() - Return: false when no run told a rate */
bool case_rate(const struct bench_case *c, struct spread *rate);

/** case_run_ns() - likewise */
bool case_run_ns(const struct bench_case *c, struct spread *ns);

/**
 * case_time() - by what transports are compared
 * @ns: out: the median of round trips; for a stream, whose sender and receiver overlap,
 *	the time that all messages took, divided by their number
 *
 * Return: false when it cannot be told.
 */
bool case_time(const struct bench_case *c, const struct clock_info *clock, double *ns);

/**
 * bench_run() - measure all cases of @bench->opts, which is all that is set
 * @verb: argv[0] of the verb, for errors
 *
 * Signals to end are held back from then on, until runner_stop().
 * Return: EXIT_OK; EXIT_SYSTEM, with a message.
 */
int bench_run(struct bench *bench, const char *verb);

/** bench_verdict() - the exit status for what was measured */
int bench_verdict(const struct bench *bench);

#endif /* BENCH_BENCH_H */
