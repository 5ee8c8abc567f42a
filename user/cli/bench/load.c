// SPDX-License-Identifier: GPL-2.0
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "median.h"
#include "progress.h"
#include "runner.h"

/* What a curve can carry is the middle one of so many runs */
#define CAPACITY_RUNS	3

const char *arrivals_name(enum arrivals arrivals)
{
	return arrivals == ARRIVALS_POISSON ? "poisson" : "fixed";
}

size_t load_sweep(struct offer offers[MAX_OFFERS])
{
	static const unsigned int percents[] = { 10, 25, 50, 70, 80, 90, 95, 100, 110 };
	size_t i;

	for (i = 0; i < sizeof(percents) / sizeof(percents[0]); i++)
		offers[i] = (struct offer){ .percent = percents[i] };
	return i;
}

void load_add(struct load *load, const struct load_run *run)
{
	load->sent.messages += run->sent.messages;
	load->sent.late += run->sent.late;
	load->sent.waits += run->sent.waits;
	load->sent.woken_late_ns += run->sent.woken_late_ns;
	load->reached += !run->grew &&
			 (double)run->span_ns >= LOAD_REACHED * (double)run->took_ns;
}

bool load_reached(const struct bench_case *c)
{
	return 2 * c->load.reached > c->runs;
}

double load_late_share(const struct load *load)
{
	const struct load_sent *sent = &load->sent;

	return sent->messages ? (double)sent->late / (double)sent->messages : 0;
}

double load_woken_late_ns(const struct load *load)
{
	const struct load_sent *sent = &load->sent;

	return sent->waits ? (double)sent->woken_late_ns / (double)sent->waits : 0;
}

bool load_same_curve(const struct bench_case *a, const struct bench_case *b)
{
	return a->workload == b->workload && a->transport == b->transport &&
	       a->wait == b->wait && a->placement.kind == b->placement.kind &&
	       a->size == b->size && a->load.arrivals == b->load.arrivals;
}

/* The first case of a curve whose rates are parts of what it can carry, and that is run */
static bool to_measure(const struct bench *bench, size_t i)
{
	const struct bench_case *c = &bench->cases[i];
	size_t j;

	if (c->workload != WORKLOAD_OPENLOOP || c->outcome == OUTCOME_REFUSED ||
	    c->outcome == OUTCOME_FAILED || (i && load_same_curve(c - 1, c)))
		return false;
	for (j = 0; j < bench->opts.n_offers; j++)
		if (bench->opts.offers[j].percent)
			return true;
	return false;
}

size_t load_runs(const struct bench *bench)
{
	size_t i, n = 0;

	for (i = 0; i < bench->n_cases; i++)
		n += CAPACITY_RUNS * to_measure(bench, i);
	return n;
}

/* For each case of the curve that begins there: it is not run, or with what rate */
static void curve_set(struct bench *bench, struct bench_case *first,
		      const struct bench_case *probe, double capacity)
{
	struct bench_case *c;

	for (c = first; c < bench->cases + bench->n_cases && load_same_curve(first, c); c++) {
		if (probe->outcome != OUTCOME_OK && probe->outcome != OUTCOME_NONE) {
			c->outcome = probe->outcome;
			memcpy(c->status, probe->status, sizeof(c->status));
		}
		c->load.capacity_per_s = capacity;
		if (c->load.offer.percent)
			c->load.offered_per_s = capacity * c->load.offer.percent / 100;
	}
}

/* Return: messages a second of a run in which all are due at once; 0, as @first then tells */
static double measure_once(struct bench *bench, struct bench_case *first, struct hist *hist,
			   struct progress *p)
{
	struct bench_case probe = *first;
	double rate = 0;

	memset(hist, 0, sizeof(*hist));
	probe.load.offered_per_s = 0;
	probe.hist = hist;
	memset(probe.figure, 0, sizeof(probe.figure));
	probe.figure[FIGURE_RATE] = &rate;
	p->current = &probe;
	runner_run(bench, &probe, p->on ? progress_live : NULL, p);
	p->done++;
	curve_set(bench, first, &probe, 0);
	return rate;
}

int load_measure(struct bench *bench, uint64_t *random, struct progress *p)
{
	double (*rates)[CAPACITY_RUNS] = calloc(bench->n_cases, sizeof(*rates));
	size_t *order = calloc(bench->n_cases, sizeof(*order)), i;
	struct hist *hist = malloc(sizeof(*hist));
	struct bench_case *c;
	int run, err = rates && order && hist ? 0 : -ENOMEM;

	for (run = 0; !err && run < CAPACITY_RUNS; run++) {
		cases_order(bench, random, order);
		for (i = 0; i < bench->n_cases && !bench->interrupted; i++)
			if (to_measure(bench, order[i]))
				rates[order[i]][run] = measure_once(bench, &bench->cases[order[i]],
								    hist, p);
	}
	for (i = 0; !err && i < bench->n_cases && !bench->interrupted; i++) {
		c = &bench->cases[i];
		if (!to_measure(bench, i))
			continue;
		curve_set(bench, c, c, median(rates[i], CAPACITY_RUNS));
	}
	free(hist);
	free(order);
	free(rates);
	return err;
}

static bool p50_of(const struct bench *bench, const struct bench_case *c, double *ns)
{
	return c->runs && case_percentile(c, &bench->clock, 50, ns);
}

static void find_knee(struct bench *bench, struct bench_case *first, struct bench_case *end)
{
	struct bench_case *c, *lowest = NULL, *knee = NULL;
	double base = 0, ns;

	for (c = first; c < end; c++)
		if (p50_of(bench, c, &ns) &&
		    (!lowest || c->load.offered_per_s < lowest->load.offered_per_s)) {
			lowest = c;
			base = ns;
		}
	for (c = first; c < end; c++)
		if (load_reached(c) && p50_of(bench, c, &ns) && ns <= LOAD_KNEE * base &&
		    (!knee || c->load.offered_per_s > knee->load.offered_per_s))
			knee = c;
	/* One rate is no curve */
	if (knee && first + 1 < end)
		knee->load.knee = true;
}

void load_find_knees(struct bench *bench)
{
	struct bench_case *c, *first = bench->cases, *end = bench->cases + bench->n_cases;

	for (c = first; c < end; c = first) {
		while (first < end && load_same_curve(c, first))
			first++;
		if (c->workload == WORKLOAD_OPENLOOP)
			find_knee(bench, c, first);
	}
}
