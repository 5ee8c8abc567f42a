/* SPDX-License-Identifier: GPL-2.0 */
/* What is said of a run that did not go well. */
#ifndef BENCH_JUDGE_H
#define BENCH_JUDGE_H

#include "bench.h"
#include "child.h"
#include "workload.h"

/** case_fail() - set the outcome of a case, and in words, as printf(), its status */
void case_fail(struct bench_case *c, enum outcome outcome, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* So begins the status of a case in which messages were lost, came twice or were changed */
#define STATUS_CORRUPT	"corrupt: "

/** case_corrupt() - is it one of these? */
bool case_corrupt(const struct bench_case *c);

/** judge_timeout() - of a run that was not done after @timeout_ns */
void judge_timeout(struct bench_case *c, const struct run_shared *shared, uint64_t timeout_ns);

/**
 * judge_children() - the worst of what the children say: a death, a wrong message, an error
 * @senders: of them, the first ones
 *
 * Return: true when all went well.
 */
bool judge_children(struct bench_case *c, const struct children *children,
		    const struct run_shared *shared, unsigned int senders);

#endif /* BENCH_JUDGE_H */
