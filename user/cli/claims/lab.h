/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What experiments are made with.  What is timed between processes is timed by the benchmark;
 * here are processes for all else: some that work together, some that are not related, and
 * one that may fall.
 */
#ifndef CLAIMS_LAB_H
#define CLAIMS_LAB_H

#include <stdatomic.h>

#include "bench/bench.h"
#include "claim.h"

/* An experiment is ended after so many seconds; a process of it that is alone, too */
#define LAB_SECONDS	20

#define LAB_TRANSPORTS	8
#define LAB_SIZES	4

/**
 * struct lab - all zero but for the first two before lab_start()
 * @verb: argv[0] of it, for errors
 * @quick: fewer and shorter runs
 * @module: the module answers
 * @interrupted: number of the signal that ended it early, 0 for none
 * @cpus: that this process may use
 * @clock: as measured
 * @place: by kind
 * @pair: of two CPUs, as near as can be; PLACE_SAME where there is one
 * @env: the machine, as the benchmark knows it
 * @why: what failed last
 * @models: what models_measure() has measured; @models_known: it has
 */
struct lab {
	const char *verb;
	bool quick;
	bool module;
	int interrupted;
	int cpus;
	struct clock_info clock;
	struct placement place[PLACE_NR];
	enum placement_kind pair;
	struct env env;
	char why[CLAIM_WHY];
	struct bench models;
	bool models_known;
};

/**
 * lab_start() - look at the machine
 *
 * Signals to end are held back from here on, until lab_end().
 * Return: EXIT_OK; EXIT_SYSTEM, with a message.
 */
int lab_start(struct lab *lab);

/** lab_end() - look at it again, and give back what is kept between experiments */
void lab_end(struct lab *lab);

/**
 * lab_fail() - say why an experiment cannot be made, as printf(), translated
 * @err: negative errno
 *
 * Return: @err.
 */
int lab_fail(struct lab *lab, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * lab_memory() - memory of all processes of an experiment
 * @size: bytes
 *
 * Return: zeroed, to be given to munmap(2); NULL with @lab->why filled.
 */
void *lab_memory(struct lab *lab, size_t size);

/**
 * lab_run() - run the processes of an experiment
 * @nr: how many
 * @role: what process @index does; returns 0 or a negative errno
 * @arg: for @role, of lab_memory()
 *
 * Return: 0 when all did; negative errno with @lab->why filled.
 */
int lab_run(struct lab *lab, unsigned int nr, int (*role)(void *arg, unsigned int index),
	    void *arg);

/** lab_runs() - how often what is timed is repeated, at most LAB_RUNS */
unsigned int lab_runs(const struct lab *lab);

#define LAB_RUNS	10

/**
 * struct lab_plan - what the benchmark is to measure
 * @transports: their names, up to the first NULL
 * @workload: of all of them
 * @waits: @n_waits of them; none for what each does by itself
 * @sizes: bytes, up to the first 0
 * @place: of the processes
 * @crew: senders and receivers, of a workload of many
 * @messages: of each run, 0 to go by time
 * @payload: what is done with the bytes
 * @runs: of each case, 0 for lab_runs()
 * @connect: HOST:PORT of the other side; NULL for this host
 */
struct lab_plan {
	const char *transports[LAB_TRANSPORTS];
	enum workload workload;
	enum wait_strategy waits[WAIT_NR];
	size_t n_waits;
	size_t sizes[LAB_SIZES];
	enum placement_kind place;
	unsigned int crew[SIDES];
	uint64_t messages;
	enum payload_mode payload;
	unsigned int runs;
	const char *connect;
};

/**
 * lab_bench() - measure
 * @bench: out, to be given to cases_free(), also after an error
 *
 * What cannot be measured is a case with its status.
 * Return: 0; negative errno with @lab->why filled.
 */
int lab_bench(struct lab *lab, struct bench *bench, const struct lab_plan *plan);

/** lab_interrupted() - was it ended early?  0; -EINTR with @lab->why filled */
int lab_interrupted(struct lab *lab, const struct bench *bench);

/**
 * lab_case() - one of them
 * @wait: any where the plan has none
 *
 * Return: NULL when there is none, or it has no runs.
 */
const struct bench_case *lab_case(const struct bench *bench, const char *transport,
				  enum wait_strategy wait, size_t size);

/**
 * lab_right() - did all messages of a case come, each as it was sent?
 * @wait: as of lab_case()
 *
 * Return: 1; 0 when some were lost, came twice or were changed; negative errno with @lab->why
 * filled when that could not be tried.
 */
int lab_right(struct lab *lab, const struct bench *bench, const char *transport,
	      enum wait_strategy wait, size_t size);

/** lab_missing() - say that such a case has no runs, with its status; returns -ENODATA */
int lab_missing(struct lab *lab, const struct bench *bench, const char *transport,
		enum wait_strategy wait, size_t size);

/**
 * value_time() - the median of a case, nanoseconds, over the runs
 * @c: may be NULL
 *
 * Where a run has too few samples for its median, which is so on a busy machine, it is the
 * mean.
 */
void value_time(struct claim_value *v, const struct bench_case *c);

/** value_ratio() - likewise, of the times of @c to those of @base; either may be NULL */
void value_ratio(struct claim_value *v, const struct bench_case *base,
		 const struct bench_case *c);

/** value_times() - of times @b to times @a, nanoseconds, of @n rounds each */
void value_times(struct claim_value *v, const double *a, const double *b, unsigned int n);

#endif /* CLAIMS_LAB_H */
