/* SPDX-License-Identifier: GPL-2.0 */
/* How the results are told, to people and to programs. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "bench.h"

#define REPORT_SCHEMA	"ipcchan-bench/1"

/** report_head() - print what is measured, on what machine, with what clock */
void report_head(FILE *out, const struct bench *bench);

/** report_table() - print all cases, grouped by workload and size */
void report_table(FILE *out, const struct bench *bench);

/** report_ledger() - print what their messages cost beside time */
void report_ledger(FILE *out, const struct bench *bench);

/**
 * report_document() - all results, and what they were measured on, as JSON
 *
 * Return: to be given back with json_decref(); NULL when there is no memory.
 */
json_t *report_document(const struct bench *bench);

/** cmd_bench_report() - the verb `report` of the benchmark, as those of cli.h */
int cmd_bench_report(int argc, char **argv);

#endif /* BENCH_REPORT_H */
