// SPDX-License-Identifier: MIT
/* Waiting on a ring of <ipcchan/claim.h>: spin, sleep, look for the dead. */

#include "claim.h"
#include "peer.h"
#include "spin.h"

/*
 * until the first look for the dead; it is twice as long to each further one, up to
 * IPCCHAN_CLAIM_NAP_NS
 */
#define FIRST_LOOK_NS	10000000LL

/* who is awake answers sooner */
#define LOOKS_BEFORE_CLOCK	64

/* what is waited for */
struct claim_look {
	struct ipcchan_claim *c;
	ipcchan_claim_ready_fn ready;
};

static int look_once(void *ring, uint64_t want)
{
	const struct claim_look *what = ring;

	(void)want;
	return what->ready(what->c, __ATOMIC_ACQUIRE) ? 0 : -EAGAIN;
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

static const struct ipcchan_claim_woken *woken_of(const struct ipcchan_claim *c)
{
	return c->own ? &c->own->woken : &c->shared->readers_woken;
}

/*
 * Was the one who last woke this one on the CPU where it is now?  This is asked before any
 * spin: while this thread has the CPU, that one does nothing.
 */
static bool seems_same_cpu(const struct ipcchan_claim *c)
{
	uint32_t cpu = __atomic_load_n(&woken_of(c)->cpu, __ATOMIC_RELAXED);

	return cpu && cpu == ipcchan_cpu();
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
	uint32_t *readers = &c->shared->readers;
	uint32_t word = __atomic_fetch_or(readers, 1, __ATOMIC_SEQ_CST) | 1;

	if (ready(c, __ATOMIC_SEQ_CST))
		return -EAGAIN;
	return ipcchan_bell_wait(&c->bell, readers, word, ns);
}

/* Return: 0, woken or the time is over; -EINTR, or the handle's error */
static int nap(struct ipcchan_claim *c, const struct peer_look *look,
	       ipcchan_claim_ready_fn ready, int64_t until)
{
	int64_t ns;
	int ret;

	if (c->wait == IPCCHAN_WAIT_SPIN) {
		ipcchan_spin_until(look, until);
		return 0;
	}
	ns = ipcchan_time_left_ns(until);
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
 * put it off.  Another position does not either, by more than is allowed between two looks:
 * what a dead consumer has is missing, though there is always something to receive.
 */
static void start_looks(struct ipcchan_claim *c, int64_t now)
{
	uint64_t pos = c->pos;

	if (c->own)
		pos = __atomic_load_n(&c->cursor->word, __ATOMIC_RELAXED) >>
			IPCCHAN_CURSOR_POS_SHIFT;
	if (c->look_ns && c->look_pos == pos)
		return;
	if (!c->look_ns)
		c->looked_ns = now;
	c->look_pos = pos;
	c->look_gap_ns = FIRST_LOOK_NS;
	c->look_ns = now + FIRST_LOOK_NS;
	if (c->look_ns > c->looked_ns + IPCCHAN_CLAIM_NAP_NS)
		c->look_ns = c->looked_ns + IPCCHAN_CLAIM_NAP_NS;
}

static int look_for_dead(struct ipcchan_claim *c)
{
	int ret = ipcchan_claim_recover(c);

	c->look_gap_ns = c->look_gap_ns < IPCCHAN_CLAIM_NAP_NS / 2 ? 2 * c->look_gap_ns :
		IPCCHAN_CLAIM_NAP_NS;
	c->looked_ns = ipcchan_now_ns();
	c->look_ns = c->looked_ns + c->look_gap_ns;
	return ret < 0 ? ret : 0;
}

static int look_if_due(struct ipcchan_claim *c, int64_t now)
{
	return now < c->look_ns ? 0 : look_for_dead(c);
}

/* Sleep, or spin, and look for the dead. */
static int wait_long(struct ipcchan_claim *c, const struct peer_look *look,
		     ipcchan_claim_ready_fn ready, int64_t deadline)
{
	int64_t now = ipcchan_now_ns();
	int ret = 0;

	start_looks(c, now);
	for (; !ret; now = ipcchan_now_ns()) {
		ret = look_if_due(c, now);
		if (ret)
			break;
		if (ready(c, __ATOMIC_ACQUIRE))
			return 0;
		if (now >= deadline)
			return -ETIMEDOUT;
		ret = nap(c, look, ready, deadline < c->look_ns ? deadline : c->look_ns);
	}
	return ret;
}

static int wait_adaptive(struct ipcchan_claim *c, const struct peer_look *look,
			 ipcchan_claim_ready_fn ready, int64_t deadline, bool spins)
{
	int64_t start = ipcchan_now_ns();
	int ret;

	start_looks(c, start);
	ret = look_if_due(c, start);
	if (ret)
		return ret;
	if (spins && !ipcchan_spin_before_sleep(&c->spin, look, start, deadline))
		return 0;
	ret = wait_long(c, look, ready, deadline);
	if (!ret)
		ipcchan_spin_learn(&c->spin, start,
				   __atomic_load_n(&woken_of(c)->ns, __ATOMIC_RELAXED));
	else if (!c->err)
		ipcchan_spin_shorter(&c->spin);
	return ret;
}

int ipcchan_claim_wait(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready, int64_t timeout_ns)
{
	struct claim_look what = { .c = c, .ready = ready };
	const struct peer_look look = { .ready = look_once, .ring = &what };
	int64_t deadline;
	bool spins;

	if (c->err)
		return c->err;
	if (timeout_ns < IPCCHAN_WAIT_FOREVER)
		return -EINVAL;
	if (!timeout_ns)
		return ready(c, __ATOMIC_ACQUIRE) ? 0 : -ETIMEDOUT;
	spins = c->wait == IPCCHAN_WAIT_SPIN ||
		(c->wait == IPCCHAN_WAIT_ADAPTIVE && !seems_same_cpu(c) && !ipcchan_one_cpu());
	if (spins && !ipcchan_spin_looks(&look, LOOKS_BEFORE_CLOCK))
		return 0;
	deadline = ipcchan_deadline_ns(timeout_ns);
	if (c->wait != IPCCHAN_WAIT_ADAPTIVE)
		return wait_long(c, &look, ready, deadline);
	return wait_adaptive(c, &look, ready, deadline, spins);
}

int ipcchan_claim_wait_timer(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready,
			     struct ipcchan_claim_timer *timer, int64_t timeout_ns)
{
	int64_t left;

	if (timeout_ns < IPCCHAN_WAIT_FOREVER)
		return -EINVAL;
	if (!timer->started) {
		timer->deadline = ipcchan_deadline_ns(timeout_ns);
		timer->started = true;
		return ipcchan_claim_wait(c, ready, timeout_ns);
	}
	/* what is ready every time may be another's every time */
	left = ipcchan_time_left_ns(timer->deadline);
	return left ? ipcchan_claim_wait(c, ready, left) : -ETIMEDOUT;
}

int ipcchan_claim_set_wait(struct ipcchan_claim *c, enum ipcchan_wait_mode mode)
{
	if (c->err)
		return c->err;
	if (mode != IPCCHAN_WAIT_ADAPTIVE && mode != IPCCHAN_WAIT_SLEEP &&
	    mode != IPCCHAN_WAIT_SPIN)
		return -EINVAL;
	if ((c->flags & IPCCHAN_CLAIM_SPIN) && mode != IPCCHAN_WAIT_SPIN)
		return -EINVAL;
	c->wait = mode;
	return 0;
}
