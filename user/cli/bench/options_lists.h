/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options of the benchmark that are lists, or a choice.  Each sets what it is about in
 * @opts, in place of an earlier list, with what comes twice there once; a wrong one ends the
 * program with EXIT_USAGE.
 */
#ifndef BENCH_OPTIONS_LISTS_H
#define BENCH_OPTIONS_LISTS_H

#include <argp.h>

#include "bench.h"

/** options_set_transports() - of --transports; @list is cut up, as by all of these */
void options_set_transports(struct bench_options *opts, const struct argp_state *state, char *list);

/** options_set_workloads() - of --workloads */
void options_set_workloads(struct bench_options *opts, const struct argp_state *state, char *list);

/** options_set_placements() - of --placement */
void options_set_placements(struct bench_options *opts, const struct argp_state *state, char *list);

/** options_set_waits() - of --wait */
void options_set_waits(struct bench_options *opts, const struct argp_state *state, char *list);

/** options_set_sizes() - of --sizes */
void options_set_sizes(struct bench_options *opts, const struct argp_state *state, char *list);

/** options_set_arrivals() - of --arrivals */
void options_set_arrivals(struct bench_options *opts, const struct argp_state *state, char *list);

/** options_set_rates() - of --rate */
void options_set_rates(struct bench_options *opts, const struct argp_state *state, char *list);

/**
 * options_set_crews() - of --senders or --receivers
 * @option: which, for errors
 * @crews: out
 *
 * Return: how many different numbers there are in @crews.
 */
size_t options_set_crews(const struct argp_state *state, const char *option, char *list,
			 unsigned int crews[MAX_CREWS]);

/** options_set_payload() - of --payload, which is one word */
void options_set_payload(struct bench_options *opts, const struct argp_state *state,
			 const char *text);

#endif /* BENCH_OPTIONS_LISTS_H */
