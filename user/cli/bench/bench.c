// SPDX-License-Identifier: GPL-2.0
/* ipcchan bench: measure ways of passing messages side by side. */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "progress.h"
#include "remote.h"
#include "report.h"
#include "results.h"
#include "runner.h"

static int list_transports(const char *verb)
{
	size_t i;

	for (i = 0; transports[i]; i++)
		printf("%-21s %-8s %s\n", transports[i]->name,
		       wait_name(transports[i]->wait), transports[i]->about);
	return cli_flush_stdout(verb);
}

/* A case that failed once is not tried again */
static bool wanted(const struct bench_case *c)
{
	return c->outcome == OUTCOME_OK || c->outcome == OUTCOME_NONE;
}

static size_t count_wanted(const struct bench *bench)
{
	size_t i, n = 0;

	for (i = 0; i < bench->n_cases; i++)
		n += wanted(&bench->cases[i]);
	return n;
}

static unsigned int runs_wanted(const struct bench *bench)
{
	return bench->opts.runs + bench->counts;
}

static void run_case(struct bench *bench, struct bench_case *c, struct progress *p)
{
	p->current = c;
	if (p->on)
		progress_live(p, c->hist, c->batch);
	runner_run(bench, c, p->on ? progress_live : NULL, p);
	p->done++;
	if (!wanted(c))
		p->total -= runs_wanted(bench) - c->runs - 1;
}

/*
 * One run of every case, in another order each time, and last, where that can be, one in
 * which is counted what would disturb the times.  Before, what open loops can carry.
 */
static int run_all(struct bench *bench)
{
	size_t *order = calloc(bench->n_cases, sizeof(*order));
	uint64_t random = bench->opts.seed;
	struct progress progress;
	unsigned int run;
	size_t i;
	int err;

	if (!order)
		return -ENOMEM;
	bench->rounds = true;
	progress_start(&progress, bench,
		       load_runs(bench) + count_wanted(bench) * runs_wanted(bench));
	err = load_measure(bench, &random, &progress);
	progress.total = progress.done + count_wanted(bench) * runs_wanted(bench);
	for (run = 0; !err && run < runs_wanted(bench) && !bench->interrupted; run++) {
		cases_order(bench, &random, order);
		for (i = 0; i < bench->n_cases && !bench->interrupted; i++)
			if (wanted(&bench->cases[order[i]]))
				run_case(bench, &bench->cases[order[i]], &progress);
	}
	load_find_knees(bench);
	progress_end(&progress);
	free(order);
	return err;
}

static int report(const struct bench *bench, const char *verb)
{
	FILE *out = report_files_on_stdout(&bench->opts.files) ? stderr : stdout;

	report_table(out, bench);
	report_ledger(out, bench);
	report_stages(out, bench);
	report_grade_after(out, bench);
	return report_write(bench, verb);
}

int bench_verdict(const struct bench *bench)
{
	size_t i, ok = 0, failed = 0;

	for (i = 0; i < bench->n_cases; i++) {
		ok += bench->cases[i].runs > 0;
		failed += bench->cases[i].outcome == OUTCOME_FAILED;
	}
	if (failed)
		return EXIT_SYSTEM;
	if (bench->interrupted)
		return 128 + bench->interrupted;
	return ok ? EXIT_OK : EXIT_SYSTEM;
}

/* What the machine is, and how far its CPUs are apart */
static void look_before(struct bench *bench)
{
	struct placement places[PLACE_NR];
	size_t i, n = bench->opts.n_placements;

	for (i = 0; i < n; i++)
		places[i] = bench->placements[bench->opts.placements[i]];
	env_begin(&bench->env, &bench->clock, bench->cpus, places, n);
	runner_start();
	floor_probe(bench, 0);
	floor_judge(bench);
	bench->env_before = bench->env;
}

static void look_after(struct bench *bench)
{
	floor_probe(bench, 1);
	env_end(&bench->env);
	floor_judge(bench);
}

int bench_run(struct bench *bench, const char *verb)
{
	clock_measure(&bench->clock);
	bench->cpus = placement_find_all(bench->placements);
	if (bench->cpus < 0) {
		cli_error(verb, "cannot find out what CPUs there are: %s; is /sys mounted?",
			  strerror(-bench->cpus));
		return EXIT_SYSTEM;
	}
	bench->counts = ledger_can_count();
	bench->placements[PLACE_REMOTE] = (struct placement){
		.kind = PLACE_REMOTE, .present = true, .cpu = { -1, -1 },
	};
	if (cases_make(bench)) {
		cli_error(verb, "no memory for so many cases; give shorter lists");
		return EXIT_SYSTEM;
	}
	look_before(bench);
	if (!bench->quiet)
		report_head(report_files_on_stdout(&bench->opts.files) ? stderr : stdout, bench);
	fflush(NULL);
	if (run_all(bench)) {
		runner_stop();
		cli_error(verb, "no memory");
		return EXIT_SYSTEM;
	}
	look_after(bench);
	return EXIT_OK;
}

static int measure(struct bench *bench, const char *verb)
{
	int status = bench_run(bench, verb), missing = EXIT_OK;

	if (status)
		return status;
	if (!bench->interrupted && stages_measure(bench)) {
		cli_error(verb, "no memory to find out where the time goes: all else is told");
		stages_free(bench);
		missing = EXIT_SYSTEM;
	}
	status = report(bench, verb);
	runner_stop();
	if (status || missing)
		return EXIT_SYSTEM;
	return bench_verdict(bench);
}

static const struct subverb {
	const char *name;
	int (*run)(int argc, char **argv);
} subverbs[] = {
	{ "compare", cmd_bench_compare },
	{ "rank", cmd_bench_rank },
	{ "report", cmd_bench_report },
};

/* Return: NULL when it is none */
static const struct subverb *find_subverb(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(subverbs) / sizeof(subverbs[0]); i++)
		if (!strcmp(subverbs[i].name, name))
			return &subverbs[i];
	return NULL;
}

static int run_subverb(const struct subverb *sub, int argc, char **argv)
{
	char title[64];

	snprintf(title, sizeof(title), "%s %s", argv[0], sub->name);
	argv[1] = title;
	return sub->run(argc - 1, argv + 1);
}

int cmd_bench(int argc, char **argv)
{
	const struct subverb *sub = argc > 1 ? find_subverb(argv[1]) : NULL;
	struct bench bench = { 0 };
	char why[WHY_SIZE];
	int status;

	if (sub)
		return run_subverb(sub, argc, argv);
	options_parse(&bench.opts, argc, argv);
	if (bench.opts.list)
		return list_transports(argv[0]);
	if (bench.opts.listen)
		return remote_listen(bench.opts.listen, bench.opts.timeout_ns, bench.opts.once,
				     argv[0]);
	status = report_files_check(&bench.opts.files, argv[0], "nothing was measured");
	if (status)
		return status;
	if (bench.opts.connect && remote_connect(bench.opts.connect, why)) {
		cli_error(argv[0], "%s", why);
		return EXIT_SYSTEM;
	}
	status = measure(&bench, argv[0]);
	stages_free(&bench);
	cases_free(&bench);
	return status;
}
