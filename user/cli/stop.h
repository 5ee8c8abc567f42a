/* SPDX-License-Identifier: GPL-2.0 */
/* SIGINT, SIGTERM and SIGHUP as the orderly end of the verbs that go on until then. */
#ifndef IPCCHAN_CLI_STOP_H
#define IPCCHAN_CLI_STOP_H

#include <poll.h>
#include <stdint.h>

/**
 * stop_on_signals() - let SIGINT, SIGTERM and SIGHUP end the verb in order
 *
 * They set stop_asked, which makes stop_poll() return -EINTR; no signal between a
 * look at it and the wait is lost.  What else sleeps is interrupted within a second.
 * A SIGHUP that is ignored stays so.  SIGPIPE is ignored, children can be waited for.
 */
void stop_on_signals(void);

/**
 * stop_reset() - undo it, in a child that runs another program
 *
 * But for SIGCHLD: few programs expect that it is ignored.
 */
void stop_reset(void);

/* How many signals asked to stop, or what else did. */
extern volatile int stop_asked;

/**
 * stop_poll() - poll(), and -EINTR at a signal that asks to stop
 * @seen: of stop_asked: only those that come later
 * @timeout_ns: nanoseconds, negative for none
 *
 * Return: how many are ready, at least 1; -ETIMEDOUT, -EINTR, negative errno.
 */
int stop_poll(struct pollfd *pfds, nfds_t n, int64_t timeout_ns, int seen);

/** stop_until() - wait for a time of CLOCK_MONOTONIC, or a signal that asks to stop */
void stop_until(int64_t time_ns);

/**
 * stop_next() - when the next interval ends
 * @end_ns: end of the one before it, CLOCK_MONOTONIC
 * @interval_ns: how long one is, nanoseconds
 *
 * That is so long after @end_ns, whatever was done since; but one that is over already, as the
 * process was stopped, is not made up for.
 */
int64_t stop_next(int64_t end_ns, int64_t interval_ns);

#endif /* IPCCHAN_CLI_STOP_H */
