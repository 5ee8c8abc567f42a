/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Results read back from what `ipcchan bench --json` wrote.  The file may come from
 * anybody: what is in here has been checked, and its texts may be printed.
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bench.h"

/**
 * struct result - a row
 * @runs: that have figures
 * @rounds: they are of the first rounds of the benchmark, in order
 * @figure: of each run, by enum figure, 0 where it does not tell it
 * @json: all of it
 */
struct result {
	const char *transport;
	const char *workload;
	const char *placement;
	const char *wait;
	const char *payload;
	const char *status;
	uint64_t size;
	size_t runs;
	bool rounds;
	double *figure[FIGURE_NR];
	json_t *json;
};

/**
 * struct results - of a file; owned by results_read() and results_free()
 * @json: all of it
 */
struct results {
	const char *path;
	json_t *json;
	struct result *rows;
	size_t n;
};

/**
 * results_read() - read a file and check it
 * @results: out, empty when there is an error
 * @path: of the file
 * @verb: argv[0] of the verb, for errors
 *
 * Return: EXIT_OK; EXIT_SYSTEM, with a message.
 */
int results_read(struct results *results, const char *path, const char *verb);

/** results_free() - give back what results_read() took */
void results_free(struct results *results);

/** results_instructions() - are its times counts of instructions? */
bool results_instructions(const struct results *results);

/** results_unit() - what its times are in, in short */
const char *results_unit(const struct results *results);

/**
 * results_print_doubt() - a line that says so, where its times are not those of a machine
 *
 * Of times that are, nothing is printed.
 */
void results_print_doubt(FILE *out, const struct results *results);

/**
 * results_print_value() - a value of the file
 *
 * As JSON, which has no character that moves a cursor; what is long is cut.
 */
void results_print_value(FILE *out, const json_t *value);

/**
 * result_by_rate() - is the row compared by its messages a second?
 *
 * Else it is by the times of single messages, or round trips.
 */
bool result_by_rate(const struct result *row);

/**
 * result_times() - what a figure comes to, in nanoseconds of each run
 * @which: of FIGURE_RATE, the time of one message, all of them by all the time
 * @ns: out, STATS_MAX at most
 *
 * Return: how many; 0 when a run, or all, do not tell it.
 */
size_t result_times(const struct result *row, enum figure which, double *ns);

/**
 * result_compare() - of a figure, as result_times() has it, one row with another
 * @effect: a smaller change is none
 * @shift: out
 *
 * Return: false when one of them does not tell it, or memory is short.
 */
bool result_compare(const struct result *from, const struct result *to, enum figure which,
		    double effect, struct shift *shift);

/**
 * result_compare_rounds() - likewise, two rows of one file
 *
 * Where both tell the rounds of their runs, as shift_rounds().
 */
bool result_compare_rounds(const struct result *from, const struct result *to,
			   enum figure which, double effect, struct shift *shift);

/** cmd_bench_compare() - the verb `compare` of the benchmark, as those of cli.h */
int cmd_bench_compare(int argc, char **argv);

/** cmd_bench_rank() - the verb `rank`, likewise */
int cmd_bench_rank(int argc, char **argv);

#endif /* BENCH_RESULTS_H */
