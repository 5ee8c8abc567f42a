// SPDX-License-Identifier: GPL-2.0
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "../../cli.h"
#include "rings.h"

enum {
	KEY_SEED = 256, KEY_LIST, KEY_QUICK, KEY_WARMUP, KEY_CPUS, KEY_LIMIT,
};

#define SECOND		1000000000ull
#define MAX_SECONDS	3600ull

static const struct argp_option argp_options[] = {
	{ "transports", 't', "LIST", 0, "kinds of rings (default: all, see --list)", 1 },
	{ "cpus", KEY_CPUS, "A,B", 0,
	  "of the two processes (default: two that share a cache, or are else as near as "
	  "can be)", 1 },
	{ "duration", 'd', "SECONDS", 0, "length of a run (default: 0.05)", 2 },
	{ "warmup", KEY_WARMUP, "SECONDS", 0, "before each run (default: 0.01)", 2 },
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

static uint64_t seconds(const struct argp_state *state, const char *option,
			const char *text)
{
	uint64_t ns = (uint64_t)arg_seconds(state, option, text);

	if (ns > MAX_SECONDS * SECOND)
		argp_error(state, "%s: at most %llu seconds", option, MAX_SECONDS);
	return ns;
}

static void set_cpus(struct rings_options *opts, struct argp_state *state, char *text)
{
	char *second = strchr(text, ',');

	if (!second) {
		argp_error(state, "--cpus: two numbers, as 0,1");
		return;
	}
	*second++ = '\0';
	opts->cpus[0] = (int)arg_count(state, "--cpus", text, 0, MAX_CPU);
	opts->cpus[1] = (int)arg_count(state, "--cpus", second, 0, MAX_CPU);
	if (opts->cpus[0] == opts->cpus[1])
		argp_error(state, "--cpus: two that spin need two CPUs");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct rings_options *opts = state->input;

	switch (key) {
	case 't':
		opts->kinds = arg;
		return 0;
	case KEY_CPUS:
		set_cpus(opts, state, arg);
		return 0;
	case 'd':
		opts->duration_ns = seconds(state, "--duration", arg);
		return 0;
	case KEY_WARMUP:
		opts->warmup_ns = seconds(state, "--warmup", arg);
		return 0;
	case KEY_LIMIT:
		opts->limit_ns = seconds(state, "--limit", arg);
		return 0;
	case 'r':
		opts->runs = (unsigned int)arg_count(state, "--runs", arg, 1, MAX_RUNS);
		return 0;
	case KEY_SEED:
		opts->seed = arg_count(state, "--seed", arg, 0, INT64_MAX);
		return 0;
	case KEY_QUICK:
		opts->quick = true;
		return 0;
	case 'j':
		opts->json = arg;
		return 0;
	case KEY_LIST:
		opts->list = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void rings_options(struct rings_options *opts, int argc, char **argv)
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
	uint32_t seed = 0;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint32_t)clock_ns();
	*opts = (struct rings_options){ .seed = seed, .cpus = { -1, -1 } };
	argp_parse(&argp, argc, argv, 0, NULL, opts);
	if (!opts->limit_ns && (opts->runs || !opts->quick))
		opts->limit_ns = 360 * SECOND;
	if (!opts->runs)
		opts->runs = opts->quick ? 1 : 10;
	if (!opts->duration_ns)
		opts->duration_ns = opts->quick ? SECOND / 200 : SECOND / 20;
	if (!opts->warmup_ns)
		opts->warmup_ns = opts->quick ? SECOND / 500 : SECOND / 100;
}
