// SPDX-License-Identifier: MIT
/* Waiting on a ring of <ipcchan/claim.h>: spin, sleep, look for the dead. */
#include <time.h>

#include "claim.h"

#define NSEC_PER_SEC	1000000000LL

/* turns of a spinning wait between two looks at the clock */
#define SPINS_PER_CLOCK	64

/*
 * until the first look for the dead; it is twice as long to each further one, up to
 * IPCCHAN_CLAIM_NAP_NS
 */
#define FIRST_LOOK_NS	10000000LL

/* what a wait that was in vain leaves of the time to spin, at least */
#define SPIN_MIN_SHARE	32

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
	__asm__ __volatile__("yield" ::: "memory");
#else
	__asm__ __volatile__("" ::: "memory");
#endif
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* Return: the time at which @timeout_ns is over, INT64_MAX for never */
static int64_t deadline_ns(int64_t timeout_ns)
{
	int64_t now;

	if (timeout_ns == IPCCHAN_WAIT_FOREVER)
		return INT64_MAX;
	now = now_ns();
	return timeout_ns < INT64_MAX - now ? now + timeout_ns : INT64_MAX;
}

static int64_t time_left_ns(int64_t deadline)
{
	int64_t left;

	if (deadline == INT64_MAX)
		return IPCCHAN_WAIT_FOREVER;
	left = deadline - now_ns();
	return left > 0 ? left : 0;
}

bool ipcchan_claim_ready(struct ipcchan_claim *c, int order)
{
	uint64_t pos;

	if (c->adopted || ipcchan_claim_orphans(c, order))
		return true;
	pos = __atomic_load_n(&c->cursor->word, order) >> IPCCHAN_CURSOR_POS_SHIFT;
	/* a claim finds out what is wrong with a negative one */
	return ipcchan_claim_look(c, c->mode, pos, order) != 0;
}

static bool spin(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready, int64_t ns)
{
	int64_t end = now_ns() + ns;
	int i;

	do {
		for (i = 0; i < SPINS_PER_CLOCK; i++) {
			if (ready(c, __ATOMIC_ACQUIRE))
				return true;
			relax();
		}
	} while (now_ns() < end);
	return false;
}

/* Spin as long as it has been worth it of late. */
static bool spin_adaptive(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready, int64_t left)
{
	int64_t most = c->spin_max_ns, ns = c->spin_ns;

	if (!most)
		return false;
	if (left != IPCCHAN_WAIT_FOREVER && left < ns)
		ns = left;
	if (spin(c, ready, ns)) {
		c->spin_ns = c->spin_ns > most / 2 ? most : c->spin_ns * 2;
		return true;
	}
	c->spin_ns = c->spin_ns / 2 > most / SPIN_MIN_SHARE ? c->spin_ns / 2 :
		most / SPIN_MIN_SHARE;
	return false;
}

/* Return: as ipcchan_bell_wait(); -EAGAIN for not slept */
static int nap_peer(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready, int64_t ns)
{
	uint64_t *sleepers = &c->shared->sleepers[c->side];
	uint64_t bit = UINT64_C(1) << (c->owner - 1);
	int ret = -EAGAIN;

	__atomic_store_n(&c->own->waiting, 1, __ATOMIC_RELAXED);
	/* see "Orders" in the header */
	__atomic_fetch_or(sleepers, bit, __ATOMIC_SEQ_CST);
	if (!ready(c, __ATOMIC_SEQ_CST))
		ret = ipcchan_bell_wait(&c->bell, &c->own->waiting, 1, ns);
	__atomic_store_n(&c->own->waiting, 0, __ATOMIC_RELAXED);
	if (__atomic_load_n(sleepers, __ATOMIC_RELAXED) & bit)
		__atomic_fetch_and(sleepers, ~bit, __ATOMIC_RELAXED);
	return ret;
}

/* Readers of a broadcast sleep on one word: all are to be woken. */
static int nap_reader(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready, int64_t ns)
{
	uint32_t *waiting = &c->shared->readers;

	__atomic_store_n(waiting, 1, __ATOMIC_SEQ_CST);
	if (ready(c, __ATOMIC_SEQ_CST))
		return -EAGAIN;
	return ipcchan_bell_wait(&c->bell, waiting, 1, ns);
}

/* Return: 0, woken or the time is over; -EINTR, or the handle's error */
static int nap(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready, int64_t ns)
{
	int ret;

	if (c->flags & IPCCHAN_CLAIM_SPIN) {
		spin(c, ready, ns);
		return 0;
	}
	ret = c->own ? nap_peer(c, ready, ns) : nap_reader(c, ready, ns);
	if (!ret || ret == -EAGAIN || ret == -ETIMEDOUT)
		return 0;
	if (ret != -EINTR)
		return ipcchan_claim_fail(c, ret);
	return ready(c, __ATOMIC_SEQ_CST) ? 0 : ret;
}

/*
 * The time of the next look for the dead is the handle's, and is kept for as long as it
 * waits for one position: wakes in vain, signals and calls with a short time-out do not
 * put it off.
 */
static void start_looks(struct ipcchan_claim *c)
{
	uint64_t pos = c->pos;

	if (c->own)
		pos = __atomic_load_n(&c->cursor->word, __ATOMIC_RELAXED) >>
			IPCCHAN_CURSOR_POS_SHIFT;
	if (c->look_ns && c->look_pos == pos)
		return;
	c->look_pos = pos;
	c->look_gap_ns = FIRST_LOOK_NS;
	c->look_ns = now_ns() + FIRST_LOOK_NS;
}

static int look_for_dead(struct ipcchan_claim *c)
{
	int ret = ipcchan_claim_recover(c);

	c->look_gap_ns = c->look_gap_ns < IPCCHAN_CLAIM_NAP_NS / 2 ? 2 * c->look_gap_ns :
		IPCCHAN_CLAIM_NAP_NS;
	c->look_ns = now_ns() + c->look_gap_ns;
	return ret < 0 ? ret : 0;
}

int ipcchan_claim_wait(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready, int64_t timeout_ns)
{
	int64_t deadline, now;
	int ret = 0;

	if (c->err)
		return c->err;
	if (timeout_ns < IPCCHAN_WAIT_FOREVER)
		return -EINVAL;
	if (ready(c, __ATOMIC_ACQUIRE))
		return 0;
	if (!timeout_ns)
		return -ETIMEDOUT;
	deadline = deadline_ns(timeout_ns);
	if (!(c->flags & IPCCHAN_CLAIM_SPIN) && spin_adaptive(c, ready, timeout_ns))
		return 0;
	start_looks(c);
	while (!ret) {
		now = now_ns();
		if (now >= c->look_ns) {
			ret = look_for_dead(c);
			if (ret)
				break;
		}
		if (ready(c, __ATOMIC_ACQUIRE))
			return 0;
		if (now >= deadline)
			return -ETIMEDOUT;
		ret = nap(c, ready, (deadline < c->look_ns ? deadline : c->look_ns) - now);
	}
	return ret;
}

int ipcchan_claim_wait_timer(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready,
			     struct ipcchan_claim_timer *timer, int64_t timeout_ns)
{
	int64_t left;

	if (timeout_ns < IPCCHAN_WAIT_FOREVER)
		return -EINVAL;
	if (!timer->started) {
		timer->deadline = deadline_ns(timeout_ns);
		timer->started = true;
		return ipcchan_claim_wait(c, ready, timeout_ns);
	}
	/* what is ready every time may be another's every time */
	left = time_left_ns(timer->deadline);
	return left ? ipcchan_claim_wait(c, ready, left) : -ETIMEDOUT;
}

int ipcchan_claim_set_spin(struct ipcchan_claim *c, int64_t max_ns)
{
	if (max_ns < 0)
		return -EINVAL;
	c->spin_max_ns = max_ns;
	c->spin_ns = max_ns;
	return 0;
}
