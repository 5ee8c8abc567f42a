// SPDX-License-Identifier: MIT
/* How long to spin before a sleep: learnt from how long wake-ups take. */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "peer.h"

/* turns with a pause between two looks at the clock */
#define POLLS_PER_CLOCK	16

/* until a wake-up has been seen, and the longest that is believed */
#define WAKE_NS_GUESS	20000
#define WAKE_NS_MAX	200000

/* wake_ns >> this is the shortest spin: a wait may be short again */
#define SHORTER_MAX	6

void ipcchan_spin_init(struct ipcchan_spin *spin)
{
	spin->wake_ns = WAKE_NS_GUESS;
	spin->shorter = 0;
}

uint32_t ipcchan_cpu(void)
{
	int saved = errno;
	int cpu = sched_getcpu();

	if (cpu < 0)
		errno = saved;
	return 1 + (uint32_t)cpu;
}

bool ipcchan_one_cpu(void)
{
	static int cpus;
	int known = __atomic_load_n(&cpus, __ATOMIC_RELAXED);
	int saved;

	if (!known) {
		saved = errno;
		/* it opens files, some of which there may not be */
		known = (int)sysconf(_SC_NPROCESSORS_ONLN);
		errno = saved;
		__atomic_store_n(&cpus, known, __ATOMIC_RELAXED);
	}
	return known == 1;
}

int ipcchan_spin_looks(const struct peer_look *look, uint32_t count)
{
	int ret;

	do {
		ipcchan_ring_relax();
		ret = look->ready(look->ring, look->want);
	} while (ret == -EAGAIN && --count);
	return ret;
}

int ipcchan_spin_until(const struct peer_look *look, int64_t deadline)
{
	int ret;

	do {
		ret = ipcchan_spin_looks(look, POLLS_PER_CLOCK);
	} while (ret == -EAGAIN && ipcchan_time_left_ns(deadline));
	return ret;
}

int ipcchan_spin_before_sleep(struct ipcchan_spin *spin, const struct peer_look *look,
			      int64_t start, int64_t deadline)
{
	int64_t ns = spin->wake_ns >> spin->shorter;
	int ret;

	if (ns > deadline - start)
		ns = deadline - start;
	if (!ns || ipcchan_one_cpu())
		return -EAGAIN;
	ret = ipcchan_spin_until(look, start + ns);
	if (ret == 0 && spin->shorter)
		spin->shorter--;
	return ret;
}

void ipcchan_spin_shorter(struct ipcchan_spin *spin)
{
	if (spin->shorter < SHORTER_MAX)
		spin->shorter++;
}

void ipcchan_spin_learn(struct ipcchan_spin *spin, int64_t start, uint64_t woken_ns)
{
	uint64_t slept = (uint64_t)(ipcchan_now_ns() - start);
	/* anything, from a hostile peer or one whose clock has another start */
	uint64_t until_woken = woken_ns - (uint64_t)start;
	uint64_t took = slept - until_woken;

	if (until_woken > slept)
		return;
	if (took > WAKE_NS_MAX)
		took = WAKE_NS_MAX;
	spin->wake_ns = (uint32_t)((3 * (uint64_t)spin->wake_ns + took) / 4);
	if (until_woken <= spin->wake_ns)
		spin->shorter = 0;
	else
		ipcchan_spin_shorter(spin);
}
