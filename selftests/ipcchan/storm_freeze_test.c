// SPDX-License-Identifier: GPL-2.0
/*
 * Senders and receivers that are frozen: by their control group, some of them killed then,
 * and with all of the machine, as when it is suspended.  What they wait for, they wait for
 * still when they go on.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "storm.h"
#include "util.h"

#include "harness.h"

#define EACH		2	/* senders, and receivers */
#define ENOUGH		60	/* messages */
#define FREEZES		6
#define POWER		"/sys/power"
#define SUSPEND		"/sys/module/suspend/parameters"

/* Of senders and receivers; one that is empty there is none of. */
static char group[2][128];

static void join_group(struct storm *s, uint32_t nr)
{
	int err = file_write(group[nr >= s->senders], "cgroup.procs", "0");

	if (err)
		STORM_FAULT(s, err);
}

FIXTURE(frozen) {
	struct storm *s;
	struct storm_calm calm;
};

/* A call that a server has taken is cancelled by what looks like a signal. */
FIXTURE_VARIANT(frozen) {
	const struct storm_way *way;
	bool interrupted;
};

FIXTURE_VARIANT_ADD(frozen, words) { &storm_words, false };
FIXTURE_VARIANT_ADD(frozen, batch) { &storm_batch, false };
FIXTURE_VARIANT_ADD(frozen, broadcast) { &storm_broadcast, false };
FIXTURE_VARIANT_ADD(frozen, rpc) { &storm_rpc, true };
FIXTURE_VARIANT_ADD(frozen, loans) { &storm_loans, false };
FIXTURE_VARIANT_ADD(frozen, pool) { &storm_pool, false };
FIXTURE_VARIANT_ADD(frozen, spin) { &storm_spin, false };

FIXTURE_SETUP(frozen)
{
	ASSERT_EQ(0, storm_calm(&self->calm));
	self->s = storm_create(variant->way, EACH, EACH, STORM_SEQS);
	ASSERT_NE(NULL, self->s);
	self->s->patient = true;
}

FIXTURE_TEARDOWN(frozen)
{
	storm_free(self->s);
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

/* Return: whether all of them are, or go on, soon. */
static bool set_frozen(const char *dir, bool on)
{
	const uint64_t end = now_ns() + 20000000000ull;

	if (file_write(dir, "cgroup.freeze", on ? "1" : "0"))
		return false;
	while (file_number(dir, "cgroup.events", "frozen") != on) {
		if (now_ns() > end)
			return false;
		usleep(500);
	}
	return true;
}

/* Some of them, or all: then nothing is received. */
static void freeze_some(struct __test_metadata *_metadata, struct storm *s, unsigned int *seed)
{
	const unsigned int which = rand_r(seed) % 3, nr = rand_r(seed) % EACH;
	uint32_t received;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (which == 2 || which == i) {
			ASSERT_TRUE(set_frozen(group[i], true));
		}
	}
	received = s->received;
	usleep(rand_r(seed) % 10000);
	if (which == 2) {
		EXPECT_EQ(received, s->received);
	}
	if (rand_r(seed) % 4 == 0 && !s->way->all)
		storm_kill_receiver(s, nr);
	else if (rand_r(seed) % 3 == 0)
		storm_kill_sender(s, nr);
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(set_frozen(group[i], false));
	}
}

TEST_F_TIMEOUT(frozen, by_group, 180)
{
	uint64_t end = now_ns() + test_scale(1500) * 1000000ull;
	unsigned int seed = self->s->seed, freezes = 0, i;
	int err = cgroup_mount(NULL);

	for (i = 0; i < 2 && !err; i++)
		err = cgroup_make(group[i], i ? "recv" : "send");
	if (!err && file_number(group[0], "cgroup.freeze", NULL) < 0)
		err = -ENOENT;
	if (err)
		SKIP(return, "no control groups that freeze: %s", strerror(-err));
	self->s->begin = join_group;
	self->s->allowed[EINTR] = variant->interrupted;
	storm_start(self->s);
	while (test_goes_on(end, self->s->received >= ENOUGH && freezes >= FREEZES) &&
	       !self->s->fault) {
		freeze_some(_metadata, self->s, &seed);
		freezes++;
		usleep(rand_r(&seed) % 10000);
	}
	TH_LOG("frozen %u times", freezes);
	EXPECT_TRUE(storm_end(self->s));
	EXPECT_LE(ENOUGH, self->s->received);
	for (i = 0; i < 2; i++)
		rmdir(group[i]);
}

/*
 * As far as to freeze all processes, and back.  Not even a call that was taken, or that has
 * a time limit, hears of it.
 */
TEST_F_TIMEOUT(frozen, with_the_machine, 180)
{
	const uint32_t times = test_scale(20) + 1;
	unsigned int seed = self->s->seed;
	char delay[16];
	uint32_t i;
	int err;

	err = file_write(POWER, "pm_test", "freezer");
	if (err)
		SKIP(return, "no test of suspending: %s", strerror(-err));
	snprintf(delay, sizeof(delay), "%ld", file_number(SUSPEND, "pm_test_delay", NULL));
	EXPECT_EQ(0, file_write(SUSPEND, "pm_test_delay", "0"));
	self->s->patient = false;
	storm_start(self->s);
	for (i = 0; i < times && !self->s->fault; i++) {
		usleep(rand_r(&seed) % 20000);
		EXPECT_EQ(0, file_write(POWER, "state", "freeze"));
	}
	while (self->s->received < ENOUGH && !self->s->fault)
		sleep_ms(1);
	EXPECT_TRUE(storm_end(self->s));
	EXPECT_EQ(0, file_write(SUSPEND, "pm_test_delay", delay));
	EXPECT_EQ(0, file_write(POWER, "pm_test", "none"));
}

TEST_HARNESS_MAIN
