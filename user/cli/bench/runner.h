/* SPDX-License-Identifier: GPL-2.0 */
/* One run: fresh processes, watched. */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

#include "bench.h"

/**
 * runner_start() - from now on a signal to end is held back until it is safe
 *
 * SIGINT, SIGQUIT, SIGTERM and SIGHUP end the run that is under way, not the program.  May be
 * nested: each wants a runner_stop(), and the first one begins.
 */
void runner_start(void);

/** runner_stop() - as it was before the first runner_start() */
void runner_stop(void);

/**
 * runner_run() - run a case once, add what was measured to it
 * @live: called several times a second while it runs, NULL for never
 * @arg: for @live
 *
 * Everything that can go wrong becomes the outcome and status of the case; what
 * a run measured that did not end well is left out.  Sets @bench->interrupted
 * when a signal ended it.
 */
void runner_run(struct bench *bench, struct bench_case *c,
		void (*live)(void *arg, const struct hist *hist, uint32_t batch),
		void *arg);

/**
 * runner_processes() - run processes that are no case, and wait for them
 * @nr: how many
 * @work: what each does, with @arg and its index; it is left by _exit() of 0 where all went
 *	well
 * @timeout_ns: after which they are ended
 * @interrupted: out: the number of a signal that ended them early, 0 for none
 * @why: out, WHY_SIZE: what went wrong, in the language of the locale where texts are
 *
 * Return: 0; negative errno with @why filled.
 */
int runner_processes(unsigned int nr, void (*work)(void *arg, unsigned int index), void *arg,
		     uint64_t timeout_ns, int *interrupted, char *why);

#endif /* BENCH_RUNNER_H */
