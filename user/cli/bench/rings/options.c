// SPDX-License-Identifier: GPL-2.0
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli.h"
#include "../run_options.h"
#include "../workload.h"
#include "rings.h"

enum {
	KEY_CPUS = KEY_OWN, KEY_LIMIT,
};

static const struct argp_option argp_options[] = {
	{ "transports", 't', "LIST", 0, "kinds of rings (default: all, see --list)", 1 },
	{ "cpus", KEY_CPUS, "A,B", 0,
	  "of the two processes (default: two that share a cache, or are else as near as "
	  "can be)", 1 },
	{ "duration", 'd', "SECONDS", 0, "length of a run (default: 0.05)", 2 },
	{ "warmup", KEY_WARMUP, "SECONDS", 0, "before each run (default: 0.05)", 2 },
	{ "runs", 'r', "N", 0, "of each case, each with fresh processes, at each placement "
	  "that has a quarter of all runs (default: 10)", 2 },
	{ "limit", KEY_LIMIT, "SECONDS", 0, "of all runs together, once each case has one "
	  "(default: 360)", 2 },
	{ "seed", KEY_SEED, "N", 0, "of the random order of the runs", 2 },
	{ "quick", KEY_QUICK, NULL, 0, "a first look: one short run of each", 2 },
	{ "json", 'j', "FILE", 0, "write the results there; - for standard output", 3 },
	{ "list", KEY_LIST, NULL, 0, "list the kinds of rings", 3 },
	{ 0 },
};

static void set_cpus(struct ring_bench *all, struct argp_state *state, char *text)
{
	char *second = strchr(text, ',');

	if (!second) {
		argp_error(state, "--cpus: two numbers, as 0,1");
		return;
	}
	*second++ = '\0';
	all->cpus[0] = (int)arg_count(state, "--cpus", text, 0, MAX_CPU);
	all->cpus[1] = (int)arg_count(state, "--cpus", second, 0, MAX_CPU);
	if (all->cpus[0] == all->cpus[1])
		argp_error(state, "--cpus: two that spin need two CPUs");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct ring_bench *all = state->input;

	switch (key) {
	case 't':
		all->kinds = arg;
		return 0;
	case KEY_CPUS:
		set_cpus(all, state, arg);
		return 0;
	case KEY_LIMIT:
		all->limit_ns = arg_run_seconds(state, "--limit", arg);
		return 0;
	default:
		return run_option(key, arg, state, &all->bench.opts);
	}
}

void rings_options(struct ring_bench *all, int argc, char **argv)
{
	static const struct argp argp = {
		.options = argp_options,
		.parser = parse_option,
		.doc = "Measure the library's rings, those of others and what no ring can be "
		       "faster than, side by side, between two spinning processes."
		       "\vA probe before and after each run tells how far the two CPUs lie "
		       "apart.  A run whose probes differ is thrown away and made again; "
		       "compare only rows of one placement.\n\n"
		       "Exit status: 0 done, 1 wrong usage, 2 nothing could be measured, or "
		       "nothing of a ring of the library, or a ring hung, died, lost or "
		       "changed a message.",
	};
	struct bench_options *opts = &all->bench.opts;

	*opts = (struct bench_options){ .payload = PAYLOAD_TOUCH, .seed = random_seed() };
	all->kinds = NULL;
	all->limit_ns = 0;
	all->cpus[0] = -1;
	all->cpus[1] = -1;
	argp_parse(&argp, argc, argv, 0, NULL, all);
	if (!all->limit_ns && (opts->runs || !opts->quick))
		all->limit_ns = 360 * SECOND;
	if (!opts->runs)
		opts->runs = opts->quick ? 1 : 10;
	if (!opts->duration_ns)
		opts->duration_ns = opts->quick ? SECOND / 200 : SECOND / 20;
	if (!opts->warmup_ns)
		opts->warmup_ns = opts->quick ? SECOND / 500 : SECOND / 20;
	opts->timeout_ns = 10 * SECOND + RUN_LONGER * (opts->duration_ns + opts->warmup_ns);
}
