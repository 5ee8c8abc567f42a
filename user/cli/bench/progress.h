/* SPDX-License-Identifier: GPL-2.0 */
/* The line on the terminal while it runs; nothing where stderr is none. */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

#include "bench.h"

/**
 * struct progress
 * @on: stderr is a terminal
 * @done: runs that are over, of @total
 * @since: clock_ns() of the start
 * @current: under way
 */
struct progress {
	bool on;
	size_t done;
	size_t total;
	uint64_t since;
	const struct bench *bench;
	const struct bench_case *current;
};

/** progress_start() - @total: runs that there will be at most */
void progress_start(struct progress *p, const struct bench *bench, size_t total);

/**
 * progress_live() - show the line; as the @live of runner_run()
 * @progress: struct progress, with @current set
 */
void progress_live(void *progress, const struct hist *hist, uint32_t batch);

/** progress_end() - take the line away */
void progress_end(struct progress *p);

#endif /* BENCH_PROGRESS_H */
