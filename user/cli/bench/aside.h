/* SPDX-License-Identifier: GPL-2.0 */
/* Runs beside the cases: what is measured with two processes, and is no case. */
#ifndef BENCH_ASIDE_H
#define BENCH_ASIDE_H

#include "bench.h"

/**
 * aside_memory() - memory for what such a run finds
 * @size: bytes
 *
 * Return: zeroed, shared with the processes of all runs to come, to be unmapped; NULL.
 */
void *aside_memory(size_t size);

/**
 * aside_run() - let two processes run a transport's own @run
 * @place: of both
 * @size: of messages, bytes
 * @timeout_ns: it is ended after that
 * @why: out, WHY_SIZE: what went wrong
 *
 * Sets @bench->interrupted when a signal ended it.
 * Return: false when it did not end well.
 */
bool aside_run(struct bench *bench, const struct transport *transport,
	       const struct placement *place, size_t size, uint64_t timeout_ns, char *why);

#endif /* BENCH_ASIDE_H */
