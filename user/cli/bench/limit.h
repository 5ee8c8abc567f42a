/* SPDX-License-Identifier: GPL-2.0 */
/* A time limit for what this process does by itself. */
#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include <signal.h>
#include <stdint.h>

/**
 * limit_run() - call @work, and interrupt it when it takes too long
 * @work: no system call that waits is begun anew there after EINTR; returns 0 or a
 *	negative errno
 * @arg: for @work
 * @limit_ns: how long it may take
 * @mask: signals that are held back meanwhile; of the others, too, each interrupts it
 *
 * From the limit on it is interrupted again and again.  What never waits is not ended by that.
 * Return: what @work does; -ETIMEDOUT when that is an error and it took too long.
 */
int limit_run(int (*work)(void *arg), void *arg, uint64_t limit_ns, const sigset_t *mask);

#endif /* BENCH_LIMIT_H */
