// SPDX-License-Identifier: GPL-2.0
#include <sys/random.h>

#include "../cli.h"
#include "run_options.h"

#define MAX_SECONDS	3600ull

uint64_t arg_run_seconds(const struct argp_state *state, const char *option,
			 const char *text)
{
	uint64_t ns = (uint64_t)arg_seconds(state, option, text);

	if (ns > MAX_SECONDS * SECOND)
		argp_error(state, "%s: at most %llu seconds", option, MAX_SECONDS);
	return ns;
}

error_t run_option(int key, char *arg, struct argp_state *state, struct bench_options *opts)
{
	switch (key) {
	case 'd':
		opts->duration_ns = arg_run_seconds(state, "--duration", arg);
		return 0;
	case KEY_WARMUP:
		opts->warmup_ns = arg_run_seconds(state, "--warmup", arg);
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
		opts->files.json = arg;
		return 0;
	case KEY_CSV:
		opts->files.csv = arg;
		return 0;
	case KEY_HGRM:
		opts->files.hgrm = arg;
		return 0;
	case KEY_HTML:
		opts->files.html = arg;
		return 0;
	case KEY_LIST:
		opts->list = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

uint64_t random_seed(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		return clock_ns() & UINT32_MAX;
	return seed;
}
