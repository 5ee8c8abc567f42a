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

/** report_load() - print the load curves of the open loops, and where their knees are */
void report_load(FILE *out, const struct bench *bench);

/** report_ledger() - print what their messages cost beside time */
void report_ledger(FILE *out, const struct bench *bench);

/**
 * report_floor() - print the row of a placement's floor, where it has one
 * @base: round trip of the baseline there, nanoseconds; 0 when not known
 */
void report_floor(FILE *out, const struct bench *bench, enum placement_kind kind, double base);

/** report_stages() - print where the time of a message goes */
void report_stages(FILE *out, const struct bench *bench);

/** report_grade() - print how good the machine is for measuring, as is known before it runs */
void report_grade(FILE *out, const struct bench *bench);

/** report_grade_after() - print the grade after all, and what was not known before */
void report_grade_after(FILE *out, const struct bench *bench);

/**
 * report_document() - all results, and what they were measured on, as JSON
 *
 * Return: to be given back with json_decref(); NULL when there is no memory.
 */
json_t *report_document(const struct bench *bench);

/** cmd_bench_report() - the verb `report` of the benchmark, as those of cli.h */
int cmd_bench_report(int argc, char **argv);

#endif /* BENCH_REPORT_H */
