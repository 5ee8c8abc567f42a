// SPDX-License-Identifier: GPL-2.0
/*
 * How long one that waits for many spins before it sleeps: as long as wake-ups take, and not
 * at all while the one who wakes it is on its CPU.  Linked with --wrap: the bell's calls come
 * through here.
 */
#include <sched.h>

#include "mring-util.h"
#include "wrap-bell.h"

#define WAKE_NS		(200 * MSEC)

static struct mring_mem mem;
static struct ipcchan_mring prod, cons;
static struct ipcchan_bring broadcaster, reader;
static char buf[64];
/* when the last wait was begun by the bell */
static int64_t slept_at;
/* what the bell's wait is, if it is not just that */
static int (*sleep_instead)(void);

int __wrap_ipcchan_bell_wait(const struct ipcchan_bell *bell, const uint32_t *word,
			     uint32_t expected, int64_t timeout_ns)
{
	slept_at = now_ns();
	if (sleep_instead)
		return sleep_instead();
	return __real_ipcchan_bell_wait(bell, word, expected, timeout_ns);
}

int __wrap_ipcchan_bell_wake(const struct ipcchan_bell *bell, const uint32_t *word,
			     uint32_t count)
{
	return __real_ipcchan_bell_wake(bell, word, count);
}

static void setup(void)
{
	mem = mring_new(4, 56, 0);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	sleep_instead = NULL;
}

/* Return: 1 + the CPU on which this thread stays */
static uint32_t stay_here(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	EXPECT_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
	return 1 + (uint32_t)cpu;
}

/* Return: how long it spins where it would for WAKE_NS */
static int64_t spin_of(struct ipcchan_claim *c)
{
	int64_t start = now_ns();

	slept_at = start;
	c->spin.wake_ns = WAKE_NS;
	c->spin.shorter = 0;
	if (c == &cons.c)
		EXPECT_EQ(ipcchan_mring_wait(&cons, WAKE_NS + 50 * MSEC), -ETIMEDOUT);
	else
		EXPECT_EQ(ipcchan_bring_wait(&reader, WAKE_NS + 50 * MSEC), -ETIMEDOUT);
	EXPECT_EQ(c->spin.shorter, 1);
	return slept_at - start;
}

/* Return: whether it does, once: an emulated machine may be away for as long as that. */
static bool spins(struct ipcchan_claim *c, bool wanted)
{
	int i;

	for (i = 0; i < 5; i++) {
		if ((spin_of(c) >= WAKE_NS) == wanted)
			return true;
	}
	return false;
}

static void check_cpu(struct ipcchan_claim *c, struct ipcchan_claim_woken *woken)
{
	uint32_t here = stay_here();

	woken->cpu = here;
	EXPECT(spins(c, false));
	/* not where that is not known, or another's */
	if (sysconf(_SC_NPROCESSORS_ONLN) == 1)
		return;
	woken->cpu = 0;
	EXPECT(spins(c, true));
	woken->cpu = here + 1;
	EXPECT(spins(c, true));
}

static void test_cpu(void)
{
	setup();
	check_cpu(&cons.c, &cons.c.own->woken);
	mem = bring_new(4, 56, 0);
	EXPECT_EQ(bring_producer(&broadcaster, &mem), 0);
	EXPECT_EQ(bring_reader(&reader, &mem), 0);
	check_cpu(&reader.c, &mem.shared->readers_woken);
}

static void test_told(void)
{
	int64_t start = now_ns();
	uint32_t here = stay_here();

	setup();
	mem.shared->sleepers[IPCCHAN_CLAIM_CONSUMER] = 1ULL << (cons.c.owner - 1);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(cons.c.own->woken.cpu, here);
	EXPECT(cons.c.own->woken.ns >= (uint64_t)start &&
	       cons.c.own->woken.ns <= (uint64_t)now_ns());
	mem = bring_new(4, 56, 0);
	EXPECT_EQ(bring_producer(&broadcaster, &mem), 0);
	mem.shared->readers = 1;
	EXPECT_EQ(ipcchan_bring_send(&broadcaster, pattern(0), 8, 0), 0);
	EXPECT_EQ(mem.shared->readers_woken.cpu, here);
	EXPECT(mem.shared->readers_woken.ns >= (uint64_t)start &&
	       mem.shared->readers_woken.ns <= (uint64_t)now_ns());
}

static int woken_late(void)
{
	usleep(1000);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(0), 8, 0), 0);
	/* longer than the longest that is believed */
	usleep(1000);
	return 0;
}

static void test_learnt(void)
{
	uint32_t guess, i;

	setup();
	guess = cons.c.spin.wake_ns;
	EXPECT(guess > 0);
	sleep_instead = woken_late;
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, sizeof(buf), SEC), 8);
	EXPECT_EQ(cons.c.spin.wake_ns, (3 * guess + 200000) / 4);
	EXPECT_EQ(cons.c.spin.shorter, 1);
	/* it had been worth it: as long as that again */
	cons.c.spin.wake_ns = (uint32_t)SEC;
	cons.c.own->woken.cpu = stay_here();
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, sizeof(buf), SEC), 8);
	EXPECT_EQ(cons.c.spin.shorter, 0);
	sleep_instead = NULL;
	for (i = 1; i < 10; i++) {
		EXPECT_EQ(ipcchan_mring_wait(&cons, MSEC), -ETIMEDOUT);
		EXPECT_EQ(cons.c.spin.shorter, i < 6 ? i : 6);
	}
}

static const struct tap_test tests[] = {
	{ "not on the CPU of who wakes", test_cpu },
	{ "who wakes says when and where", test_told },
	{ "what is learnt of a wake-up", test_learnt },
};

int main(int argc, char **argv)
{
	pattern_init();
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
