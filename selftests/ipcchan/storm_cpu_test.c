// SPDX-License-Identifier: GPL-2.0
/*
 * Processors that go and come back under senders and receivers, those that poll before
 * they sleep among them, and those that may run there only.
 */
#include <errno.h>
#include <sched.h>
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
#define CPUS		"/sys/devices/system/cpu"
#define CHANGES		4

FIXTURE(cpu) {
	struct storm *s;
	struct storm_calm calm;
	char dir[64];	/* of one that can go */
};

FIXTURE_VARIANT(cpu) {
	const struct storm_way *way;
};

FIXTURE_VARIANT_ADD(cpu, words) { &storm_words };
FIXTURE_VARIANT_ADD(cpu, batch) { &storm_batch };
FIXTURE_VARIANT_ADD(cpu, spin) { &storm_spin };
FIXTURE_VARIANT_ADD(cpu, broadcast) { &storm_broadcast };
FIXTURE_VARIANT_ADD(cpu, rpc) { &storm_rpc };

static int the_cpu;	/* 0: none can go */

/* Every other one may run on that one only, as long as it is there. */
static void be_there(struct storm *s, uint32_t nr)
{
	cpu_set_t set;

	(void)s;
	CPU_ZERO(&set);
	CPU_SET(the_cpu, &set);
	if (nr % 2)
		sched_setaffinity(0, sizeof(set), &set);
}

FIXTURE_SETUP(cpu)
{
	for (the_cpu = sysconf(_SC_NPROCESSORS_CONF) - 1; the_cpu > 0; the_cpu--) {
		snprintf(self->dir, sizeof(self->dir), CPUS "/cpu%d", the_cpu);
		if (file_number(self->dir, "online", NULL) == 1)
			break;
	}
	if (the_cpu <= 0)
		return;
	ASSERT_EQ(0, storm_calm(&self->calm));
	self->s = storm_create(variant->way, EACH, EACH, STORM_SEQS);
	ASSERT_NE(NULL, self->s);
	self->s->begin = be_there;
}

FIXTURE_TEARDOWN(cpu)
{
	if (!self->s)
		return;
	EXPECT_EQ(0, file_write(self->dir, "online", "1"));
	storm_free(self->s);
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

TEST_F_TIMEOUT(cpu, comes_and_goes, 180)
{
	uint64_t end = now_ns() + test_scale(3000) * 1000000ull;
	unsigned int seed, changes = 0;

	if (!self->s)
		SKIP(return, "no processor that can be taken away");
	seed = self->s->seed;
	storm_start(self->s);
	while (test_goes_on(end, self->s->received >= ENOUGH && changes >= CHANGES) &&
	       !self->s->fault) {
		ASSERT_EQ(0, file_write(self->dir, "online", changes++ % 2 ? "1" : "0"));
		usleep(rand_r(&seed) % 30000);
		/* They have to be there again, for the next time. */
		if (changes % 2 == 0)
			storm_kill_sender(self->s, rand_r(&seed) % EACH);
	}
	TH_LOG("%u changes", changes);
	EXPECT_TRUE(storm_end(self->s));
	EXPECT_LE(ENOUGH, self->s->received);
}

TEST_HARNESS_MAIN
