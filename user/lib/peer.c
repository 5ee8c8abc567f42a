// SPDX-License-Identifier: MIT
/*
 * Waiting for the other side of a ring: spinning, sleeping, and when which.  The
 * protocol is described in <ipcchan/peer.h>.
 */
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "peer.h"

#define NSEC_PER_SEC	1000000000LL

/* looks before the first one at the clock: a peer that is awake answers sooner */
#define POLLS_BUSY	64

/* who has spun for so long waits for a peer that has nothing to send, or does not run */
#define IDLE_NS		20000

/* a time before any other */
#define LONG_AGO	1

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

/* Tell the peer on which CPU this side is.  Return: whether both are known to be on one. */
static bool same_cpu(struct ipcchan_peer *peer)
{
	uint32_t cpu = ipcchan_cpu();

	if (__atomic_load_n(&peer->shared->cpu[peer->side], __ATOMIC_RELAXED) != cpu)
		__atomic_store_n(&peer->shared->cpu[peer->side], cpu,
				 __ATOMIC_RELAXED);
	return cpu && __atomic_load_n(&peer->shared->cpu[!peer->side],
				      __ATOMIC_RELAXED) == cpu;
}

/*
 * Were both on one CPU when last they told?  This is asked before any spin: while
 * this side has the CPU, the peer does nothing.
 */
static bool seemed_same_cpu(const struct ipcchan_peer *peer)
{
	const uint32_t *cpu = peer->shared->cpu;
	uint32_t first = __atomic_load_n(&cpu[0], __ATOMIC_RELAXED);

	return first && first == __atomic_load_n(&cpu[1], __ATOMIC_RELAXED);
}

/* While this side has the CPU, does the peer do nothing?  By what is known. */
static bool shares_cpu(const struct ipcchan_peer *peer)
{
	return seemed_same_cpu(peer) || ipcchan_one_cpu();
}

int ipcchan_peer_init(struct ipcchan_peer *peer, struct ipcchan_peer_shared *shared,
		      uint32_t side, bool no_sleep, const struct ipcchan_bell *bell)
{
	memset(peer, 0, sizeof(*peer));
	if (!no_sleep && !bell)
		return -EINVAL;
	peer->bell = bell ? *bell : ipcchan_bell_futex();
	peer->shared = shared;
	peer->side = side;
	peer->waiting = &shared->waiting[!side];
	ipcchan_spin_init(&peer->spin);
	peer->no_sleep = no_sleep;
	/* looked up now: who spins never enters the kernel from here on */
	ipcchan_one_cpu();
	if (no_sleep)
		peer->mode = IPCCHAN_WAIT_SPIN;
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
	/* who sleeps at once does not poll, which is what ends the pauses */
	peer->pace = 0;
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
	__atomic_store_n(ipcchan_peer_own_word(peer), 0, __ATOMIC_RELAXED);
	/* one that died about to wake may have cleared the peer's word already */
	__atomic_store_n(peer->waiting, 0, __ATOMIC_SEQ_CST);
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
	if (peer->no_sleep || !__atomic_load_n(peer->waiting, __ATOMIC_RELAXED))
		return 0;
	if (!shares_cpu(peer))
		__atomic_store_n(&peer->shared->woken_ns[!peer->side],
				 (uint64_t)ipcchan_now_ns(), __ATOMIC_RELAXED);
	if (!__atomic_exchange_n(peer->waiting, 0, __ATOMIC_SEQ_CST))
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
	/* nor does who shares the peer's CPU, and a pause keeps it from the peer */
	if (peer->pace && peer->mode == IPCCHAN_WAIT_ADAPTIVE && shares_cpu(peer))
		peer->pace = 0;
	for (i = 0; i < peer->pace; i++)
		ipcchan_ring_relax();
}

void ipcchan_peer_close(struct ipcchan_peer *peer)
{
	if (peer->rest)
		peer->rest--;
	/* one that sleeps has no need of it, and on one CPU the peer does nothing */
	else if (peer->mode != IPCCHAN_WAIT_SLEEP && peer->pace < PACE_MAX &&
		 !ipcchan_one_cpu())
		peer->pace++;
}

/* Return: as peer_look.ready(), -EAGAIN when there was nothing for a while */
static int poll_busy(struct ipcchan_peer *peer, const struct peer_look *look)
{
	int ret = ipcchan_spin_looks(look, 1);

	if (ret != -EAGAIN) {
		ipcchan_peer_close(peer);
		return ret;
	}
	peer->pace = 0;
	return ipcchan_spin_looks(look, POLLS_BUSY);
}

static int wait_sleep(struct ipcchan_peer *peer, const struct peer_look *look,
		      int64_t timeout_ns, struct peer_end *end)
{
	uint32_t *waiting = ipcchan_peer_own_word(peer);
	int ret, last;

	__atomic_store_n(waiting, 1, __ATOMIC_RELAXED);
	ipcchan_peer_fence();
	ret = look->ready(look->ring, look->want);
	if (ret == -EAGAIN) {
		if (!end->idle_since)
			end->idle_since = LONG_AGO;
		ret = ipcchan_bell_wait(&peer->bell, waiting, 1, timeout_ns);
		end->broken = ret && ret != -EAGAIN && ret != -ETIMEDOUT && ret != -EINTR;
	}
	__atomic_store_n(waiting, 0, __ATOMIC_RELAXED);
	if (ret == -EAGAIN)
		return 0;
	if (ret != -ETIMEDOUT && ret != -EINTR)
		return ret;
	last = look->ready(look->ring, look->want);
	return last == -EAGAIN ? ret : last;
}

static int wait_adaptive(struct ipcchan_peer *peer, const struct peer_look *look,
			 int64_t timeout_ns, struct peer_end *end)
{
	int64_t start, deadline;
	int ret;

	/* nothing to spin for, and no need to know the time */
	if (same_cpu(peer) || ipcchan_one_cpu())
		return wait_sleep(peer, look, timeout_ns, end);
	start = ipcchan_now_ns();
	deadline = ipcchan_deadline_ns(timeout_ns);
	ret = ipcchan_spin_before_sleep(&peer->spin, look, start, deadline);
	if (ret == -EAGAIN || ipcchan_now_ns() - start > IDLE_NS)
		end->idle_since = start;
	if (ret != -EAGAIN)
		return ret;
	ret = wait_sleep(peer, look, ipcchan_time_left_ns(deadline), end);
	if (!ret)
		ipcchan_spin_learn(&peer->spin, start,
				   __atomic_load_n(&peer->shared->woken_ns[peer->side],
						   __ATOMIC_RELAXED));
	else if (!end->broken)
		ipcchan_spin_shorter(&peer->spin);
	return ret;
}

static int wait_spin(const struct peer_look *look, int64_t timeout_ns, struct peer_end *end)
{
	int64_t deadline = ipcchan_deadline_ns(timeout_ns), soon = ipcchan_deadline_ns(IDLE_NS);
	int ret;

	ret = ipcchan_spin_until(look, soon < deadline ? soon : deadline);
	if (ret != -EAGAIN)
		return ret;
	end->idle_since = soon - IDLE_NS;
	ret = ipcchan_spin_until(look, deadline);
	return ret == -EAGAIN ? -ETIMEDOUT : ret;
}

int ipcchan_peer_wait(struct ipcchan_peer *peer, const struct peer_look *look,
		      int64_t timeout_ns, struct peer_end *end)
{
	int ret;

	*end = (struct peer_end){ 0 };
	if (peer->mode == IPCCHAN_WAIT_SLEEP)
		return wait_sleep(peer, look, timeout_ns, end);
	if (peer->mode == IPCCHAN_WAIT_SPIN || !shares_cpu(peer)) {
		ret = poll_busy(peer, look);
		if (ret != -EAGAIN)
			return ret;
	}
	return peer->mode == IPCCHAN_WAIT_SPIN ? wait_spin(look, timeout_ns, end) :
						  wait_adaptive(peer, look, timeout_ns, end);
}
