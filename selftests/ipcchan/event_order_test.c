// SPDX-License-Identifier: GPL-2.0
/* The order of events, while several tasks at once do what is told. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "event.h"
#include "util.h"

#include "harness.h"

#define ROOM		(32 << 20)	/* nothing is lost */
#define QUIET_MS	100		/* so long nothing comes */

FIXTURE(order) {
	struct events *all;
};

FIXTURE_SETUP(order)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->all = events_open();
	ASSERT_NE(NULL, self->all);
	ASSERT_EQ(0, events_room(self->all, ROOM));
}

FIXTURE_TEARDOWN(order)
{
	events_close(self->all);
}

struct stress {
	int fd;
	uint32_t nr;
	atomic_bool stop;
};

static void *fill(void *arg)
{
	struct stress *s = arg;
	uint32_t i;

	for (i = 0; i < s->nr && !s->stop; i++)
		msg_send_u32(s->fd, i);
	s->stop = true;
	return NULL;
}

static void *drain(void *arg)
{
	struct stress *s = arg;

	while (!s->stop)
		msg_recv_u32(s->fd);
	return NULL;
}

#define PAIRS	3	/* more than there are processors: some are interrupted at the right time */

/* Some fill what has room for one message, the others empty it. */
static void take_turns(struct __test_metadata *_metadata, FIXTURE_DATA(order) *self,
		       uint32_t kind)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = kind, .max_msgs = 1,
	};
	struct stress s = { .fd = chan_open(O_RDWR, &a), .nr = test_scale(20000) };
	uint32_t expected = IPCCHAN_EVENT_FULL;
	unsigned int nr = 0, out_of_turn = 0;
	pthread_t thread[2 * PAIRS];
	struct event e;
	int i;

	ASSERT_LE(0, s.fd);
	ASSERT_EQ(0, set_nonblock(s.fd, true));
	for (i = 0; i < 2 * PAIRS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, i % 2 ? drain : fill, &s));
	for (i = 0; i < 2 * PAIRS; i++)
		pthread_join(thread[i], NULL);
	while (!events_next(self->all, &e, QUIET_MS)) {
		if (e.what != IPCCHAN_EVENT_FULL && e.what != IPCCHAN_EVENT_DRAINED)
			continue;
		nr++;
		out_of_turn += e.what != expected;
		expected = e.what == IPCCHAN_EVENT_FULL ? IPCCHAN_EVENT_DRAINED :
							  IPCCHAN_EVENT_FULL;
	}
	EXPECT_LT(0, nr);
	EXPECT_EQ(0, out_of_turn) TH_LOG("of %u", nr);
	close(s.fd);
}

TEST_F(order, full_and_drained)
{
	take_turns(_metadata, self, IPCCHAN_KIND_QUEUE);
}

TEST_F(order, full_and_drained_broadcast)
{
	take_turns(_metadata, self, IPCCHAN_KIND_BROADCAST);
}

#define LIVES	1000

/* What was told of an endpoint, by its id. */
enum { UNKNOWN, ATTACHED, DETACHED };

static void come_and_go(int wr)
{
	const int lives = test_scale(LIVES);
	int rd, i, j;

	for (i = 0; i < lives; i++) {
		rd = chan_peer(wr, O_RDONLY);
		set_nonblock(rd, true);
		/* The first one lags for certain. */
		for (j = 0; !i && j < 2; j++)
			msg_send_u32(wr, j);
		/* Each that empties it lets it be told anew that it lags. */
		for (j = 0; j < i % 8; j++)
			msg_recv_u32(rd);
		close(rd);
	}
}

/* It lags while it is attached: not before, not after. */
TEST_F(order, within_a_life)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST, .max_msgs = 1,
		.slow = IPCCHAN_SLOW_DROP_OLDEST,
	};
	struct stress s = { .fd = chan_open(O_WRONLY, &a), .nr = UINT32_MAX };
	unsigned int lagging = 0, too_early = 0, too_late = 0;
	static int told[2 * LIVES];
	pthread_t thread;
	struct event e;

	ASSERT_LE(0, s.fd);
	ASSERT_EQ(0, pthread_create(&thread, NULL, fill, &s));
	come_and_go(s.fd);
	s.stop = true;
	pthread_join(thread, NULL);
	while (!events_next(self->all, &e, QUIET_MS)) {
		int *at = &told[e.ep % ARRAY_SIZE(told)];

		if (e.what == IPCCHAN_EVENT_ATTACHED)
			*at = ATTACHED;
		else if (e.what == IPCCHAN_EVENT_DETACHED)
			*at = DETACHED;
		if (e.what != IPCCHAN_EVENT_LAGGING)
			continue;
		lagging++;
		too_early += *at == UNKNOWN;
		too_late += *at == DETACHED;
	}
	EXPECT_LT(0, lagging);
	EXPECT_EQ(0, too_early) TH_LOG("of %u", lagging);
	EXPECT_EQ(0, too_late) TH_LOG("of %u", lagging);
	close(s.fd);
}

TEST_HARNESS_MAIN
