// SPDX-License-Identifier: GPL-2.0
/* The runs of all cases, their probes, and what is kept of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../probe.h"
#include "../progress.h"
#include "../runner.h"
#include "rings.h"

/* A case without a result is tried so often at most before the others have their turn */
#define TRIES		10

/* A placement with at least one in so many runs is one to be measured */
#define MAIN_SHARE	4

/* Probes that tell what is usual */
#define USUAL		15
#define USUAL_RUN_NS	1000000

/* The row of a case where it has been, ready for another run; NULL without memory */
static struct bench_case *row_at(struct ring_bench *all, struct ring_case *c,
				 enum placement_kind kind)
{
	struct bench_case *row = &c->by[kind];

	if (row->hist)
		return row;
	*row = (struct bench_case){
		.transport = &c->transport->transport, .workload = c->workload,
		.size = c->size, .producers = c->transport->crew.producers,
		.consumers = c->transport->crew.consumers, .placement = all->pair,
	};
	row->placement.kind = kind;
	row->hist = calloc(1, sizeof(*row->hist));
	row->figure[FIGURE_RATE] = calloc(MAX_RUNS, sizeof(double));
	row->figure[FIGURE_P50] = calloc(MAX_RUNS, sizeof(double));
	return row->hist && row->figure[FIGURE_RATE] && row->figure[FIGURE_P50] ? row : NULL;
}

static bool add_run(struct ring_bench *all, struct ring_case *c, const struct bench_case *run,
		    const double probe[2])
{
	double low = fmin(probe[0], probe[1]), high = fmax(probe[0], probe[1]);
	struct bench_case *row = row_at(all, c, probe_label(probe[0], all->usual_ns));

	if (!row)
		return false;
	if (row->runs == MAX_RUNS)
		return true;
	all->runs_at[row->placement.kind]++;
	all->last = row->placement.kind;
	c->runs++;
	row->depth = run->depth;
	row->per_call = run->per_call;
	row->batch = run->batch;
	row->messages += run->messages;
	row->probe_ns[0] = row->runs ? fmin(row->probe_ns[0], low) : low;
	row->probe_ns[1] = fmax(row->probe_ns[1], high);
	row->figure[FIGURE_P50][row->runs] = (double)hist_median(run->hist) / run->batch;
	row->figure[FIGURE_RATE][row->runs++] = run->figure[FIGURE_RATE][0];
	hist_merge(row->hist, run->hist);
	row->outcome = OUTCOME_OK;
	snprintf(row->status, sizeof(row->status), "ok");
	return true;
}

void ring_case_none(struct ring_bench *all, struct ring_case *c,
		    const struct bench_case *run)
{
	c->none = *run;
	c->none.hist = &all->hist;
	c->none.figure[FIGURE_RATE] = NULL;
}

/* false without memory */
static bool run_once(struct ring_bench *all, struct ring_case *c)
{
	const double *probe = ring_probes()->ns;
	double rate;
	struct bench_case run = {
		.transport = &c->transport->transport, .workload = c->workload,
		.size = c->size, .producers = c->transport->crew.producers,
		.consumers = c->transport->crew.consumers,
		.placement = all->pair, .hist = calloc(1, sizeof(struct hist)),
		.figure = { [FIGURE_RATE] = &rate }, .outcome = OUTCOME_NONE, .status = "not run",
	};
	bool good = run.hist;

	if (!good)
		return false;
	all->bench.opts.depth = c->depth;
	all->bench.opts.batch = c->burst;
	runner_run(&all->bench, &run, NULL, NULL);
	if (!all->bench.interrupted && run.outcome == OUTCOME_OK) {
		if (probe_agree(probe[0], probe[1], all->usual_ns)) {
			good = add_run(all, c, &run, probe);
		} else {
			c->discarded++;
			all->last = probe_label(probe[1], all->usual_ns);
			run.outcome = OUTCOME_NONE;
			snprintf(run.status, sizeof(run.status), "discarded: the placement "
				 "changed during each of %u runs", c->discarded);
		}
	} else if (!all->bench.interrupted) {
		c->given_up = true;
	}
	if (run.outcome != OUTCOME_OK)
		ring_case_none(all, c, &run);
	free(run.hist);
	return good;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Short runs of any case, for the sake of their probes */
static void find_usual(struct ring_bench *all)
{
	const struct bench_options opts = all->bench.opts;
	double ns[USUAL], rate;
	int i, n = 0;

	all->bench.opts.duration_ns = USUAL_RUN_NS;
	all->bench.opts.warmup_ns = USUAL_RUN_NS;
	for (i = 0; i < USUAL && !all->bench.interrupted; i++) {
		struct bench_case run = {
			.transport = &all->cases->transport->transport,
			.workload = all->cases->workload, .size = all->cases->size,
			.placement = all->pair, .hist = &all->hist,
			.figure = { [FIGURE_RATE] = &rate },
		};

		all->bench.opts.depth = all->cases->depth;
		all->bench.opts.batch = all->cases->burst;
		runner_run(&all->bench, &run, NULL, NULL);
		if (run.outcome == OUTCOME_OK)
			ns[n++] = ring_probes()->ns[0];
	}
	qsort(ns, (size_t)n, sizeof(ns[0]), compare_double);
	all->usual_ns = n ? ns[n / 2] : 0;
	memset(&all->hist, 0, sizeof(all->hist));
	all->bench.opts = opts;
}

/* Is this where many of the runs are made? */
static bool is_main(const struct ring_bench *all, int kind)
{
	unsigned int sum = 0;
	int other;

	for (other = 0; other < PLACE_NR; other++)
		sum += all->runs_at[other];
	return all->runs_at[kind] && all->runs_at[kind] * MAIN_SHARE >= sum;
}

/* No result yet, and not for want of trying */
static bool starts(const struct ring_case *c)
{
	return !c->given_up && !c->runs && c->discarded < TRIES;
}

static bool lacks(const struct ring_bench *all, const struct ring_case *c, int kind)
{
	return !c->given_up && c->by[kind].runs < all->bench.opts.runs;
}

/* In the @order given: the first that starts; NULL when there is none */
static struct ring_case *first_start(const struct ring_bench *all, const size_t *order)
{
	size_t i;

	for (i = 0; i < all->n_cases; i++)
		if (starts(&all->cases[order[i]]))
			return &all->cases[order[i]];
	return NULL;
}

/* The first of those that lack most at a placement; NULL when nothing lacks there */
static struct ring_case *most_lacking(const struct ring_bench *all, const size_t *order,
				      int kind)
{
	struct ring_case *c, *found = NULL;
	size_t i;

	for (i = 0; is_main(all, kind) && i < all->n_cases; i++) {
		c = &all->cases[order[i]];
		if (lacks(all, c, kind) &&
		    (!found || c->by[kind].runs < found->by[kind].runs))
			found = c;
	}
	return found;
}

/*
 * What is run next: at the placement of the last run, for the next one is mostly at the same,
 * or else whatever lacks at another one: it may come back.  NULL at the end.
 */
static struct ring_case *next_case(const struct ring_bench *all, const size_t *order,
				   bool in_time)
{
	struct ring_case *c = first_start(all, order);
	int kind;

	if (c || !in_time)
		return c;
	c = most_lacking(all, order, (int)all->last);
	for (kind = 0; !c && kind < PLACE_NR; kind++)
		c = most_lacking(all, order, kind);
	return c;
}

static void show(struct progress *p, const struct ring_bench *all, const struct ring_case *c)
{
	struct bench_case shown = {
		.transport = &c->transport->transport, .workload = c->workload,
		.size = c->size, .placement = all->pair,
	};
	unsigned int runs;
	size_t i;
	int kind;

	p->done = 0;
	p->total = 0;
	for (kind = 0; kind < PLACE_NR; kind++) {
		for (i = 0; is_main(all, kind) && i < all->n_cases; i++) {
			if (all->cases[i].given_up)
				continue;
			runs = all->cases[i].by[kind].runs;
			p->done += runs < all->bench.opts.runs ? runs : all->bench.opts.runs;
			p->total += all->bench.opts.runs;
		}
	}
	p->current = &shown;
	progress_live(p, NULL, 0);
	p->current = NULL;
}

/*
 * Runs of all cases, interleaved in random order, until each has enough at each of the main
 * placements, or the time is up; one that failed is not tried again.
 */
bool ring_bench_run(struct ring_bench *all)
{
	size_t *order = calloc(all->n_cases, sizeof(*order));
	uint64_t random = all->bench.opts.seed, start = clock_ns();
	struct progress progress;
	struct ring_case *c;
	bool good = order;

	progress_start(&progress, &all->bench, 0);
	runner_start();
	find_usual(all);
	all->bench.n_cases = all->n_cases;
	while (good && !all->bench.interrupted) {
		cases_order(&all->bench, &random, order);
		c = next_case(all, order, clock_ns() - start < all->limit_ns);
		if (!c)
			break;
		if (progress.on)
			show(&progress, all, c);
		good = run_once(all, c);
	}
	progress_end(&progress);
	free(order);
	return good;
}
