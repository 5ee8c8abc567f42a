// SPDX-License-Identifier: GPL-2.0
/* The runs of all cases, their probes, and what is kept of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../progress.h"
#include "../runner.h"
#include "probe.h"
#include "rings.h"

/* A run whose probes differ is made again, so often at most */
#define TRIES		10

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
		.size = c->size, .placement = all->pair,
	};
	row->placement.kind = kind;
	row->hist = calloc(1, sizeof(*row->hist));
	row->rate = calloc(all->bench.opts.runs, sizeof(*row->rate));
	row->run_ns = calloc(all->bench.opts.runs, sizeof(*row->run_ns));
	return row->hist && row->rate && row->run_ns ? row : NULL;
}

static bool add_run(struct ring_bench *all, struct ring_case *c, const struct bench_case *run,
		    const double probe[2])
{
	double low = fmin(probe[0], probe[1]), high = fmax(probe[0], probe[1]);
	struct bench_case *row = row_at(all, c, probe_label(probe[0], all->usual_ns));

	if (!row)
		return false;
	row->depth = run->depth;
	row->per_call = run->per_call;
	row->batch = run->batch;
	row->messages += run->messages;
	row->probe_ns[0] = row->runs ? fmin(row->probe_ns[0], low) : low;
	row->probe_ns[1] = fmax(row->probe_ns[1], high);
	row->run_ns[row->runs] = (double)hist_median(run->hist) / run->batch;
	row->rate[row->runs++] = run->rate[0];
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
	c->none.rate = NULL;
}

/* false without memory */
static bool run_once(struct ring_bench *all, struct ring_case *c)
{
	const double *probe = ring_probes()->ns;
	double rate;
	struct bench_case run = {
		.transport = &c->transport->transport, .workload = c->workload,
		.size = c->size, .placement = all->pair, .hist = calloc(1, sizeof(struct hist)),
		.rate = &rate,
	};
	bool good = run.hist;
	int try;

	all->bench.opts.depth = c->depth;
	all->bench.opts.batch = c->burst;
	for (try = 0; good && try < TRIES; try++) {
		run.outcome = OUTCOME_NONE;
		snprintf(run.status, sizeof(run.status), "not run");
		run.runs = 0;
		run.messages = 0;
		memset(run.hist, 0, sizeof(*run.hist));
		runner_run(&all->bench, &run, NULL, NULL);
		if (all->bench.interrupted || run.outcome != OUTCOME_OK)
			break;
		if (probe_agree(probe[0], probe[1], all->usual_ns)) {
			good = add_run(all, c, &run, probe);
			break;
		}
		c->discarded++;
		run.outcome = OUTCOME_REFUSED;
		snprintf(run.status, sizeof(run.status), "discarded: the placement changed "
			 "during each of %d runs", TRIES);
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
			.placement = all->pair, .hist = &all->hist, .rate = &rate,
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

/* One run of every case, in another order each time; one that failed is not tried again */
bool ring_bench_run(struct ring_bench *all)
{
	struct bench_case shown = { .placement = all->pair };
	size_t *order = calloc(all->n_cases, sizeof(*order)), i;
	uint64_t random = all->bench.opts.seed;
	struct progress progress;
	bool good = order;
	unsigned int run;

	progress_start(&progress, &all->bench, all->n_cases * all->bench.opts.runs);
	runner_start();
	find_usual(all);
	for (run = 0; good && run < all->bench.opts.runs; run++) {
		all->bench.n_cases = all->n_cases;
		cases_order(&all->bench, &random, order);
		for (i = 0; good && i < all->n_cases && !all->bench.interrupted; i++) {
			struct ring_case *c = &all->cases[order[i]];

			shown.transport = &c->transport->transport;
			shown.workload = c->workload;
			shown.size = c->size;
			progress.current = &shown;
			if (progress.on)
				progress_live(&progress, NULL, 0);
			if (c->none.outcome != OUTCOME_FAILED)
				good = run_once(all, c);
			progress.done++;
		}
	}
	progress_end(&progress);
	free(order);
	return good;
}
