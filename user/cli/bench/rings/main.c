// SPDX-License-Identifier: GPL-2.0
/* bench-rings: measure rings of shared memory side by side. */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli.h"
#include "../progress.h"
#include "../report.h"
#include "../runner.h"
#include "../workload.h"
#include "probe.h"
#include "rings.h"

#define ME		"bench-rings"

/* A run whose probes differ is made again, so often at most */
#define TRIES		10

/* Probes that tell what is usual */
#define USUAL		15
#define USUAL_RUN_NS	1000000

/**
 * struct all
 * @pair: where the processes run, as the topology has it
 * @usual_ns: what a probe mostly says of it
 */
struct all {
	struct rings_options opts;
	struct bench bench;
	struct placement pair;
	double usual_ns;
	struct ring_transport transports[MAX_KINDS];
	size_t n_transports;
	struct ring_case *cases;
	size_t n_cases;
	struct hist hist;
};

static int list_kinds(void)
{
	size_t i;

	for (i = 0; ring_kinds[i]; i++)
		printf("%-21s %s\n", ring_kinds[i]->name, ring_kinds[i]->about);
	return cli_flush_stdout(ME);
}

static const struct ring_kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; ring_kinds[i]; i++)
		if (!strcmp(ring_kinds[i]->name, name))
			return ring_kinds[i];
	return NULL;
}

/* false when there is no such kind */
static bool take_kinds(struct all *all)
{
	char *list = all->opts.kinds, *name;
	const struct ring_kind *kind;
	size_t i;

	for (i = 0; !list && ring_kinds[i] && i < MAX_KINDS; i++)
		all->transports[all->n_transports++] = ring_transport(ring_kinds[i]);
	while (list && (name = strsep(&list, ","))) {
		kind = find_kind(name);
		if (!kind || all->n_transports == MAX_KINDS) {
			cli_error(ME, "there is no '%s'; --list shows what there is", name);
			return false;
		}
		all->transports[all->n_transports++] = ring_transport(kind);
	}
	return true;
}

static bool may_run_on(int cpu)
{
	size_t size = CPU_ALLOC_SIZE(MAX_CPU + 1);
	cpu_set_t *set = CPU_ALLOC(MAX_CPU + 1);
	bool may;

	may = set && !sched_getaffinity(0, size, set) && CPU_ISSET_S((size_t)cpu, size, set);
	CPU_FREE(set);
	if (!may)
		cli_error(ME, "this process may not run on CPU %d; choose others with --cpus, "
			  "or see taskset(1)", cpu);
	return may;
}

/* As near as can be, but two cores rather than two threads of one */
static bool choose_pair(struct all *all)
{
	static const enum placement_kind kinds[] = { PLACE_CACHE, PLACE_SMT, PLACE_FAR };
	const int *cpus = all->opts.cpus;
	struct placement found[PLACE_NR];
	size_t i;

	all->bench.cpus = placement_find_all(found);
	if (all->bench.cpus < 0) {
		cli_error(ME, "cannot find out what CPUs there are: %s; is /sys mounted?",
			  strerror(-all->bench.cpus));
		return false;
	}
	if (cpus[0] >= 0) {
		all->pair = (struct placement){ .kind = PLACE_BETWEEN, .present = true,
						.cpu = { cpus[0], cpus[1] } };
		return may_run_on(cpus[0]) && may_run_on(cpus[1]);
	}
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		all->pair = found[kinds[i]];
		if (all->pair.present)
			return true;
	}
	cli_error(ME, "two that spin need two CPUs, and this process may use %d; give the "
		  "machine another one, or see taskset(1)", all->bench.cpus);
	return false;
}

static void set_bench(struct all *all)
{
	struct rings_options *o = &all->opts;

	all->bench.opts = (struct bench_options){
		.runs = o->runs,
		.duration_ns = o->duration_ns,
		.warmup_ns = o->warmup_ns,
		.timeout_ns = 10000000000ull + RUN_LONGER * (o->duration_ns + o->warmup_ns),
		.payload = PAYLOAD_TOUCH,
		.seed = o->seed,
	};
}

/* The row of a case where it has been, ready for another run; NULL without memory */
static struct bench_case *row_at(struct all *all, struct ring_case *c,
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
	row->rate = calloc(all->opts.runs, sizeof(*row->rate));
	row->run_ns = calloc(all->opts.runs, sizeof(*row->run_ns));
	return row->hist && row->rate && row->run_ns ? row : NULL;
}

static bool add_run(struct all *all, struct ring_case *c, const struct bench_case *run,
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

/* What there is to say of a case that has no result, or has failed since */
static void no_result(struct all *all, struct ring_case *c, const struct bench_case *run)
{
	c->none = *run;
	c->none.hist = &all->hist;
	c->none.rate = NULL;
}

/* false without memory */
static bool run_once(struct all *all, struct ring_case *c)
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
		no_result(all, c, &run);
	free(run.hist);
	return good;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Short runs of any case, for the sake of their probes */
static void find_usual(struct all *all)
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
static bool run_all(struct all *all)
{
	struct bench_case shown = { .placement = all->pair };
	size_t *order = calloc(all->n_cases, sizeof(*order)), i;
	uint64_t random = all->opts.seed;
	struct progress progress;
	bool good = order;
	unsigned int run;

	progress_start(&progress, &all->bench, all->n_cases * all->opts.runs);
	runner_start();
	find_usual(all);
	for (run = 0; good && run < all->opts.runs; run++) {
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

/* Rows of all placements that a case has been at; one without a result where it has none */
static bool make_rows(struct all *all)
{
	struct bench *b = &all->bench;
	struct ring_case *c;
	bool any;
	int kind;

	b->cases = calloc(all->n_cases * PLACE_NR, sizeof(*b->cases));
	b->n_cases = 0;
	for (c = all->cases; b->cases && c < all->cases + all->n_cases; c++) {
		any = false;
		for (kind = 0; kind < PLACE_NR; kind++) {
			if (!c->by[kind].runs)
				continue;
			b->cases[b->n_cases] = c->by[kind];
			b->cases[b->n_cases++].discarded = c->discarded;
			any = true;
		}
		if (any && c->none.outcome != OUTCOME_FAILED)
			continue;
		if (!c->none.transport)
			no_result(all, c, &(struct bench_case){
				.transport = &c->transport->transport, .status = "not run",
				.workload = c->workload, .size = c->size,
				.placement = all->pair, .outcome = OUTCOME_NONE });
		c->none.per_call = c->burst;
		c->none.depth = c->depth;
		c->none.discarded = c->discarded;
		b->cases[b->n_cases++] = c->none;
	}
	return b->cases;
}

static int verdict(const struct bench *bench)
{
	size_t i, ok = 0;

	for (i = 0; i < bench->n_cases; i++) {
		if (bench->cases[i].outcome == OUTCOME_FAILED) {
			cli_error(ME, "%s: %s", bench->cases[i].transport->name,
				  bench->cases[i].status);
			return EXIT_SYSTEM;
		}
		ok += bench->cases[i].runs > 0;
	}
	if (bench->interrupted)
		return 128 + bench->interrupted;
	if (!ok)
		cli_error(ME, "nothing was measured: %s", bench->cases[0].status);
	return ok ? EXIT_OK : EXIT_SYSTEM;
}

static void free_all(struct all *all)
{
	struct ring_case *c;
	int kind;

	for (c = all->cases; c && c < all->cases + all->n_cases; c++) {
		for (kind = 0; kind < PLACE_NR; kind++) {
			free(c->by[kind].hist);
			free(c->by[kind].rate);
			free(c->by[kind].run_ns);
		}
	}
	free(all->cases);
	free(all->bench.cases);
}

static int measure(struct all *all)
{
	const char *json = all->opts.json;
	int err, status;

	clock_measure(&all->bench.clock);
	all->n_cases = ring_cases_make(all->transports, all->n_transports, &all->cases);
	if (!all->n_cases || !ring_probes() || !run_all(all) || !make_rows(all)) {
		cli_error(ME, "no memory");
		return EXIT_SYSTEM;
	}
	/* What differs by row is told by the rows. */
	all->bench.opts.depth = 0;
	all->bench.opts.batch = 0;
	err = json ? report_json(json, &all->bench) : 0;
	if (err)
		cli_error(ME, "cannot write %s: %s", json, strerror(-err));
	status = verdict(&all->bench);
	runner_stop();
	return err ? EXIT_SYSTEM : status;
}

int main(int argc, char **argv)
{
	static struct all all;
	int status, err;

	argp_err_exit_status = EXIT_USAGE;
	rings_options(&all.opts, argc, argv);
	if (all.opts.list)
		return list_kinds();
	err = all.opts.json ? report_json_check(all.opts.json) : 0;
	if (err) {
		cli_error(ME, "cannot write %s: %s; nothing was measured", all.opts.json,
			  strerror(-err));
		return EXIT_SYSTEM;
	}
	set_bench(&all);
	if (!take_kinds(&all))
		return EXIT_USAGE;
	if (!choose_pair(&all))
		return EXIT_SYSTEM;
	status = measure(&all);
	free_all(&all);
	return status;
}
