/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The load curve of an open loop: rates that are offered, what came of them, and the knee.
 * A curve is all cases that differ in the rate only; they lie in a row.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schedule.h"

#define MAX_OFFERS	32

/* Of what its schedule asked for: a run with less has not reached its rate */
#define LOAD_REACHED	0.98

/* Beyond so many times the median at the lowest rate, one is beyond the knee */
#define LOAD_KNEE	10

struct bench;
struct bench_case;
struct progress;

/**
 * struct offer - a rate that an open loop is to have
 * @percent: of what it can carry; 0 where there is @per_s
 * @per_s: messages a second
 */
struct offer {
	unsigned int percent;
	uint64_t per_s;
};

/**
 * struct load_sent - of a sender
 * @messages: sent
 * @late: of these, LATE_NS or more after their time, for whatever reason
 * @waits: for the time of a message
 * @woken_late_ns: sum of what they lasted too long, which is not the transport's
 */
struct load_sent {
	uint64_t messages;
	uint64_t late;
	uint64_t waits;
	uint64_t woken_late_ns;
};

/**
 * struct load_run - of a run
 * @span_ns: from the begin to when the message after the last one would have been due
 * @took_ns: to when the last one had been read
 * @grew: what waited became more and more
 */
struct load_run {
	struct load_sent sent;
	uint64_t span_ns;
	uint64_t took_ns;
	bool grew;
};

/**
 * struct load - of a case
 * @offer: what makes it one
 * @capacity_per_s: messages a second when all are due at once; 0 where it is not known
 * @offered_per_s: 0 until it is known
 * @reached: runs that did
 * @knee: the highest rate of its curve that was reached, and with a median of no more than
 *	LOAD_KNEE times that at the lowest
 */
struct load {
	enum arrivals arrivals;
	struct offer offer;
	double capacity_per_s;
	double offered_per_s;
	unsigned int reached;
	struct load_sent sent;
	bool knee;
};

/** arrivals_name() - as given to --arrivals */
const char *arrivals_name(enum arrivals arrivals);

/** load_sweep() - the offers of --rate sweep; returns how many */
size_t load_sweep(struct offer offers[MAX_OFFERS]);

/** load_add() - a run of the case has ended */
void load_add(struct load *load, const struct load_run *run);

/** load_reached() - did most of the case's runs reach its rate? */
bool load_reached(const struct bench_case *c);

/** load_late_share() - of the messages that were sent, those that were late */
double load_late_share(const struct load *load);

/** load_woken_late_ns() - how much too long the sender waited for their time, the mean */
double load_woken_late_ns(const struct load *load);

/** load_same_curve() - do they differ in the rate only? */
bool load_same_curve(const struct bench_case *a, const struct bench_case *b);

/** load_runs() - runs that load_measure() will make */
size_t load_runs(const struct bench *bench);

/**
 * load_measure() - find out what each curve can carry, and so the rates of its cases
 * @random: state of the random numbers of the order
 *
 * Return: 0; -ENOMEM.
 */
int load_measure(struct bench *bench, uint64_t *random, struct progress *p);

/** load_find_knees() - once all has been measured */
void load_find_knees(struct bench *bench);

#endif /* BENCH_LOAD_H */
