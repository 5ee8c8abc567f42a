// SPDX-License-Identifier: GPL-2.0
/* The order of events, while several tasks at once do what is told. */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "event.h"
#include "genl.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define ROOM		(32 << 20)	/* nothing is lost */
#define QUIET_MS	100		/* so long nothing comes */
/* More than there are processors: some are interrupted at the right time. */
#define SENDERS		3
#define OTHERS		3
#define LOOKS		100	/* so often one looks for a message before it goes */
#define ENOUGH		4	/* events that are to take turns */

struct stress {
	atomic_int fd;		/* sends and receives, without waiting */
	uint32_t id;		/* of its channel */
	atomic_int fault;	/* of a call that has to succeed */
	atomic_bool all_here;	/* each thread runs */
	atomic_long sleeps;	/* since then, of those whose calls do not wait */
	atomic_bool stop;	/* sending */
	atomic_bool done;	/* all else: until then who waits for room gets it */
};

static int join(struct stress *s, int oflags)
{
	int fd = chan_peer(s->fd, oflags);

	if (fd < 0)
		s->fault = fd;
	return fd;
}

static long sleeps(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nvcsw;
}

/* @before: 0, or it is counted since then.  Return: likewise, from now on. */
static long sleeps_since(const struct stress *s, long before)
{
	/* Each thread has slept by then: to be started, or on faults of its memory. */
	return before || !s->all_here ? before : 1 + sleeps();
}

static void sleeps_end(struct stress *s, long before)
{
	if (before)
		s->sleeps += 1 + sleeps() - before;
}

static void *fill(void *arg)
{
	struct stress *s = arg;
	long before = 0;
	uint32_t i;

	for (i = 0; !s->stop; i++) {
		msg_send_u32(s->fd, i);
		before = sleeps_since(s, before);
	}
	sleeps_end(s, before);
	return NULL;
}

static void *wait_for_room(void *arg)
{
	struct stress *s = arg;
	int fd = join(s, O_WRONLY);
	uint32_t i;

	for (i = 0; !s->stop; i++)
		msg_send_u32(fd, i);
	close(fd);
	return NULL;
}

static void *drain(void *arg)
{
	struct stress *s = arg;
	long before = 0;

	while (!s->done) {
		msg_recv_u32(s->fd);
		before = sleeps_since(s, before);
	}
	sleeps_end(s, before);
	return NULL;
}

/* Some give up, be it before they have room or before they have a reply. */
static void *call(void *arg)
{
	struct stress *s = arg;
	int fd = join(s, O_WRONLY);
	uint32_t i;

	for (i = 0; !s->stop; i++)
		rpc_call(fd, i, i % 2 ? IPCCHAN_WAIT_FOREVER : 50000);
	close(fd);
	return NULL;
}

/* Now and then there is no server at all. */
static void *serve(void *arg)
{
	struct stress *s = arg;
	struct taken t;
	uint32_t i, j;
	int fd;

	for (i = 0; !s->done; i++) {
		fd = join(s, O_RDONLY);
		for (j = 0; j < i % 8 * LOOKS; j++) {
			if (rpc_take(fd, &t, IPCCHAN_SERVE_NONBLOCK) == 1)
				rpc_reply(fd, t.call, t.value);
		}
		close(fd);
	}
	return NULL;
}

static void *subscribe(void *arg)
{
	struct stress *s = arg;
	uint32_t i, j;
	int fd;

	for (i = 0; !s->done; i++) {
		fd = join(s, O_RDONLY | O_NONBLOCK);
		for (j = 0; j < i % 8 * LOOKS; j++)
			msg_recv_u32(fd);
		close(fd);
	}
	return NULL;
}

/* There is more room, or less, and at times no message is short enough. */
static void *set_limits(void *arg)
{
	struct stress *s = arg;
	struct genl *g = genl_open();
	struct nl_msg *msg;
	uint32_t i;
	int err = g ? 0 : -errno;

	for (i = 0; !err && !s->done; i++) {
		msg = genl_msg(g, IPCCHAN_CMD_SET, 0);
		nla_put_u32(msg, IPCCHAN_A_ID, s->id);
		nla_put_u32(msg, IPCCHAN_A_MAX_MSGS, 1 + i % 3);
		nla_put_u32(msg, IPCCHAN_A_MAX_MSG_SIZE, sizeof(i) - i % 4 / 3);
		err = genl_talk(g, msg, NULL, 0);
		usleep(i % 200);
	}
	if (err)
		s->fault = err;
	genl_close(g);
	return NULL;
}

FIXTURE(turns) {
	struct events *all;
	struct stress s;
	uint32_t expected;
	uint32_t last;
	unsigned int nr;
	unsigned int out_of_turn;
};

FIXTURE_VARIANT(turns) {
	uint32_t kind;
	uint32_t options;
	int oflags;

	/* Each is a thread. */
	void *(*send[SENDERS])(void *arg);
	void *(*other[OTHERS])(void *arg);
};

FIXTURE_VARIANT_ADD(turns, queue) {
	IPCCHAN_KIND_QUEUE, 0, O_RDWR, { fill, fill, fill }, { drain, drain, drain }
};

FIXTURE_VARIANT_ADD(turns, queue_waits) {
	IPCCHAN_KIND_QUEUE, 0, O_RDWR, { wait_for_room, wait_for_room, fill },
	{ drain, drain, set_limits }
};

FIXTURE_VARIANT_ADD(turns, rpc) {
	IPCCHAN_KIND_RPC, IPCCHAN_OPT_HANGUP, O_WRONLY, { call, call, call },
	{ serve, serve, set_limits }
};

FIXTURE_VARIANT_ADD(turns, broadcast) {
	IPCCHAN_KIND_BROADCAST, 0, O_RDWR, { fill, fill, fill }, { drain, drain, drain }
};

FIXTURE_VARIANT_ADD(turns, broadcast_waits) {
	IPCCHAN_KIND_BROADCAST, 0, O_RDWR, { wait_for_room, wait_for_room, fill },
	{ drain, subscribe, set_limits }
};

static struct events *listen_apart(void)
{
	struct events *all = unshare(CLONE_NEWNET) ? NULL : events_open();

	return all && !events_room(all, ROOM) ? all : NULL;
}

FIXTURE_SETUP(turns)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = variant->kind,
		.options = variant->options, .max_msgs = 1, .max_msg_size = sizeof(uint32_t),
	};
	struct ipcchan_info info;

	self->all = listen_apart();
	ASSERT_NE(NULL, self->all);
	self->s.fd = chan_open(variant->oflags, &a);
	ASSERT_LE(0, self->s.fd);
	ASSERT_EQ(0, set_nonblock(self->s.fd, true));
	ASSERT_EQ(0, chan_info(self->s.fd, &info));
	self->s.id = info.id;
	self->expected = IPCCHAN_EVENT_FULL;
}

FIXTURE_TEARDOWN(turns)
{
	close(self->s.fd);
	events_close(self->all);
}

/* Return: whether there was an event. */
static bool look(FIXTURE_DATA(turns) *self, int timeout_ms)
{
	struct event e;
	int err = events_next(self->all, &e, timeout_ms);

	if (err && err != -ETIMEDOUT)
		self->s.fault = err;
	if (err)
		return false;
	self->last = e.what;
	if (e.what != IPCCHAN_EVENT_FULL && e.what != IPCCHAN_EVENT_DRAINED)
		return true;
	self->nr++;
	self->out_of_turn += e.what != self->expected;
	self->expected = e.what == IPCCHAN_EVENT_FULL ? IPCCHAN_EVENT_DRAINED :
							IPCCHAN_EVENT_FULL;
	return true;
}

/* Where spinlocks sleep, too, there is no telling. */
static bool sleep_tells(void)
{
	struct utsname u;

	return !uname(&u) && !strstr(u.version, "PREEMPT_RT");
}

/* Some fill what has little room, the others empty it; in the end it is empty, and goes. */
TEST_F(turns, full_and_drained)
{
	const uint64_t end = now_ns() + test_scale(700) * 1000000ull;
	pthread_t sender[SENDERS], other[OTHERS];
	struct stress *s = &self->s;
	int i;

	for (i = 0; i < SENDERS; i++)
		ASSERT_EQ(0, pthread_create(&sender[i], NULL, variant->send[i], s));
	for (i = 0; i < OTHERS; i++)
		ASSERT_EQ(0, pthread_create(&other[i], NULL, variant->other[i], s));
	usleep(1000);
	s->all_here = true;
	while (test_goes_on(end, self->nr >= ENOUGH) && !s->fault)
		look(self, 10);
	s->stop = true;
	for (i = 0; i < SENDERS; i++)
		pthread_join(sender[i], NULL);
	s->done = true;
	for (i = 0; i < OTHERS; i++)
		pthread_join(other[i], NULL);
	while (msg_recv_u32(s->fd) >= 0)
		;
	close(s->fd);
	s->fd = -1;
	while (look(self, QUIET_MS))
		;
	TH_LOG("%u events", self->nr);
	EXPECT_EQ(0, (int)s->fault);
	EXPECT_LE(ENOUGH, self->nr);
	EXPECT_EQ(0, self->out_of_turn);
	EXPECT_EQ(IPCCHAN_EVENT_FULL, self->expected);
	EXPECT_EQ(IPCCHAN_EVENT_DELETED, self->last);
	/* The lock of the list of subscribers may be slept on. */
	if (variant->kind == IPCCHAN_KIND_QUEUE && !variant->options && sleep_tells())
		EXPECT_EQ(0, (long)s->sleeps);
}

FIXTURE(order) {
	struct events *all;
};

FIXTURE_SETUP(order)
{
	self->all = listen_apart();
	ASSERT_NE(NULL, self->all);
}

FIXTURE_TEARDOWN(order)
{
	events_close(self->all);
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
	struct stress s = { .fd = chan_open(O_WRONLY, &a) };
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

#define LISTENERS	32	/* others: it takes long to tell them all */

/*
 * While it is told that it was full it is emptied, and goes as soon as that was told: nobody
 * else runs here before.
 */
static unsigned int lives_of_channels(struct stress *s)
{
	const struct sched_param first = { .sched_priority = 1 }, normal = {};
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .max_msgs = 1 };
	const unsigned int lives = test_scale(LIVES);
	unsigned int i, j;

	if (sched_setscheduler(0, SCHED_FIFO, &first))
		s->fault = -errno;
	for (i = 0; i < lives && !s->fault; i++) {
		int fd = chan_open(O_RDWR | O_NONBLOCK, &a);

		/* Who still has the number of an earlier one does not have this. */
		s->fd = fcntl(fd, F_DUPFD, FD_SETSIZE / 2 + i % (FD_SETSIZE / 4));
		if (s->fd < 0)
			s->fault = -errno;
		close(fd);
		for (j = 0; j < 2; j++)
			msg_send_u32(s->fd, j);
		while (msg_recv_u32(s->fd) >= 0)
			;
		close(s->fd);
	}
	s->done = true;
	sched_setscheduler(0, SCHED_OTHER, &normal);
	return i;
}

/* What was told of a channel */
struct told {
	unsigned int full;
	unsigned int drained;
	bool deleted;
};

/* Nothing is told of a channel that has ended, and nothing is left to tell. */
TEST_F(order, deleted_last)
{
	struct told *told = calloc(2 * test_scale(LIVES), sizeof(*told));
	unsigned int lives, i, full = 0, unequal = 0, too_late = 0;
	struct events *others[LISTENERS];
	struct stress s = { .fd = -1 };
	pthread_t thread;
	struct event e;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "it takes two processors");
	ASSERT_NE(NULL, told);
	ASSERT_EQ(0, events_room(self->all, ROOM));
	for (i = 0; i < LISTENERS; i++) {
		others[i] = events_open();
		ASSERT_NE(NULL, others[i]);
	}
	ASSERT_EQ(0, pthread_create(&thread, NULL, drain, &s));
	lives = lives_of_channels(&s);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, (int)s.fault);
	while (!events_next(self->all, &e, QUIET_MS)) {
		struct told *t = &told[e.chan % (2 * lives)];

		too_late += t->deleted;
		t->full += e.what == IPCCHAN_EVENT_FULL;
		t->drained += e.what == IPCCHAN_EVENT_DRAINED;
		t->deleted |= e.what == IPCCHAN_EVENT_DELETED;
	}
	for (i = 0; i < 2 * lives; i++) {
		full += told[i].full;
		unequal += told[i].full != told[i].drained;
	}
	EXPECT_LT(0, full) TH_LOG("of %u", lives);
	EXPECT_EQ(0, unequal) TH_LOG("of %u", full);
	EXPECT_EQ(0, too_late) TH_LOG("of %u", full);
	for (i = 0; i < LISTENERS; i++)
		events_close(others[i]);
	free(told);
}

TEST_HARNESS_MAIN
