/* SPDX-License-Identifier: GPL-2.0 */
/* The options of every program that measures: of the runs, and where their results go. */
#ifndef BENCH_RUN_OPTIONS_H
#define BENCH_RUN_OPTIONS_H

#include <argp.h>

#include "bench.h"

#define SECOND		1000000000ull

/* Keys of options that have no letter; a program's own begin at KEY_OWN. */
enum {
	KEY_SEED = 256, KEY_LIST, KEY_QUICK, KEY_WARMUP, KEY_CSV, KEY_HGRM, KEY_HTML, KEY_OWN,
};

/**
 * run_option() - read one of --duration, --warmup, --runs, --seed, --quick, --list, and of
 *	where the results go
 * @key: as given to the parser of an argp
 * @arg: likewise
 * @state: likewise
 * @opts: out
 *
 * Ends the program with EXIT_USAGE when @arg is wrong.
 *
 * Return: 0; ARGP_ERR_UNKNOWN, it is none of them.
 */
error_t run_option(int key, char *arg, struct argp_state *state, struct bench_options *opts);

/**
 * arg_run_seconds() - as arg_seconds(), for what a run may take
 *
 * Return: nanoseconds.
 */
uint64_t arg_run_seconds(const struct argp_state *state, const char *option,
			 const char *text);

/** random_seed() - what --seed is where it is not given */
uint64_t random_seed(void);

#endif /* BENCH_RUN_OPTIONS_H */
