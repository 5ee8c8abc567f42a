// SPDX-License-Identifier: GPL-2.0
/* bench-rings: measure rings of shared memory side by side. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli.h"
#include "../report.h"
#include "../runner.h"
#include "rings.h"

#define ME		"bench-rings"

#ifdef RINGS_PEERS
#define PEERS		RINGS_PEERS
#else
#define PEERS		NULL
#endif

/* How the names of the library's rings begin */
#define OURS		"ipcchan-"

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

static void take_kind(struct ring_bench *all, const struct ring_kind *kind)
{
	size_t i;

	for (i = 0; i < CREWS; i++)
		all->transports[all->n_transports].of[i] = ring_transport(kind, ring_crews[i]);
	all->n_transports++;
}

/* false when there is no such kind */
static bool take_kinds(struct ring_bench *all)
{
	char *list = all->kinds, *name;
	const struct ring_kind *kind;
	size_t i;

	for (i = 0; !list && ring_kinds[i] && i < MAX_KINDS; i++)
		take_kind(all, ring_kinds[i]);
	while (list && (name = strsep(&list, ","))) {
		kind = find_kind(name);
		if (!kind || all->n_transports == MAX_KINDS) {
			cli_error(ME, "there is no '%s'; --list shows what there is", name);
			return false;
		}
		take_kind(all, kind);
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
static bool choose_pair(struct ring_bench *all)
{
	static const enum placement_kind kinds[] = { PLACE_CACHE, PLACE_SMT, PLACE_FAR };
	const int *cpus = all->cpus;
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

/* Rows of all placements that a case has been at; one without a result where it has none */
static bool make_rows(struct ring_bench *all)
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
		if (any && !c->given_up)
			continue;
		if (!c->none.transport)
			ring_case_none(all, c, &(struct bench_case){
				.transport = &c->transport->transport, .status = "not run",
				.workload = c->workload, .size = c->size,
				.producers = c->transport->crew.producers,
				.consumers = c->transport->crew.consumers,
				.placement = all->pair, .outcome = OUTCOME_NONE });
		c->none.per_call = c->burst;
		c->none.depth = c->depth;
		c->none.discarded = c->discarded;
		b->cases[b->n_cases++] = c->none;
	}
	return b->cases;
}

static bool has_result(const struct bench *bench, const struct transport *t)
{
	size_t i;

	for (i = 0; i < bench->n_cases; i++)
		if (bench->cases[i].transport->name == t->name && bench->cases[i].runs)
			return true;
	return false;
}

/* A ring of the library's that nothing is known of; of others a refusal is no failure */
static const char *ours_without(const struct bench *bench)
{
	size_t i;

	for (i = 0; i < bench->n_cases; i++) {
		const struct transport *t = bench->cases[i].transport;

		if (!strncmp(t->name, OURS, strlen(OURS)) && !has_result(bench, t))
			return t->name;
	}
	return NULL;
}

static int verdict(const struct bench *bench)
{
	const char *without = ours_without(bench);
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
	else if (without)
		cli_error(ME, "%s has no result at all", without);
	return ok && !without ? EXIT_OK : EXIT_SYSTEM;
}

static void free_all(struct ring_bench *all)
{
	struct ring_case *c;
	int kind;

	for (c = all->cases; c && c < all->cases + all->n_cases; c++) {
		for (kind = 0; kind < PLACE_NR; kind++) {
			free(c->by[kind].hist);
			free(c->by[kind].figure[FIGURE_RATE]);
			free(c->by[kind].figure[FIGURE_P50]);
		}
	}
	free(all->cases);
	free(all->bench.cases);
}

static int measure(struct ring_bench *all)
{
	int written, status;

	clock_measure(&all->bench.clock);
	all->n_cases = ring_cases_make(all->transports, all->n_transports, &all->cases);
	env_begin(&all->bench.env, &all->bench.clock, all->bench.cpus, &all->pair, 1);
	if (!all->n_cases || !ring_probes() || !ring_bench_run(all) || !make_rows(all)) {
		cli_error(ME, "no memory");
		return EXIT_SYSTEM;
	}
	env_end(&all->bench.env);
	/* What differs by row is told by the rows. */
	all->bench.opts.depth = 0;
	all->bench.opts.batch = 0;
	written = report_write(&all->bench, ME);
	status = verdict(&all->bench);
	runner_stop();
	return written ? written : status;
}

int main(int argc, char **argv)
{
	static struct ring_bench all;
	int status;

	argp_err_exit_status = EXIT_USAGE;
	rings_options(&all, argc, argv);
	all.bench.peers = PEERS;
	if (all.bench.opts.list)
		return list_kinds();
	status = report_files_check(&all.bench.opts.files, ME, "nothing was measured");
	if (status)
		return status;
	if (!take_kinds(&all))
		return EXIT_USAGE;
	if (!choose_pair(&all))
		return EXIT_SYSTEM;
	status = measure(&all);
	free_all(&all);
	return status;
}
