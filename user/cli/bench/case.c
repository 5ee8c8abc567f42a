// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "crew.h"

const char *workload_name(enum workload workload)
{
	static const char *const names[WORKLOAD_NR] = {
		[WORKLOAD_PINGPONG] = "pingpong",
		[WORKLOAD_STREAM] = "stream",
		[WORKLOAD_FANIN] = "fanin",
		[WORKLOAD_FANOUT] = "fanout",
		[WORKLOAD_MESH] = "mesh",
	};

	return names[workload];
}

const char *wait_name(enum wait_strategy wait)
{
	static const char *const names[WAIT_NR] = {
		[WAIT_BLOCK] = "block",
		[WAIT_POLL] = "poll",
		[WAIT_SPIN] = "spin",
		[WAIT_ADAPTIVE] = "adaptive",
	};

	return names[wait];
}

const char *payload_name(enum payload_mode mode)
{
	static const char *const names[PAYLOAD_NR] = {
		[PAYLOAD_NOTIFY] = "notify",
		[PAYLOAD_TOUCH] = "write+read",
		[PAYLOAD_VERIFY] = "verify",
	};

	return names[mode];
}

/* What can be known to be impossible without a try */
static const char *impossible(const struct bench *bench, const struct bench_case *c)
{
	const struct transport *t = c->transport;

	if (!workload_is_of_many(c->workload) && !(t->workloads & 1u << c->workload))
		return "it does not have this workload";
	if (c->size > t->max_size)
		return "it does not carry messages of this size";
	if (c->wait != t->wait && !(t->waits & 1u << c->wait))
		return "it cannot wait so";
	if (!c->placement.present)
		return placement_missing(c->placement.kind);
	if (c->wait == WAIT_SPIN && bench->cpus == 1)
		return "two that spin need two CPUs, there is one";
	if (c->wait == WAIT_SPIN && c->placement.kind == PLACE_SAME)
		return "two that spin need two CPUs";
	if (c->wait == WAIT_ADAPTIVE && (bench->cpus == 1 ||
					 c->placement.kind == PLACE_SAME))
		return "who shares a CPU sleeps at once";
	return workload_is_of_many(c->workload) ? crew_impossible(bench, c) : NULL;
}

static int case_make(const struct bench *bench, struct bench_case *c)
{
	const char *why = impossible(bench, c);

	c->hist = calloc(1, sizeof(*c->hist));
	c->rate = calloc(bench->opts.runs, sizeof(*c->rate));
	if (!c->hist || !c->rate)
		return -ENOMEM;
	c->outcome = why ? OUTCOME_REFUSED : OUTCOME_NONE;
	snprintf(c->status, sizeof(c->status), why ? "refused: %s" : "not run%s",
		 why ? why : "");
	return 0;
}

/* Sharing a cache is how two processes that talk usually are placed */
static void default_placements(struct bench *bench)
{
	static const enum placement_kind pairs[] = { PLACE_CACHE, PLACE_SMT, PLACE_FAR };
	struct bench_options *opts = &bench->opts;
	size_t i;

	opts->placements[opts->n_placements++] = PLACE_SAME;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (!bench->placements[pairs[i]].present)
			continue;
		opts->placements[opts->n_placements++] = pairs[i];
		return;
	}
}

/* How many there are of each transport */
static size_t count_waits(const struct bench_options *o)
{
	return o->n_waits ? o->n_waits : 1;
}

/* The index of a case, taken apart: the transport runs fastest */
static void case_decode(const struct bench *bench, size_t index, struct bench_case *c)
{
	const struct bench_options *o = &bench->opts;

	c->transport = o->transports[index % o->n_transports];
	index /= o->n_transports;
	c->wait = o->n_waits ? o->waits[index % o->n_waits] : c->transport->wait;
	index /= count_waits(o);
	c->placement = bench->placements[o->placements[index % o->n_placements]];
	index /= o->n_placements;
	c->size = o->sizes[index % o->n_sizes];
	crews_pick(o, index / o->n_sizes, c);
}

int cases_make(struct bench *bench)
{
	struct bench_options *o = &bench->opts;
	size_t i;

	if (!o->n_placements)
		default_placements(bench);
	bench->n_cases = o->n_transports * count_waits(o) * o->n_placements * o->n_sizes *
			 crews_count(o);
	bench->cases = calloc(bench->n_cases, sizeof(*bench->cases));
	if (!bench->cases)
		return -ENOMEM;
	for (i = 0; i < bench->n_cases; i++) {
		case_decode(bench, i, &bench->cases[i]);
		if (case_make(bench, &bench->cases[i]))
			return -ENOMEM;
	}
	return 0;
}

void cases_free(struct bench *bench)
{
	size_t i;

	for (i = 0; bench->cases && i < bench->n_cases; i++) {
		free(bench->cases[i].hist);
		free(bench->cases[i].rate);
	}
	free(bench->cases);
	bench->cases = NULL;
}

/* splitmix64: any seed will do, 0 too */
static uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15ull;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

void cases_order(const struct bench *bench, uint64_t *state, size_t *order)
{
	size_t i, other, swap;

	for (i = 0; i < bench->n_cases; i++)
		order[i] = i;
	for (i = bench->n_cases; i > 1; i--) {
		other = next_random(state) % i;
		swap = order[i - 1];
		order[i - 1] = order[other];
		order[other] = swap;
	}
}

size_t case_depth(const struct bench *bench, const struct bench_case *c)
{
	size_t least = 4 * c->size;

	return bench->opts.depth < least ? least : bench->opts.depth;
}

bool case_timed(const struct bench_case *c)
{
	return c->hist->count &&
	       (c->workload == WORKLOAD_PINGPONG || c->batch >= c->depth / c->size);
}

bool case_percentile(const struct bench_case *c, const struct clock_info *clock,
		     double percent, double *ns)
{
	uint64_t value;

	if (!case_timed(c) || !hist_percentile(c->hist, percent, &value) ||
	    value < clock->quantum_ns)
		return false;
	*ns = (double)value / c->batch;
	return true;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Nothing is supposed of how the runs are distributed: each is below the true median with
 * a probability of one half.  Return: of @n of them in order, the last one that the median
 * is not below, nor above its counterpart from the end, with a probability of 95 %; -1
 * when not even all of them tell.
 */
static int sure_rank(unsigned int n)
{
	double each = exp2(-(double)n), outside = 2 * each;
	int rank = -1;

	while (outside <= 0.05) {
		rank++;
		each *= (double)(n - (unsigned int)rank) / (rank + 1);
		outside += 2 * each;
	}
	return rank;
}

/* Of those above 0: the others are not known */
static bool find_spread(const double *values, unsigned int n, struct spread *spread)
{
	double sorted[MAX_RUNS];
	unsigned int i, known = 0;
	int rank;

	for (i = 0; values && i < n; i++)
		if (values[i] > 0)
			sorted[known++] = values[i];
	if (!known)
		return false;
	qsort(sorted, known, sizeof(sorted[0]), compare_double);
	spread->min = sorted[0];
	spread->median = (sorted[(known - 1) / 2] + sorted[known / 2]) / 2;
	spread->max = sorted[known - 1];
	rank = sure_rank(known);
	spread->sure = rank >= 0;
	if (spread->sure) {
		spread->low = sorted[rank];
		spread->high = sorted[known - 1 - (unsigned int)rank];
	}
	return true;
}

bool case_rate(const struct bench_case *c, struct spread *rate)
{
	return find_spread(c->rate, c->runs, rate);
}

bool case_run_ns(const struct bench_case *c, struct spread *ns)
{
	return find_spread(c->run_ns, c->runs, ns);
}

bool case_time(const struct bench_case *c, const struct clock_info *clock, double *ns)
{
	struct spread rate;

	if (c->workload == WORKLOAD_PINGPONG)
		return case_percentile(c, clock, 50, ns);
	if (!case_rate(c, &rate))
		return false;
	*ns = 1e9 / rate.median;
	return true;
}
