/* SPDX-License-Identifier: GPL-2.0 */
/* Cells of the tables. */
#ifndef BENCH_REPORT_CELL_H
#define BENCH_REPORT_CELL_H

#include "bench.h"
#include "readable.h"

#define CELL	READABLE_SIZE

/** cell_unit() - of times */
const char *cell_unit(const struct bench *bench);

/** cell_percentile() - as case_percentile(), or - */
const char *cell_percentile(const struct bench *bench, const struct bench_case *c,
			    double percent, char cell[CELL]);

/** cell_max() - the longest time, or - */
const char *cell_max(const struct bench_case *c, char cell[CELL]);

/** cell_place() - the placement, and its CPUs where they are known */
const char *cell_place(const struct bench_case *c, char cell[CELL]);

#endif /* BENCH_REPORT_CELL_H */
