// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "crew.h"
#include "random.h"

const char *workload_name(enum workload workload)
{
	static const char *const names[WORKLOAD_NR] = {
		[WORKLOAD_PINGPONG] = "pingpong",
		[WORKLOAD_STREAM] = "stream",
		[WORKLOAD_ONEWAY] = "oneway",
		[WORKLOAD_OPENLOOP] = "openloop",
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

const char *figure_name(enum figure figure)
{
	static const char *const names[FIGURE_NR] = {
		[FIGURE_RATE] = "messages_per_s",
		[FIGURE_P50] = "p50_ns",
		[FIGURE_P99] = "p99_ns",
		[FIGURE_P999] = "p999_ns",
	};

	return names[figure];
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
	if (bench->opts.connect && !t->remote)
		return "it does not go to another host";
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
	int i;

	c->hist = calloc(1, sizeof(*c->hist));
	if (!c->hist)
		return -ENOMEM;
	for (i = 0; i < FIGURE_NR; i++) {
		c->figure[i] = calloc(bench->opts.runs, sizeof(*c->figure[i]));
		if (!c->figure[i])
			return -ENOMEM;
	}
	c->outcome = why ? OUTCOME_REFUSED : OUTCOME_NONE;
	snprintf(c->status, sizeof(c->status), why ? "refused: %s" : "not run%s",
		 why ? why : "");
	return 0;
}

/*
 * Sharing a cache is how two processes that talk usually are placed; to be thorough, all
 * there are.
 */
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
		if (!opts->thorough)
			return;
	}
	if (opts->thorough)
		opts->placements[opts->n_placements++] = PLACE_FREE;
}

/* How many there are of each transport */
static size_t count_waits(const struct bench_options *o)
{
	return o->n_waits ? o->n_waits : 1;
}

/* Cases of a workload */
static size_t count_cases(const struct bench_options *o, enum workload workload)
{
	size_t n = o->n_transports * count_waits(o) * o->n_placements * o->n_sizes;

	return n * (workload == WORKLOAD_OPENLOOP ? o->n_offers * o->n_arrivals :
						    crew_count(o, workload));
}

/* What an open loop has beside: its rates run faster than all else.  Return: the rest */
static size_t load_decode(const struct bench_options *o, size_t index, struct load *load)
{
	load->offer = o->offers[index % o->n_offers];
	load->offered_per_s = (double)load->offer.per_s;
	index /= o->n_offers;
	load->arrivals = o->arrivals[index % o->n_arrivals];
	return index / o->n_arrivals;
}

/* The index of a case in its workload, taken apart: the transport runs fastest */
static void case_decode(const struct bench *bench, size_t index, struct bench_case *c)
{
	const struct bench_options *o = &bench->opts;

	if (c->workload == WORKLOAD_OPENLOOP)
		index = load_decode(o, index, &c->load);
	c->transport = o->transports[index % o->n_transports];
	index /= o->n_transports;
	c->wait = o->n_waits ? o->waits[index % o->n_waits] : c->transport->wait;
	index /= count_waits(o);
	c->placement = bench->placements[o->placements[index % o->n_placements]];
	index /= o->n_placements;
	c->size = o->sizes[index % o->n_sizes];
	crew_pick(o, index / o->n_sizes, c);
}

int cases_make(struct bench *bench)
{
	struct bench_options *o = &bench->opts;
	struct bench_case *c;
	size_t i, w, n;

	if (!o->n_placements)
		default_placements(bench);
	for (w = 0; w < o->n_workloads; w++)
		bench->n_cases += count_cases(o, o->workloads[w]);
	bench->cases = calloc(bench->n_cases, sizeof(*bench->cases));
	if (!bench->cases)
		return -ENOMEM;
	for (w = 0, c = bench->cases; w < o->n_workloads; w++) {
		n = count_cases(o, o->workloads[w]);
		for (i = 0; i < n; i++, c++) {
			c->workload = o->workloads[w];
			case_decode(bench, i, c);
			if (case_make(bench, c))
				return -ENOMEM;
		}
	}
	return 0;
}

void cases_free(struct bench *bench)
{
	size_t i;
	int j;

	for (i = 0; bench->cases && i < bench->n_cases; i++) {
		free(bench->cases[i].hist);
		for (j = 0; j < FIGURE_NR; j++)
			free(bench->cases[i].figure[j]);
	}
	free(bench->cases);
	bench->cases = NULL;
}

void cases_order(const struct bench *bench, uint64_t *state, size_t *order)
{
	size_t i, other, swap;

	for (i = 0; i < bench->n_cases; i++)
		order[i] = i;
	for (i = bench->n_cases; i > 1; i--) {
		other = random_next(state) % i;
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

static bool timed(const struct bench_case *c, const struct hist *hist)
{
	return hist->count &&
	       (c->workload != WORKLOAD_STREAM || c->batch >= c->depth / c->size);
}

bool case_timed(const struct bench_case *c)
{
	return timed(c, c->hist);
}

static bool percentile(const struct bench_case *c, const struct hist *hist,
		       const struct clock_info *clock, double percent, double *ns)
{
	uint64_t value;

	if (!timed(c, hist) || !hist_percentile(hist, percent, &value) ||
	    value < clock->quantum_ns)
		return false;
	*ns = (double)value / c->batch;
	return true;
}

bool case_percentile(const struct bench_case *c, const struct clock_info *clock,
		     double percent, double *ns)
{
	return percentile(c, c->hist, clock, percent, ns);
}

void case_keep(struct bench_case *c, const struct hist *hist, double rate,
	       const struct clock_info *clock)
{
	static const double percents[FIGURE_NR] = {
		[FIGURE_P50] = 50, [FIGURE_P99] = 99, [FIGURE_P999] = 99.9,
	};
	double ns;
	int i;

	for (i = 0; i < FIGURE_NR; i++) {
		if (!c->figure[i])
			continue;
		if (i == FIGURE_RATE)
			c->figure[i][c->runs] = rate;
		else if (percentile(c, hist, clock, percents[i], &ns))
			c->figure[i][c->runs] = ns;
	}
	c->runs++;
	hist_merge(c->hist, hist);
}

bool case_spread(const struct bench_case *c, enum figure figure, struct spread *spread)
{
	return spread_find(c->figure[figure], c->runs, spread);
}

bool case_copies(const struct bench_case *c, double *copies)
{
	unsigned int each = c->transport->copies;

	*copies = each ? each - 1 : 0;
	if (c->workload == WORKLOAD_PINGPONG)
		*copies *= SIDES;
	return each > 0;
}

/* Its senders and receivers overlap: how long a message takes is the time of all */
static bool is_rated(const struct bench_case *c)
{
	return c->workload == WORKLOAD_STREAM || workload_is_of_many(c->workload);
}

bool case_time(const struct bench_case *c, const struct clock_info *clock, double *ns)
{
	struct spread rate;

	if (!is_rated(c))
		return case_percentile(c, clock, 50, ns);
	if (!case_spread(c, FIGURE_RATE, &rate))
		return false;
	*ns = 1e9 / rate.median;
	return true;
}

/* Of each run; false when one does not tell it */
static bool run_times(const struct bench_case *c, double *ns)
{
	bool rated = is_rated(c);
	const double *figure = c->figure[rated ? FIGURE_RATE : FIGURE_P50];
	unsigned int i;

	for (i = 0; i < c->runs; i++) {
		if (figure[i] <= 0)
			return false;
		ns[i] = rated ? 1e9 / figure[i] : figure[i];
	}
	return c->runs > 0;
}

bool case_compare(const struct bench_case *base, const struct bench_case *c,
		  struct shift *shift)
{
	double a[MAX_RUNS], b[MAX_RUNS];

	return run_times(base, a) && run_times(c, b) &&
	       !shift_rounds(a, base->runs, b, c->runs, STATS_EFFECT, shift);
}
