/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bell for tests of lost wake-ups, which are linked with --wrap.  It keeps the
 * bell's contract to the letter (sleep only while the word holds the value, and
 * until a wake that comes later) but sleeps by spinning.  It is a hundred times
 * faster than the kernel's, so that the few nanoseconds in which a missing fence
 * would show are met often; a wake-up that is lost leaves a thread in it.
 */
#ifndef SPIN_BELL_H
#define SPIN_BELL_H

#include <sched.h>

#include "ring-util.h"
#include "wrap-bell.h"

#define LOST_NS		(5 * SEC)

/* one for each word that can be slept on: two rings, two sides */
static struct {
	const uint32_t *word;
	uint64_t wakes;
	char pad[112];
} sleepers[4];

static int lost;
static uint64_t slept;

static unsigned int sleeper_of(const uint32_t *word)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (sleepers[i].word == word)
			return i;
	abort();
}

int __wrap_ipcchan_bell_wait(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t expected,
			     int64_t timeout_ns)
{
	uint64_t *wakes = &sleepers[sleeper_of(word)].wakes;
	uint64_t before = __atomic_load_n(wakes, __ATOMIC_SEQ_CST);
	int64_t start = 0;
	int i = 0;

	(void)bell;
	(void)timeout_ns;
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected)
		return -EAGAIN;
	__atomic_fetch_add(&slept, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(wakes, __ATOMIC_SEQ_CST) == before) {
		ipcchan_ring_relax();
		if (++i % 4096)
			continue;
		if (__atomic_load_n(&lost, __ATOMIC_RELAXED))
			return -ECANCELED;
		/* the other thread may be waiting for this CPU */
		sched_yield();
		if (!start)
			start = now_ns();
		if (now_ns() - start > LOST_NS) {
			__atomic_store_n(&lost, 1, __ATOMIC_RELAXED);
			return -ECANCELED;
		}
	}
	return 0;
}

int __wrap_ipcchan_bell_wake(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t count)
{
	(void)bell;
	(void)count;
	__atomic_fetch_add(&sleepers[sleeper_of(word)].wakes, 1, __ATOMIC_SEQ_CST);
	return 1;
}

static inline void spin_bell_reset(void)
{
	slept = 0;
	lost = 0;
}

/* Report that @who was stopped in round @i, if it was: @ret is an error. */
static inline void spin_bell_complain(const char *who, uint64_t i, ssize_t ret)
{
	if (ret < 0)
		TAP_REPORT("%s, round %llu: %s", who, (unsigned long long)i,
			   ret == -ECANCELED ? "lost wake-up" : strerror((int)-ret));
}

/* so that the two meet at every distance */
static inline void dawdle(uint64_t *state)
{
	unsigned int i = rnd(state) % 64;

	while (i--)
		ipcchan_ring_relax();
}

#endif /* SPIN_BELL_H */
