/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ipcchan bench: the options, the cases made from them, and what was measured.
 *
 * A case is a transport under a workload, at a message size and a placement, that
 * waits in some way.  It is run several times, each time by fresh processes, of which
 * there are two or, of some workloads, more; the runs of all cases are interleaved.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "env.h"
#include "floor.h"
#include "hist.h"
#include "ledger.h"
#include "load.h"
#include "payload.h"
#include "placement.h"
#include "report_files.h"
#include "stages.h"
#include "stats.h"
#include "transport.h"

#define MAX_SIZES	32
#define MAX_TRANSPORTS	64
#define MAX_RUNS	STATS_MAX
#define MAX_MSG_SIZE	(1u << 30)
#define MAX_BATCH	1024
#define MAX_CREWS	32
#define MAX_CREW	1024

/**
 * struct bench_options - what the user asked for
 * @transports: in the order of the report; @n_transports of them
 * @workloads: likewise
 * @senders: numbers of them, of workloads of many processes; likewise
 * @receivers: likewise
 * @waits: likewise; none given means what each transport does by itself
 * @sizes: bytes
 * @placements: kinds; none given means those that the machine has of the default
 * @offers: rates of an open loop
 * @arrivals: of its messages
 * @messages: of each run, 0 to go by @duration_ns
 * @duration_ns: of each run, without warm-up
 * @warmup_ns: before each run
 * @timeout_ns: a run that takes longer is ended; with @listen, a client that says nothing for
 *	longer
 * @runs: of each case
 * @depth: bytes that a direction should hold
 * @batch: messages a system call, for transports that can take many
 * @payload: what is done with the bytes
 * @files: where to write the results
 * @seed: of the order of the runs, and of the schedules of open loops
 * @list: only list the transports
 * @connect: HOST:PORT of the other side of all runs; NULL for this host
 * @listen: [ADDR:]PORT to serve others on, and nothing else; NULL for not
 * @once: end after the first of them
 * @quick: shorter defaults
 * @thorough: longer ones
 */
struct bench_options {
	const struct transport *transports[MAX_TRANSPORTS];
	size_t n_transports;
	enum workload workloads[WORKLOAD_NR];
	size_t n_workloads;
	unsigned int senders[MAX_CREWS];
	size_t n_senders;
	unsigned int receivers[MAX_CREWS];
	size_t n_receivers;
	enum wait_strategy waits[WAIT_NR];
	size_t n_waits;
	size_t sizes[MAX_SIZES];
	size_t n_sizes;
	enum placement_kind placements[PLACE_NR];
	size_t n_placements;
	struct offer offers[MAX_OFFERS];
	size_t n_offers;
	enum arrivals arrivals[ARRIVALS_NR];
	size_t n_arrivals;
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
	bool thorough;
	const char *connect;
	const char *listen;
	bool once;
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
 * enum figure - what is kept of each run
 * @FIGURE_RATE: messages a second
 * @FIGURE_P50: of the time of a message, or round trip, nanoseconds
 * @FIGURE_P99: likewise
 * @FIGURE_P999: likewise
 */
enum figure {
	FIGURE_RATE,
	FIGURE_P50,
	FIGURE_P99,
	FIGURE_P999,
	FIGURE_NR,
};

/**
 * struct bench_case - a case and its results
 * @producers: of each direction, 0 for one
 * @consumers: likewise
 * @load: of an open loop
 * @depth: bytes that a direction really held
 * @per_call: messages that a system call took, at most; 0 before the first run
 * @batch: how many messages a value in @hist stands for; 0 before the first run
 * @fairness: sum over the runs of the index of each side, of workloads of many processes:
 *	see mesh_fairness(); not told of one process, nor of senders that have a number of
 *	messages to send
 * @lost: messages, of a broadcast, that a receiver has not got, the mean of all; of all runs
 * @probe_ns: smallest and largest round trip of a bare cache line, of the probes beside
 *	the runs; 0 where none was made
 * @discarded: runs thrown away because their probes differed
 * @messages: of all runs
 * @figure: of each run, 0 where it is not told; NULL of one that is not kept
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
	struct load load;
	size_t depth;
	unsigned int per_call;
	uint32_t batch;
	double fairness[SIDES];
	uint64_t lost;
	double probe_ns[2];
	unsigned int discarded;
	uint64_t messages;
	double *figure[FIGURE_NR];
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
 * @rounds: run number i of each case was in round i, of one run of each case in random order
 * @counts: each case has one run more, in which is counted what would disturb times
 * @env: what is known of the machine
 * @env_before: what was known before it ran
 * @floor: by kind of placement
 * @stages: where the time goes, @n_stages of them; NULL for none
 * @interrupted: number of the signal that ended it early, 0 for none
 * @quiet: nothing is printed of what is about to be measured
 */
struct bench {
	struct bench_options opts;
	const char *peers;
	struct clock_info clock;
	struct placement placements[PLACE_NR];
	int cpus;
	bool rounds;
	bool counts;
	struct bench_case *cases;
	size_t n_cases;
	struct env env;
	struct env env_before;
	struct floor floor[PLACE_NR];
	struct stages *stages;
	size_t n_stages;
	int interrupted;
	bool quiet;
};

/** workload_name() - as given to --workloads */
const char *workload_name(enum workload workload);

/** payload_name() - as given to --payload */
const char *payload_name(enum payload_mode mode);

/** wait_name() - as shown */
const char *wait_name(enum wait_strategy wait);

/** figure_name() - as in the JSON */
const char *figure_name(enum figure figure);

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
 * All but those of a stream do.  Those do only where each is of a whole queue at least: a smaller
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
 * case_keep() - add a run
 * @hist: its samples; what they cannot tell by themselves, as with case_percentile(), is
 *	no figure of the run
 * @rate: messages a second, 0 where it is not known
 *
 * @c->batch and @c->depth hold for it.
 */
void case_keep(struct bench_case *c, const struct hist *hist, double rate,
	       const struct clock_info *clock);

/** case_spread() - of a figure, over the runs; false when no run tells it */
bool case_spread(const struct bench_case *c, enum figure figure, struct spread *spread);

/**
 * case_time() - by what transports are compared
 * @ns: out: the median; for a stream, whose sender and receiver overlap, the time that all
 *	messages took, divided by their number
 *
 * Return: false when it cannot be told.
 */
bool case_time(const struct bench_case *c, const struct clock_info *clock, double *ns);

/**
 * case_compare() - with another of the same rounds, by what case_time() tells, of each run
 * @shift: out, from @base to @c
 *
 * Return: false when it cannot be told, as a run has no such figure.
 */
bool case_compare(const struct bench_case *base, const struct bench_case *c,
		  struct shift *shift);

/**
 * case_copies() - how often a CPU copies the bytes, as the transport declares
 * @copies: out, of a round trip, whose messages go both ways, or of a message, to all
 *	receivers
 *
 * Return: false when nobody can say.
 */
bool case_copies(const struct bench_case *c, double *copies);

/**
 * bench_run() - measure all cases of @bench->opts, which with @quiet is all that is set
 * @verb: argv[0] of the verb, for errors
 *
 * Return: EXIT_OK, and signals to end are held back until runner_stop(); EXIT_SYSTEM, with a
 * message.
 */
int bench_run(struct bench *bench, const char *verb);

/** bench_verdict() - the exit status for what was measured */
int bench_verdict(const struct bench *bench);

#endif /* BENCH_BENCH_H */
