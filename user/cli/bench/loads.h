/* SPDX-License-Identifier: GPL-2.0 */
/* What a case has its processes do, and how many there are of them. */
#ifndef BENCH_LOADS_H
#define BENCH_LOADS_H

#include "bench.h"

/** workload_is_of_many() - is it one of many processes? */
bool workload_is_of_many(enum workload workload);

/** loads_count() - how many there are in the options: each workload with each crew */
size_t loads_count(const struct bench_options *opts);

/** loads_pick() - set the workload of a case and its crew to those of number @index */
void loads_pick(const struct bench_options *opts, size_t index, struct bench_case *c);

/** load_same() - have two cases the same one, of messages of the same size? */
bool load_same(const struct bench_case *a, const struct bench_case *b);

/** load_impossible() - why a workload of many processes cannot be; NULL when it can */
const char *load_impossible(const struct bench *bench, const struct bench_case *c);

/* Bytes for load_name() */
#define LOAD_NAME_SIZE	64

/** load_name() - the workload and, where that may vary, its crew, for reading */
const char *load_name(const struct bench_case *c, char name[LOAD_NAME_SIZE]);

#endif /* BENCH_LOADS_H */
