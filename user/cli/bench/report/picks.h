/* SPDX-License-Identifier: GPL-2.0 */
/* Some of the results, chosen and put into an order. */
#ifndef BENCH_PICKS_H
#define BENCH_PICKS_H

#include "rows.h"

/** typedef row_value - a number of a result; NAN when it has none */
typedef double (*row_value)(const struct row *row);

/** typedef row_test - is it one of those that are wanted? */
typedef bool (*row_test)(const struct row *row, const void *arg);

struct picks {
	const struct row **rows;
	size_t n;
};

/**
 * picks_make() - choose
 * @test: by which
 * @order: of two rows, as for qsort(); the arguments are pointers to pointers to rows
 *
 * Return: false when there is no memory.
 */
bool picks_make(struct picks *picks, const struct rows *rows, row_test test, const void *arg,
		int (*order)(const void *a, const void *b));

void picks_free(struct picks *picks);

/** compare_numbers() - Return: -1, 0 or 1 */
int compare_numbers(double a, double b);

/* values of rows */
double row_p50(const struct row *row);
double row_p99(const struct row *row);
double row_rate(const struct row *row);
double row_bytes(const struct row *row);
double row_size(const struct row *row);
double row_offered(const struct row *row);

/** rows_smallest() - the smallest size of a workload that has a value; NAN for none */
double rows_smallest(const struct rows *rows, const char *workload, row_value value);

#endif /* BENCH_PICKS_H */
