/* SPDX-License-Identifier: MIT */
/*
 * Waiting for the other side of a ring, and waking it.  Each function is for one
 * handle, which one thread uses at a time; what is shared with the peer is only
 * read and written by atomic operations.
 */
#ifndef IPCCHAN_PEER_PRIVATE_H
#define IPCCHAN_PEER_PRIVATE_H

#include "spin.h"

/**
 * struct peer_end - what is known behind a wait
 * @broken: the error is one of the bell
 * @idle_since: 0 unless it was a long one, of a peer that was not about to publish: then
 *	ipcchan_now_ns() when it began, or long before it where nobody has looked at the clock
 */
struct peer_end {
	bool broken;
	int64_t idle_since;
};

/**
 * ipcchan_peer_init() - a view for one side
 * @peer: out
 * @shared: in the ring's memory
 * @side: 0 or 1
 * @no_sleep: neither side ever sleeps
 * @bell: what to sleep on, copied; NULL only with @no_sleep
 *
 * Return: 0; -EINVAL.
 */
int ipcchan_peer_init(struct ipcchan_peer *peer, struct ipcchan_peer_shared *shared,
		      uint32_t side, bool no_sleep, const struct ipcchan_bell *bell);

/**
 * ipcchan_peer_greet() - at the end of an attach: undo what a predecessor left behind
 * @peer: view
 *
 * One that died asleep waits no longer; one that died between publishing and
 * waking has left the peer asleep.
 *
 * Return: 0, or what the bell's wake says.
 */
int ipcchan_peer_greet(struct ipcchan_peer *peer);

/**
 * ipcchan_peer_set_mode() - change what this side does while it waits
 * @peer: view
 * @mode: from now on
 *
 * Return: 0; -EINVAL (unknown mode, or one that sleeps where nobody may).
 */
int ipcchan_peer_set_mode(struct ipcchan_peer *peer, enum ipcchan_wait_mode mode);

/**
 * ipcchan_peer_wake() - wake the peer if its waiting word is set
 * @peer: view
 *
 * Return: 0, or what the bell's wake says.
 */
int ipcchan_peer_wake(struct ipcchan_peer *peer);

/**
 * ipcchan_peer_wait() - wait once
 * @peer: view
 * @look: what to wait for; it has been looked at, and there was nothing
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER
 * @end: out
 *
 * Return: 0, perhaps early; -ETIMEDOUT, -EINTR, what @look says, or what the
 * bell's wait says.
 */
int ipcchan_peer_wait(struct ipcchan_peer *peer, const struct peer_look *look,
		      int64_t timeout_ns, struct peer_end *end);

/**
 * ipcchan_peer_pace() - to be called before the first look of a wait
 * @peer: view
 * @lone: since the last wait there has been one message, or none
 *
 * Pauses when this side has been on the peer's heels.
 */
void ipcchan_peer_pace(struct ipcchan_peer *peer, bool lone);

/**
 * ipcchan_peer_close() - to be called when the first look of a wait found something
 * @peer: view
 */
void ipcchan_peer_close(struct ipcchan_peer *peer);

/**
 * ipcchan_now_ns() - the time
 *
 * Return: CLOCK_MONOTONIC.
 */
int64_t ipcchan_now_ns(void);

/**
 * ipcchan_deadline_ns() - the time at which a time-out is over
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER
 *
 * Return: CLOCK_MONOTONIC, INT64_MAX for never.
 */
int64_t ipcchan_deadline_ns(int64_t timeout_ns);

/**
 * ipcchan_time_left_ns() - what is left of a time-out
 * @deadline: of ipcchan_deadline_ns()
 *
 * Return: nanoseconds, not below 0; IPCCHAN_WAIT_FOREVER.
 */
int64_t ipcchan_time_left_ns(int64_t deadline);

#endif /* IPCCHAN_PEER_PRIVATE_H */
