/* SPDX-License-Identifier: GPL-2.0 */
/* What a case has its processes do, and how many there are of them. */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include "bench.h"

/** workload_is_of_many() - is it one of many processes? */
bool workload_is_of_many(enum workload workload);

/** crew_count() - how many a workload has in the options; one of two processes has one */
size_t crew_count(const struct bench_options *opts, enum workload workload);

/** crew_pick() - set the crew of a case to that of number @index of its workload */
void crew_pick(const struct bench_options *opts, size_t index, struct bench_case *c);

/** crew_same() - are two cases of the same workload, crew and size? */
bool crew_same(const struct bench_case *a, const struct bench_case *b);

/**
 * crew_copies() - of a message that comes to all receivers
 * @one: copies of one that comes to one, of which the receiver makes the last
 */
double crew_copies(const struct bench_case *c, double one);

/** crew_impossible() - why a workload of many processes cannot be; NULL when it can */
const char *crew_impossible(const struct bench *bench, const struct bench_case *c);

/* Many senders, or receivers, if nothing else is asked for */
#define CREW_DEFAULT	4

/* Bytes for crew_name() */
#define CREW_NAME_SIZE	64

/** crew_name() - the workload and, where that may vary, its crew, for reading */
const char *crew_name(const struct bench_case *c, char name[CREW_NAME_SIZE]);

#endif /* BENCH_CREW_H */
