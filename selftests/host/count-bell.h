/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bell for tests of who is woken, which are linked with --wrap: the library's calls
 * come through here, and are counted, made to fail, or preceded by what a peer does.
 */
#ifndef COUNT_BELL_H
#define COUNT_BELL_H

#include "wrap-bell.h"

static int waits, wakes;
/* what the calls of the bell return instead of being made, 0 for none */
static int wait_fails, wake_fails;
/* run by the next wait before it is made */
static void (*before_wait)(void);

int __wrap_ipcchan_bell_wait(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t expected,
			     int64_t timeout_ns)
{
	void (*before)(void);

	__atomic_fetch_add(&waits, 1, __ATOMIC_RELAXED);
	if (wait_fails)
		return wait_fails;
	before = __atomic_exchange_n(&before_wait, NULL, __ATOMIC_RELAXED);
	if (before)
		before();
	return __real_ipcchan_bell_wait(bell, word, expected, timeout_ns);
}

int __wrap_ipcchan_bell_wake(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t count)
{
	__atomic_fetch_add(&wakes, 1, __ATOMIC_RELAXED);
	if (wake_fails)
		return wake_fails;
	return __real_ipcchan_bell_wake(bell, word, count);
}

static inline void count_bell_reset(void)
{
	waits = 0;
	wakes = 0;
}

#endif /* COUNT_BELL_H */
