// SPDX-License-Identifier: GPL-2.0
/*
 * How long a side spins before it sleeps.  Linked with --wrap: the bell is the
 * test's own, and the test counts the looks and the sleeps of each wait.
 */
#include <errno.h>
#include <sched.h>

#include "../../user/lib/peer.h"
#include "ring-util.h"
#include "wrap-bell.h"

static struct ipcchan_peer_shared shared;
static struct ipcchan_peer peer;

/* looks of a wait before it looks at the clock */
#define BUSY	65

static int looks, sleeps, wakes;
/* the wait did not end with its first looks */
static bool idle;
/* the look that finds something, 0 for none */
static int found_at;
/* how long the bell sleeps before the peer is said to have woken, and after it */
static int64_t before_ns, after_ns;
/* the time of the wake that the peer claims, NULL for the true one */
static const uint64_t *claimed;
/* what the bell returns */
static int bell_says;
/* nobody knows on which CPU a thread is */
static bool no_cpu;
/* the time: whoever else gets the CPU does not make it pass */
static int64_t clock_ns;
/* so often somebody asked the C library, which may enter the kernel */
static int asked;

int __real_sched_getcpu(void);
int __wrap_sched_getcpu(void);

int __wrap_sched_getcpu(void)
{
	if (!no_cpu)
		return __real_sched_getcpu();
	errno = EINVAL;
	return -1;
}

long __real_sysconf(int name);
long __wrap_sysconf(int name);

/* As where files are missing in which it looks. */
long __wrap_sysconf(int name)
{
	long ret = __real_sysconf(name);

	asked++;
	errno = ENOENT;
	return ret;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ts);

/* A look at the clock takes a microsecond. */
int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	EXPECT_EQ(id, CLOCK_MONOTONIC);
	clock_ns += 1000;
	ts->tv_sec = clock_ns / SEC;
	ts->tv_nsec = clock_ns % SEC;
	return 0;
}

static void pass(int64_t ns)
{
	int64_t end = now_ns() + ns;

	while (now_ns() < end)
		;
}

int __wrap_ipcchan_bell_wait(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t expected,
			     int64_t timeout_ns)
{
	(void)bell;
	EXPECT(word == &shared.waiting[0]);
	EXPECT_EQ(expected, 1);
	EXPECT_EQ(*word, 1);
	EXPECT(timeout_ns >= IPCCHAN_WAIT_FOREVER);
	sleeps++;
	pass(before_ns);
	shared.woken_ns[0] = claimed ? *claimed : (uint64_t)now_ns();
	pass(after_ns);
	return bell_says;
}

int __wrap_ipcchan_bell_wake(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t count)
{
	(void)bell;
	EXPECT(word == &shared.waiting[1]);
	/* else one that is about to sleep would sleep through it */
	EXPECT_EQ(*word, 0);
	EXPECT_EQ(count, 1);
	wakes++;
	return bell_says;
}

static int look(void *ring, uint64_t want)
{
	EXPECT(ring == &looks);
	EXPECT_EQ(want, 7);
	return ++looks == found_at ? 0 : -EAGAIN;
}

static void setup(enum ipcchan_wait_mode mode)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();

	memset(&shared, 0, sizeof(shared));
	found_at = 0;
	before_ns = 0;
	after_ns = 0;
	claimed = NULL;
	bell_says = 0;
	EXPECT_EQ(ipcchan_peer_init(&peer, &shared, 0, false, &bell), 0);
	EXPECT_EQ(ipcchan_peer_set_mode(&peer, mode), 0);
	EXPECT_EQ(ipcchan_peer_greet(&peer), 0);
}

/* Wait once.  Return: as ipcchan_peer_wait(); what was counted is this wait's. */
static int wait_once(int64_t timeout_ns)
{
	const struct peer_look what = { look, &looks, 7 };
	struct peer_end end = { true, 0 };
	int ret;

	looks = 0;
	sleeps = 0;
	wakes = 0;
	ret = ipcchan_peer_wait(&peer, &what, timeout_ns, &end);
	idle = end.idle_since;
	EXPECT_EQ(end.broken, bell_says == -EBADF && sleeps);
	EXPECT_EQ(shared.waiting[0], 0);
	return ret;
}

static bool one_cpu(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		return false;
	tap_skip("one CPU");
	return true;
}

/* The number of CPUs is asked for once: this is the first test. */
static void test_errno(void)
{
	errno = 4711;
	no_cpu = true;
	setup(IPCCHAN_WAIT_ADAPTIVE);
	/* before the first wait, as who spins must not enter the kernel later */
	EXPECT_EQ(asked, 1);
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	no_cpu = false;
	EXPECT_EQ(errno, 4711);
	EXPECT_EQ(asked, 1);
}

static void test_sleep(void)
{
	setup(IPCCHAN_WAIT_SLEEP);
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(looks, 1);
	EXPECT_EQ(sleeps, 1);
	EXPECT(idle);
	found_at = 1;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(sleeps, 0);
	found_at = 0;
	bell_says = -ETIMEDOUT;
	EXPECT_EQ(wait_once(MSEC), -ETIMEDOUT);
	found_at = 2;
	EXPECT_EQ(wait_once(MSEC), 0);
	found_at = 0;
	bell_says = -EAGAIN;
	EXPECT_EQ(wait_once(MSEC), 0);
	bell_says = -EBADF;
	EXPECT_EQ(wait_once(MSEC), -EBADF);
}

static void test_spin(void)
{
	setup(IPCCHAN_WAIT_SPIN);
	found_at = 5000;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(looks, 5000);
	EXPECT(idle);
	/* in less than 20 us */
	found_at = BUSY + 2;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT(!idle);
	found_at = 0;
	EXPECT_EQ(wait_once(MSEC), -ETIMEDOUT);
	EXPECT(looks > BUSY);
	EXPECT_EQ(sleeps, 0);
}

/* what comes soon is found without a call, what does not is slept for */
static void test_adaptive(void)
{
	if (one_cpu())
		return;
	setup(IPCCHAN_WAIT_ADAPTIVE);
	found_at = 10;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(looks, 10);
	EXPECT(!idle);
	found_at = BUSY + 2;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(looks, BUSY + 2);
	EXPECT_EQ(sleeps, 0);
	EXPECT(!idle);
	found_at = 0;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT(looks > BUSY + 1);
	EXPECT_EQ(sleeps, 1);
	EXPECT(idle);
	bell_says = -ETIMEDOUT;
	EXPECT_EQ(wait_once(1), -ETIMEDOUT);
	EXPECT_EQ(wait_once(INT64_MAX), -ETIMEDOUT);
	bell_says = -EBADF;
	EXPECT_EQ(wait_once(MSEC), -EBADF);
}

/* the spin before a sleep ends with the time that there is */
static void test_short_timeout(void)
{
	if (one_cpu())
		return;
	setup(IPCCHAN_WAIT_ADAPTIVE);
	bell_says = -ETIMEDOUT;
	peer.spin.wake_ns = 50 * MSEC;
	EXPECT_EQ(wait_once(1), -ETIMEDOUT);
	EXPECT(looks < 100);
	peer.spin.shorter = 0;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), -ETIMEDOUT);
	EXPECT(looks > 1000);
}

static void test_same_cpu(void)
{
	cpu_set_t old, one;
	int cpu = sched_getcpu();

	EXPECT_EQ(sched_getaffinity(0, sizeof(old), &old), 0);
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	EXPECT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
	setup(IPCCHAN_WAIT_ADAPTIVE);
	EXPECT_EQ(shared.cpu[0], cpu + 1);
	shared.cpu[1] = (uint32_t)cpu + 1;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(looks, 1);
	EXPECT_EQ(sleeps, 1);
	/* this side has moved since: it learns that before it spins for long */
	shared.cpu[0] = 99;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT(looks <= BUSY + 1);
	EXPECT_EQ(shared.cpu[0], cpu + 1);
	EXPECT_EQ(sched_setaffinity(0, sizeof(old), &old), 0);
}

/* two of whom nobody knows where they are need not be on one CPU */
static void test_no_cpu(void)
{
	if (one_cpu())
		return;
	no_cpu = true;
	setup(IPCCHAN_WAIT_ADAPTIVE);
	EXPECT_EQ(shared.cpu[0], 0);
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT(looks > BUSY + 1);
	EXPECT_EQ(sleeps, 1);
	shared.waiting[1] = 1;
	EXPECT_EQ(ipcchan_peer_wake(&peer), 0);
	EXPECT(shared.woken_ns[1] > 0);
	no_cpu = false;
}

/* shorter after waits that were too long to spin for, long again after a short one */
static void test_shorter(void)
{
	uint32_t i;

	if (one_cpu())
		return;
	setup(IPCCHAN_WAIT_ADAPTIVE);
	before_ns = MSEC;
	for (i = 1; i <= 8; i++) {
		EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
		EXPECT_EQ(peer.spin.shorter, i < 6 ? i : 6);
	}
	/* a hit makes it longer, step by step */
	found_at = BUSY + 1;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(sleeps, 0);
	EXPECT_EQ(peer.spin.shorter, 5);
	/* a sleep that was hardly longer than the shortened spin, at once */
	found_at = 0;
	before_ns = 0;
	peer.spin.wake_ns = 100000;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(peer.spin.shorter, 0);
	/* nobody came: too long, too */
	bell_says = -EINTR;
	EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), -EINTR);
	EXPECT_EQ(peer.spin.shorter, 1);
}

/* how long a wake-up takes is learnt, whatever a hostile peer writes */
static void test_learn(void)
{
	uint32_t first;
	int i;

	setup(IPCCHAN_WAIT_ADAPTIVE);
	first = peer.spin.wake_ns;
	EXPECT(first > 0);
	after_ns = 120000;
	for (i = 0; i < 20; i++)
		EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT(peer.spin.wake_ns > 100000);
	after_ns = 20 * MSEC;
	for (i = 0; i < 20; i++)
		EXPECT_EQ(wait_once(IPCCHAN_WAIT_FOREVER), 0);
	EXPECT(peer.spin.wake_ns <= 200000);
	EXPECT(peer.spin.wake_ns > 190000);
}

static void test_hostile_hints(void)
{
	static const uint64_t stamps[] = { 0, 1, INT64_MAX, 1ULL << 63, ~0ULL };
	uint32_t first;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(stamps); i++) {
		setup(IPCCHAN_WAIT_ADAPTIVE);
		first = peer.spin.wake_ns;
		claimed = &stamps[i];
		shared.cpu[0] = (uint32_t)stamps[i];
		shared.cpu[1] = (uint32_t)stamps[i];
		EXPECT_EQ(wait_once(MSEC), 0);
		EXPECT_EQ(peer.spin.wake_ns, first);
		EXPECT_EQ(peer.spin.shorter, 0);
	}
}

/* the word is looked at, cleared, and then there is one call */
static void test_wake(void)
{
	setup(IPCCHAN_WAIT_ADAPTIVE);
	wakes = 0;
	EXPECT_EQ(ipcchan_peer_wake(&peer), 0);
	EXPECT_EQ(wakes, 0);
	EXPECT_EQ(shared.woken_ns[1], 0);
	shared.waiting[1] = 1;
	EXPECT_EQ(ipcchan_peer_waits(&peer), 1);
	EXPECT_EQ(ipcchan_peer_wake(&peer), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(shared.waiting[1], 0);
	EXPECT(shared.woken_ns[1] > 0);
	EXPECT_EQ(ipcchan_peer_waits(&peer), 0);
	shared.waiting[1] = 1;
	bell_says = -EBADF;
	EXPECT_EQ(ipcchan_peer_wake(&peer), -EBADF);
}

/* who takes a side is not asleep, and wakes the peer whatever its word says */
static void test_greet(void)
{
	uint32_t was;

	for (was = 0; was < 2; was++) {
		setup(IPCCHAN_WAIT_SLEEP);
		shared.waiting[0] = 1;
		shared.waiting[1] = was;
		wakes = 0;
		EXPECT_EQ(ipcchan_peer_greet(&peer), 0);
		EXPECT_EQ(wakes, 1);
		EXPECT_EQ(shared.waiting[0], 0);
		EXPECT_EQ(shared.waiting[1], 0);
	}
}

/* on the peer's heels: longer pauses, but not where they bring nothing */
static void test_pace(void)
{
	uint32_t i;

	if (one_cpu())
		return;
	setup(IPCCHAN_WAIT_SLEEP);
	ipcchan_peer_close(&peer);
	EXPECT_EQ(peer.pace, 0);
	setup(IPCCHAN_WAIT_SPIN);
	for (i = 1; i <= 20; i++) {
		ipcchan_peer_pace(&peer, false);
		found_at = 1;
		EXPECT_EQ(wait_once(SEC), 0);
		EXPECT_EQ(peer.pace, i < 16 ? i : 16);
	}
	found_at = 2;
	EXPECT_EQ(wait_once(SEC), 0);
	EXPECT_EQ(peer.pace, 0);
	ipcchan_peer_close(&peer);
	ipcchan_peer_close(&peer);
	EXPECT_EQ(peer.pace, 2);
	for (i = 0; i < 64; i++) {
		ipcchan_peer_pace(&peer, true);
		EXPECT_EQ(peer.pace, 0);
		ipcchan_peer_close(&peer);
	}
	EXPECT_EQ(peer.pace, 0);
	ipcchan_peer_close(&peer);
	EXPECT_EQ(peer.pace, 1);
}

/* The peer's heels are felt @times times. */
static void close_by(uint32_t times)
{
	EXPECT_EQ(peer.pace, 0);
	while (peer.pace < times)
		ipcchan_peer_close(&peer);
	ipcchan_peer_pace(&peer, false);
}

/* a side whose waits do not poll has no pause before each of them for ever */
static void test_pace_ends(void)
{
	if (one_cpu())
		return;
	setup(IPCCHAN_WAIT_SPIN);
	close_by(16);
	EXPECT_EQ(peer.pace, 16);
	EXPECT_EQ(ipcchan_peer_set_mode(&peer, IPCCHAN_WAIT_SLEEP), 0);
	EXPECT_EQ(peer.pace, 0);

	setup(IPCCHAN_WAIT_ADAPTIVE);
	shared.cpu[1] = shared.cpu[0] + 1;
	close_by(3);
	EXPECT_EQ(peer.pace, 3);
	shared.cpu[1] = shared.cpu[0];
	ipcchan_peer_pace(&peer, false);
	EXPECT_EQ(peer.pace, 0);

	/* one that spins polls wherever it is, and does not tell where */
	setup(IPCCHAN_WAIT_SPIN);
	shared.cpu[1] = shared.cpu[0];
	close_by(3);
	EXPECT_EQ(peer.pace, 3);
}

static const struct tap_test tests[] = {
	{ "errno is left as it was", test_errno },
	{ "sleep: one look, one sleep", test_sleep },
	{ "spin: no sleep", test_spin },
	{ "adaptive: spin, then sleep", test_adaptive },
	{ "adaptive: no spin beyond the time-out", test_short_timeout },
	{ "adaptive: no spin against one's own CPU", test_same_cpu },
	{ "adaptive: the CPU is not known", test_no_cpu },
	{ "adaptive: shorter after misses", test_shorter },
	{ "adaptive: the time of a wake-up is learnt", test_learn },
	{ "adaptive: hints that cannot be", test_hostile_hints },
	{ "wake", test_wake },
	{ "a side is taken", test_greet },
	{ "pauses on the heels of the peer", test_pace },
	{ "the pauses end", test_pace_ends },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
