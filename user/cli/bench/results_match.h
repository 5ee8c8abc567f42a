/* SPDX-License-Identifier: GPL-2.0 */
/* Which rows of two files of results are of the same case, and what else differs. */
#ifndef BENCH_RESULTS_MATCH_H
#define BENCH_RESULTS_MATCH_H

#include "results.h"

#define RESULT_MORE	96

/** result_same_case() - is one row measured again by another? */
bool result_same_case(const struct result *a, const struct result *b);

/** results_find() - the row of the same case; NULL when there is none */
const struct result *results_find(const struct results *results, const struct result *row);

/** results_twice() - a row whose case is that of one before it; NULL when all differ */
const struct result *results_twice(const struct results *results);

/** results_warn() - print what else differs between two files, a line each */
void results_warn(FILE *out, const struct results *from, const struct results *to);

/** result_print_name() - print a case in words */
void result_print_name(FILE *out, const struct result *row);

/**
 * result_more() - what is unusual of a case, in words
 * @cell: where it is printed to
 *
 * Return: @cell, "" when nothing is.
 */
const char *result_more(const struct result *row, char cell[RESULT_MORE]);

#endif /* BENCH_RESULTS_MATCH_H */
