/* SPDX-License-Identifier: MIT */
/*
 * The time of a call that waits, perhaps more than once, and gives up at one time in all.
 * It is of one call, and so of one thread.
 */
#ifndef IPCCHAN_CALL_TIME_H
#define IPCCHAN_CALL_TIME_H

#include "peer.h"

/**
 * ipcchan_call_time_ns() - what is left for the next wait of a call
 * @timeout_ns: nanoseconds, of the call; IPCCHAN_WAIT_FOREVER
 * @deadline: of the call, 0 before its first wait, which sets it
 *
 * Return: nanoseconds, IPCCHAN_WAIT_FOREVER; @timeout_ns where it is below that, so that
 * the wait refuses it.
 */
static inline int64_t ipcchan_call_time_ns(int64_t timeout_ns, int64_t *deadline)
{
	if (timeout_ns < IPCCHAN_WAIT_FOREVER)
		return timeout_ns;
	if (!*deadline)
		*deadline = ipcchan_deadline_ns(timeout_ns);
	return ipcchan_time_left_ns(*deadline);
}

#endif /* IPCCHAN_CALL_TIME_H */
