// SPDX-License-Identifier: MIT
/*
 * Waiting for the other side of a ring: spinning, sleeping, and when which.  The
 * protocol is described in <ipcchan/peer.h>.
 */
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

#define NSEC_PER_SEC	1000000000LL

/* looks before the first one at the clock: a peer that is awake answers sooner */
#define POLLS_BUSY	64

/* turns with a pause between two looks at the clock */
#define POLLS_PER_CLOCK	16

/* until a wake-up has been seen, and the longest that is believed */
#define WAKE_NS_GUESS	20000
#define WAKE_NS_MAX	200000

/* wake_ns >> this is the shortest spin: a wait may be short again */
#define SHORTER_MAX	6

/*
 * Pacing.  One that finds something at the first look is on the heels of a
 * peer that is at work: each of its looks takes from the peer the line that the
 * peer writes next.  Before its next wait it pauses, each time longer, up to
 * PACE_MAX pauses, so that there is more to do at a time.  A pause after which there
 * was one message all the same was in vain: the peer sends single ones, and perhaps
 * waits for the answer.  Then there is none in the next PACE_REST waits.
 */
#define PACE_MAX	16
#define PACE_REST	64

_Static_assert(sizeof(struct ipcchan_peer_shared) == 128, "layout");

int64_t ipcchan_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

int64_t ipcchan_deadline_ns(int64_t timeout_ns)
{
	int64_t now;

	if (timeout_ns == IPCCHAN_WAIT_FOREVER)
		return INT64_MAX;
	now = ipcchan_now_ns();
	return timeout_ns < INT64_MAX - now ? now + timeout_ns : INT64_MAX;
}

int64_t ipcchan_time_left_ns(int64_t deadline)
{
	int64_t left;

	if (deadline == INT64_MAX)
		return IPCCHAN_WAIT_FOREVER;
	left = deadline - ipcchan_now_ns();
	return left > 0 ? left : 0;
}

static uint32_t *waiting_of(struct ipcchan_peer *peer, uint32_t side)
{
	return &peer->shared->waiting[side];
}

/* Tell the peer on which CPU this side is.  Return: whether both are on one. */
static bool same_cpu(struct ipcchan_peer *peer)
{
	uint32_t cpu = 1 + (uint32_t)sched_getcpu();

	if (__atomic_load_n(&peer->shared->cpu[peer->side], __ATOMIC_RELAXED) != cpu)
		__atomic_store_n(&peer->shared->cpu[peer->side], cpu,
				 __ATOMIC_RELAXED);
	return __atomic_load_n(&peer->shared->cpu[!peer->side],
			       __ATOMIC_RELAXED) == cpu;
}

/*
 * Were both on one CPU when last they told?  This is asked before any spin: while
 * this side has the CPU, the peer does nothing.
 */
static bool seemed_same_cpu(const struct ipcchan_peer *peer)
{
	const uint32_t *cpu = peer->shared->cpu;

	return __atomic_load_n(&cpu[0], __ATOMIC_RELAXED) ==
	       __atomic_load_n(&cpu[1], __ATOMIC_RELAXED);
}

static bool one_cpu(void)
{
	static int cpus;
	int known = __atomic_load_n(&cpus, __ATOMIC_RELAXED);

	if (!known) {
		known = (int)sysconf(_SC_NPROCESSORS_ONLN);
		__atomic_store_n(&cpus, known, __ATOMIC_RELAXED);
	}
	return known == 1;
}

/* While this side has the CPU, does the peer do nothing?  By what is known. */
static bool shares_cpu(const struct ipcchan_peer *peer)
{
	return seemed_same_cpu(peer) || one_cpu();
}

int ipcchan_peer_init(struct ipcchan_peer *peer, struct ipcchan_peer_shared *shared,
		      uint32_t side, bool no_sleep, const struct ipcchan_bell *bell)
{
	memset(peer, 0, sizeof(*peer));
	peer->shared = shared;
	peer->side = side;
	peer->waiting = &shared->waiting[!side];
	peer->wake_ns = WAKE_NS_GUESS;
	peer->no_sleep = no_sleep;
	if (no_sleep) {
		peer->mode = IPCCHAN_WAIT_SPIN;
		return 0;
	}
	if (!bell)
		return -EINVAL;
	peer->bell = *bell;
	return 0;
}

int ipcchan_peer_set_mode(struct ipcchan_peer *peer, enum ipcchan_wait_mode mode)
{
	if (mode != IPCCHAN_WAIT_ADAPTIVE && mode != IPCCHAN_WAIT_SLEEP &&
	    mode != IPCCHAN_WAIT_SPIN)
		return -EINVAL;
	if (peer->no_sleep && mode != IPCCHAN_WAIT_SPIN)
		return -EINVAL;
	peer->mode = mode;
	return 0;
}

static int bell_wake(struct ipcchan_peer *peer)
{
	int ret = ipcchan_bell_wake(&peer->bell, peer->waiting, 1);

	return ret < 0 ? ret : 0;
}

int ipcchan_peer_greet(struct ipcchan_peer *peer)
{
	if (peer->no_sleep)
		return 0;
	same_cpu(peer);
	__atomic_store_n(waiting_of(peer, peer->side), 0, __ATOMIC_RELAXED);
	/* one that died about to wake may have cleared the peer's word already */
	__atomic_store_n(waiting_of(peer, !peer->side), 0, __ATOMIC_SEQ_CST);
	return bell_wake(peer);
}

/*
 * The word is cleared before the wake, so that a peer that is on its way to
 * sleep finds it changed, and so that one wake is enough.  When it is clear
 * already, the peer itself has stopped waiting and looks again before it sleeps.
 */
int ipcchan_peer_wake(struct ipcchan_peer *peer)
{
	/* the word may be any where nobody sleeps, and there is no bell */
	if (peer->no_sleep ||
	    !__atomic_load_n(waiting_of(peer, !peer->side), __ATOMIC_RELAXED))
		return 0;
	if (!shares_cpu(peer))
		__atomic_store_n(&peer->shared->woken_ns[!peer->side],
				 (uint64_t)ipcchan_now_ns(), __ATOMIC_RELAXED);
	if (!__atomic_exchange_n(waiting_of(peer, !peer->side), 0, __ATOMIC_SEQ_CST))
		return 0;
	same_cpu(peer);
	return bell_wake(peer);
}

void ipcchan_peer_pace(struct ipcchan_peer *peer, bool lone)
{
	uint32_t i;

	if (lone && peer->pace) {
		peer->pace = 0;
		peer->rest = PACE_REST;
	}
	for (i = 0; i < peer->pace; i++)
		ipcchan_ring_relax();
}

void ipcchan_peer_close(struct ipcchan_peer *peer)
{
	if (peer->rest)
		peer->rest--;
	/* one that sleeps has no need of it, and on one CPU the peer does nothing */
	else if (peer->mode != IPCCHAN_WAIT_SLEEP && peer->pace < PACE_MAX && !one_cpu())
		peer->pace++;
}

/*
 * A look that comes too early takes the line from a peer that is about to write it: so
 * there is a pause before each.  Without, the round trip of a slot takes a third more.
 * Return: as peer_look.ready(), -EAGAIN when there was nothing for a while.
 */
static int poll_busy(struct ipcchan_peer *peer, const struct peer_look *look)
{
	int ret, polls = 0;

	do {
		ipcchan_ring_relax();
		ret = look->ready(look->ring, look->want);
	} while (ret == -EAGAIN && ++polls < POLLS_BUSY);
	if (polls)
		peer->pace = 0;
	else
		ipcchan_peer_close(peer);
	return ret;
}

static int poll_until(const struct peer_look *look, int64_t deadline)
{
	int ret, i;

	do {
		for (i = 0; i < POLLS_PER_CLOCK; i++) {
			ipcchan_ring_relax();
			ret = look->ready(look->ring, look->want);
			if (ret != -EAGAIN)
				return ret;
		}
	} while (ipcchan_time_left_ns(deadline));
	return -EAGAIN;
}

static int wait_sleep(struct ipcchan_peer *peer, const struct peer_look *look,
		      int64_t timeout_ns, bool *broken)
{
	uint32_t *waiting = waiting_of(peer, peer->side);
	int ret, last;

	__atomic_store_n(waiting, 1, __ATOMIC_RELAXED);
	ipcchan_peer_fence();
	ret = look->ready(look->ring, look->want);
	if (ret == -EAGAIN) {
		ret = ipcchan_bell_wait(&peer->bell, waiting, 1, timeout_ns);
		*broken = ret && ret != -EAGAIN && ret != -ETIMEDOUT && ret != -EINTR;
	}
	__atomic_store_n(waiting, 0, __ATOMIC_RELAXED);
	if (ret == -EAGAIN)
		return 0;
	if (ret != -ETIMEDOUT && ret != -EINTR)
		return ret;
	last = look->ready(look->ring, look->want);
	return last == -EAGAIN ? ret : last;
}

static void spin_shorter(struct ipcchan_peer *peer)
{
	if (peer->shorter < SHORTER_MAX)
		peer->shorter++;
}

/*
 * After a sleep that began at @start: how long did the wake-up take, and would
 * spinning that long have spared it?
 */
static void learn(struct ipcchan_peer *peer, int64_t start)
{
	uint64_t slept = (uint64_t)(ipcchan_now_ns() - start);
	/* anything, from a hostile peer or one whose clock has another start */
	uint64_t until_woken = __atomic_load_n(&peer->shared->woken_ns[peer->side],
					       __ATOMIC_RELAXED) - (uint64_t)start;
	uint64_t took = slept - until_woken;

	if (until_woken > slept)
		return;
	if (took > WAKE_NS_MAX)
		took = WAKE_NS_MAX;
	peer->wake_ns = (uint32_t)((3 * (uint64_t)peer->wake_ns + took) / 4);
	if (until_woken <= peer->wake_ns)
		peer->shorter = 0;
	else
		spin_shorter(peer);
}

static int wait_adaptive(struct ipcchan_peer *peer, const struct peer_look *look,
			 int64_t timeout_ns, bool *broken)
{
	int64_t start, deadline, spin = peer->wake_ns >> peer->shorter;
	int ret;

	/* nothing to spin for, and no need to know the time */
	if (same_cpu(peer) || one_cpu())
		return wait_sleep(peer, look, timeout_ns, broken);
	start = ipcchan_now_ns();
	deadline = ipcchan_deadline_ns(timeout_ns);
	if (spin > deadline - start)
		spin = deadline - start;
	ret = poll_until(look, start + spin);
	if (ret == 0 && peer->shorter)
		peer->shorter--;
	if (ret != -EAGAIN)
		return ret;
	ret = wait_sleep(peer, look, ipcchan_time_left_ns(deadline), broken);
	if (!ret)
		learn(peer, start);
	else if (!*broken)
		spin_shorter(peer);
	return ret;
}

int ipcchan_peer_wait(struct ipcchan_peer *peer, const struct peer_look *look,
		      int64_t timeout_ns, bool *broken)
{
	int64_t deadline;
	int ret;

	*broken = false;
	if (peer->mode == IPCCHAN_WAIT_SLEEP)
		return wait_sleep(peer, look, timeout_ns, broken);
	if (peer->mode == IPCCHAN_WAIT_ADAPTIVE) {
		ret = -EAGAIN;
		if (!shares_cpu(peer))
			ret = poll_busy(peer, look);
		return ret != -EAGAIN ? ret :
		       wait_adaptive(peer, look, timeout_ns, broken);
	}
	ret = poll_busy(peer, look);
	if (ret != -EAGAIN)
		return ret;
	deadline = ipcchan_deadline_ns(timeout_ns);
	ret = poll_until(look, deadline);
	return ret == -EAGAIN ? -ETIMEDOUT : ret;
}
