/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_REMOTE_WORK_H
#define BENCH_REMOTE_WORK_H

#include "workload.h"

/**
 * remote_work() - the whole work of a side whose other one is on another host
 * @shared: of this host
 * @link: attached
 *
 * Return: CHILD_*, with why filled.
 */
int remote_work(const struct run_plan *plan, struct run_shared *shared, struct link *link,
		int side);

#endif /* BENCH_REMOTE_WORK_H */
