// SPDX-License-Identifier: GPL-2.0
/*
 * Senders and receivers of every kind that are killed, at any moment: what was acknowledged
 * arrives, once, and what they had is given back.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "storm.h"
#include "util.h"

#include "harness.h"

#define EACH		3	/* senders, and receivers */
#define ENOUGH		60	/* messages */
#define KILLS		12

FIXTURE(killing) {
	struct storm *s;
	struct storm_calm calm;
};

FIXTURE_VARIANT(killing) {
	const struct storm_way *way;
};

FIXTURE_VARIANT_ADD(killing, words) { &storm_words };
FIXTURE_VARIANT_ADD(killing, batch) { &storm_batch };
FIXTURE_VARIANT_ADD(killing, fds) { &storm_fds };
FIXTURE_VARIANT_ADD(killing, broadcast) { &storm_broadcast };
FIXTURE_VARIANT_ADD(killing, rpc) { &storm_rpc };
FIXTURE_VARIANT_ADD(killing, loans) { &storm_loans };
FIXTURE_VARIANT_ADD(killing, pool) { &storm_pool };
FIXTURE_VARIANT_ADD(killing, uring) { &storm_uring };
FIXTURE_VARIANT_ADD(killing, spin) { &storm_spin };

FIXTURE_SETUP(killing)
{
	ASSERT_EQ(0, storm_calm(&self->calm));
	self->s = storm_create(variant->way, EACH, EACH, STORM_SEQS);
	ASSERT_NE(NULL, self->s);
}

FIXTURE_TEARDOWN(killing)
{
	storm_free(self->s);
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

static bool has_ring(void)
{
	struct uring ring;
	bool has = !uring_open(&ring);

	if (has)
		uring_close(&ring);
	return has;
}

/* Those who subscribe each get all, and live; they are killed in storm_kinds_test. */
static void kill_some(struct storm *s)
{
	uint64_t end = now_ns() + test_scale(2000) * 1000000ull;
	unsigned int seed = s->seed;

	while (test_goes_on(end, s->received >= ENOUGH && s->kills >= KILLS) && !s->fault) {
		uint32_t nr = rand_r(&seed) % EACH;

		if (!s->way->all && rand_r(&seed) % 2)
			storm_kill_receiver(s, nr);
		else
			storm_kill_sender(s, nr);
		usleep(rand_r(&seed) % 8000);
	}
}

TEST_F_TIMEOUT(killing, nothing_lost_nothing_twice, 180)
{
	if (variant->way == &storm_uring && !has_ring())
		SKIP(return, "no io_uring on this kernel");
	storm_start(self->s);
	kill_some(self->s);
	EXPECT_TRUE(storm_end(self->s));
	EXPECT_LE(ENOUGH, self->s->received);
	EXPECT_LE(KILLS, self->s->kills);
}

TEST_HARNESS_MAIN
