/* SPDX-License-Identifier: MIT */
/*
 * How long to spin, and when to sleep: one policy for who waits for one other side, and for
 * who waits for many.  Each function is for one handle, which one thread uses at a time.
 */
#ifndef IPCCHAN_SPIN_PRIVATE_H
#define IPCCHAN_SPIN_PRIVATE_H

#include <stdbool.h>

#include <ipcchan/peer.h>

/**
 * struct peer_look - how a ring tells whether there is something to do
 * @ready: 0, -EAGAIN, or an error that ends the wait
 * @ring: argument of @ready
 * @want: argument of @ready
 */
struct peer_look {
	int (*ready)(void *ring, uint64_t want);
	void *ring;
	uint64_t want;
};

/**
 * ipcchan_spin_init() - nothing is learnt yet
 * @spin: out
 */
void ipcchan_spin_init(struct ipcchan_spin *spin);

/**
 * ipcchan_cpu() - where is this thread?
 *
 * Return: 1 + the CPU that it is on, 0 when that is not known.
 */
uint32_t ipcchan_cpu(void);

/**
 * ipcchan_one_cpu() - can nobody else do anything while this thread spins?
 *
 * Return: whether the machine has one CPU.
 */
bool ipcchan_one_cpu(void);

/**
 * ipcchan_spin_looks() - look some times, with a pause before each look
 * @look: what to wait for
 * @count: looks, at least 1
 *
 * A look that comes too early takes the line from one who is about to write it: without
 * the pause, the round trip of a slot takes a third more.
 *
 * Return: what @look says, -EAGAIN after the last.
 */
int ipcchan_spin_looks(const struct peer_look *look, uint32_t count);

/**
 * ipcchan_spin_until() - look, with a pause before each look, until the end of the time
 * @look: what to wait for
 * @deadline: of ipcchan_deadline_ns()
 *
 * Return: what @look says, -EAGAIN at the end.
 */
int ipcchan_spin_until(const struct peer_look *look, int64_t deadline);

/**
 * ipcchan_spin_before_sleep() - spin for about as long as a wake-up takes
 * @spin: what is learnt
 * @look: what to wait for
 * @start: when the wait began, CLOCK_MONOTONIC
 * @deadline: of ipcchan_deadline_ns()
 *
 * Not at all on a machine with one CPU.
 *
 * Return: what @look says, -EAGAIN when it is time to sleep.
 */
int ipcchan_spin_before_sleep(struct ipcchan_spin *spin, const struct peer_look *look,
			      int64_t start, int64_t deadline);

/**
 * ipcchan_spin_shorter() - the sleep was not ended by a wake
 * @spin: what is learnt
 */
void ipcchan_spin_shorter(struct ipcchan_spin *spin);

/**
 * ipcchan_spin_learn() - after a sleep: how long did the wake-up take?
 * @spin: what is learnt
 * @start: when the wait began, CLOCK_MONOTONIC
 * @woken_ns: when this side was last woken, as others say: anything
 *
 * And would spinning that long have spared it?
 */
void ipcchan_spin_learn(struct ipcchan_spin *spin, int64_t start, uint64_t woken_ns);

#endif /* IPCCHAN_SPIN_PRIVATE_H */
