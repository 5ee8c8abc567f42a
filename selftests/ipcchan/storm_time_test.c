// SPDX-License-Identifier: GPL-2.0
/*
 * Time limits of every kind of call, down to those that end while what is waited for
 * comes: both sides say the same of it, always.  A call that timed out has done nothing,
 * and one that has done something did not time out.
 *
 * The waiter is a process of its own, told round by round until when it waits.  What it
 * waits for comes about then, or long before, or never.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bell.h"
#include "place.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define US		1000ll
#define MS		1000000ll
#define NONE		-1000	/* no outcome yet */

enum when { ABOUT_THEN, EARLY, NEVER, WHENS };

/* Shared by both. */
struct duel {
	uint32_t round;		/* which one it is, each that begins, */
	uint32_t done;		/* that the waiter has waited in, */
	uint32_t over;		/* that was looked at, */
	uint32_t cleared;	/* and after which the waiter has nothing any more */
	int64_t until;		/* CLOCK_MONOTONIC, nanoseconds; what has passed is a try */
	uint32_t value;
	int outcome;		/* of the waiter: 0, or -errno */
	uint32_t got;
	int64_t block;
};

FIXTURE(duel) {
	struct duel *d;
	int fd;			/* who makes it come */
	int peer;		/* another one of that side, or its receiver */
	unsigned int seed;
	pid_t pid;
	int64_t block;
	int64_t offset;		/* from when the waiter gives up: half of them come in time */
	struct taken taken;
	bool has_taken;
	int fault;		/* line of the first one */
};

/*
 * @kind: of the channel, which has room for one message and one block
 * @sends: the waiter is a sender
 * @begin: of a round, before the wait; may be NULL
 * @wait: 0, or -errno
 * @ready: what there is to be done before, once the waiter waits; may be NULL
 * @come: make it come; 0, or -errno of what had no effect, since the waiter has gone
 * @end: of a round: what is there is what both say
 */
FIXTURE_VARIANT(duel) {
	uint32_t kind;
	bool sends;
	int (*begin)(FIXTURE_DATA(duel) *self);
	int (*wait)(struct duel *d, int fd);
	void (*ready)(FIXTURE_DATA(duel) *self);
	int (*come)(FIXTURE_DATA(duel) *self);
	void (*end)(FIXTURE_DATA(duel) *self, bool came);
};

static void check(FIXTURE_DATA(duel) *self, bool holds, int line)
{
	if (!holds && !self->fault)
		self->fault = line;
}

#define CHECK(self, condition)	check(self, condition, __LINE__)

static struct ipcchan_msghdr header(uint32_t *value)
{
	return (struct ipcchan_msghdr) { .buf = (uintptr_t)value, .len = sizeof(*value) };
}

static int one(int ret)
{
	return ret < 0 ? ret : ret == 1 ? 0 : -EBADMSG;
}

static int wait_recv(struct duel *d, int fd)
{
	struct ipcchan_msghdr h = header(&d->got);

	return one(xfer_recv(fd, &h, 1, IPCCHAN_XFER_ABSTIME, d->until));
}

static int come_send(FIXTURE_DATA(duel) *self)
{
	return label_send(self->fd, self->d->value, 0, 0, IPCCHAN_XFER_NONBLOCK);
}

/* What it did not get is there still. */
static void end_recv(FIXTURE_DATA(duel) *self, bool came)
{
	const int err = self->d->outcome;

	CHECK(self, came || err == -ETIMEDOUT);
	if (!err)
		CHECK(self, self->d->got == self->d->value);
	else if (came)
		CHECK(self, label_recv(self->peer, NULL, IPCCHAN_XFER_NONBLOCK) == self->d->value);
	CHECK(self, label_recv(self->peer, NULL, IPCCHAN_XFER_NONBLOCK) == -EAGAIN);
}

static int begin_full(FIXTURE_DATA(duel) *self)
{
	return label_send(self->fd, ~self->d->value, 0, 0, IPCCHAN_XFER_NONBLOCK);
}

static int wait_send(struct duel *d, int fd)
{
	struct ipcchan_msghdr h = header(&d->value);

	return one(xfer_send(fd, &h, 1, IPCCHAN_XFER_ABSTIME, d->until));
}

static int come_recv(FIXTURE_DATA(duel) *self)
{
	return label_recv(self->peer, NULL, IPCCHAN_XFER_NONBLOCK) == (uint32_t)~self->d->value ?
		       0 : -EBADMSG;
}

/* What was not sent is not there. */
static void end_send(FIXTURE_DATA(duel) *self, bool came)
{
	const int err = self->d->outcome;

	CHECK(self, came || err == -ETIMEDOUT);
	if (!came)
		CHECK(self, !come_recv(self));
	if (!err)
		CHECK(self, label_recv(self->peer, NULL, IPCCHAN_XFER_NONBLOCK) == self->d->value);
	CHECK(self, label_recv(self->peer, NULL, IPCCHAN_XFER_NONBLOCK) == -EAGAIN);
}

static int wait_call(struct duel *d, int fd)
{
	struct ipcchan_call c = {
		.flags = IPCCHAN_XFER_ABSTIME, .timeout_ns = d->until,
		.request = header(&d->value), .reply = header(&d->got),
	};

	return do_ioctl(fd, IPCCHAN_IOC_CALL, &c);
}

/* Taken while somebody waits for the reply, if ever. */
static void ready_reply(FIXTURE_DATA(duel) *self)
{
	int ret;

	do {
		ret = rpc_take(self->peer, &self->taken, IPCCHAN_SERVE_NONBLOCK);
	} while (ret == -EAGAIN && (int64_t)now_ns() < self->d->until);
	self->has_taken = ret == 1;
}

static int come_reply(FIXTURE_DATA(duel) *self)
{
	return self->has_taken ?
		       rpc_reply(self->peer, self->taken.call, self->taken.value + 1) :
		       -ECANCELED;
}

static void end_call(FIXTURE_DATA(duel) *self, bool came)
{
	const int err = self->d->outcome;
	struct taken t;

	CHECK(self, came == !err);
	CHECK(self, !err || err == -ETIMEDOUT);
	if (!err)
		CHECK(self, self->d->got == self->d->value + 1);
	/* One that comes too late is told so, and no request outlives its call. */
	if (self->has_taken)
		CHECK(self, come_reply(self) == -ECANCELED);
	CHECK(self, rpc_take(self->peer, &t, IPCCHAN_SERVE_NONBLOCK) == -EAGAIN);
}

static int begin_lent(FIXTURE_DATA(duel) *self)
{
	self->block = loan(self->fd, 1, 0, 0);
	return self->block < 0 ? (int)self->block : 0;
}

static int wait_loan(struct duel *d, int fd)
{
	d->block = loan(fd, 1, IPCCHAN_XFER_ABSTIME, d->until);
	return d->block < 0 ? (int)d->block : 0;
}

static int come_give(FIXTURE_DATA(duel) *self)
{
	return one(give_back(self->fd, self->block));
}

/* It is with one of them; the waiter gives it back after that. */
static void end_loan(FIXTURE_DATA(duel) *self, bool came)
{
	const int err = self->d->outcome;
	int64_t at = loan(self->fd, 1, 0, 0);

	CHECK(self, !err || err == -ETIMEDOUT);
	CHECK(self, came || err);
	CHECK(self, (came && err) == (at >= 0));
	if (at >= 0 || !came)
		CHECK(self, give_back(self->fd, at >= 0 ? at : self->block) == 1);
}

static int wait_bell(struct duel *d, int fd)
{
	const int64_t left = d->until - (int64_t)now_ns();
	struct ipcchan_wait w = { .timeout_ns = left < 0 ? 0 : left };

	return do_ioctl(fd, IPCCHAN_IOC_WAIT, &w);
}

static int come_ring(FIXTURE_DATA(duel) *self)
{
	return wake(self->fd, 0, 1) == 1 ? 0 : -EAGAIN;
}

static void end_bell(FIXTURE_DATA(duel) *self, bool came)
{
	CHECK(self, came == !self->d->outcome);
	CHECK(self, !self->d->outcome || self->d->outcome == -ETIMEDOUT);
}

#define QUEUE		IPCCHAN_KIND_QUEUE
#define CAST		IPCCHAN_KIND_BROADCAST
#define RPC		IPCCHAN_KIND_RPC

FIXTURE_VARIANT_ADD(duel, recv) { QUEUE, false, NULL, wait_recv, NULL, come_send, end_recv };
FIXTURE_VARIANT_ADD(duel, send) { QUEUE, true, begin_full, wait_send, NULL, come_recv, end_send };
FIXTURE_VARIANT_ADD(duel, cast) { CAST, true, begin_full, wait_send, NULL, come_recv, end_send };
FIXTURE_VARIANT_ADD(duel, call) { RPC, true, NULL, wait_call, ready_reply, come_reply, end_call };
FIXTURE_VARIANT_ADD(duel, loan) { QUEUE, true, begin_lent, wait_loan, NULL, come_give, end_loan };
FIXTURE_VARIANT_ADD(duel, bell) { QUEUE, false, NULL, wait_bell, NULL, come_ring, end_bell };

static void await(uint32_t *word, uint32_t round)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != round)
		usleep(20);
}

static void tell(uint32_t *word, uint32_t round)
{
	__atomic_store_n(word, round, __ATOMIC_RELEASE);
}

static void wait_rounds(struct duel *d, int fd, int (*wait)(struct duel *d, int fd))
{
	uint32_t round;

	for (round = 1;; round++) {
		await(&d->round, round);
		d->outcome = wait(d, fd);
		tell(&d->done, round);
		await(&d->over, round);
		if (wait == wait_loan && !d->outcome)
			give_back(fd, d->block);
		tell(&d->cleared, round);
	}
}

FIXTURE_SETUP(duel)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = variant->kind, .max_msgs = 1,
		.buf_size = page_size(),
		.options = variant->kind == RPC ? 0 : IPCCHAN_OPT_LOANS,
	};
	const char *seed = getenv("IPCCHAN_TEST_SEED");
	int fd;

	self->d = mmap(NULL, sizeof(*self->d), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->d);
	self->seed = seed ? strtoul(seed, NULL, 0) : now_ns() / 1000;
	TH_LOG("seed %u", self->seed);
	self->fd = chan_open(O_WRONLY, &a);
	ASSERT_LE(0, self->fd);
	self->peer = chan_peer(self->fd, O_RDONLY);
	ASSERT_LE(0, self->peer);
	fd = chan_peer(self->fd, variant->sends ? O_WRONLY : O_RDONLY);
	ASSERT_LE(0, fd);
	self->pid = child_fork();
	if (self->pid == 0)
		wait_rounds(self->d, fd, variant->wait);
	close(fd);
}

FIXTURE_TEARDOWN(duel)
{
	child_kill(self->pid);
	close(self->peer);
	EXPECT_EQ(0, variant->kind == QUEUE ? chan_msgs(self->fd) : 0);
	close(self->fd);
}

/* A time that the waiter is given, and another one for what it waits for. */
static int64_t choose(FIXTURE_DATA(duel) *self, enum when when, int64_t *at)
{
	const int64_t now = now_ns(), slow = test_slow() ? 10 : 1;
	const int64_t until = now + slow * (200 * US + rand_r(&self->seed) % (300 * US));

	*at = until + self->offset + slow * (rand_r(&self->seed) % (40 * US) - 20 * US);
	if (when == EARLY)
		return now + 20000 * MS;
	return when == NEVER && rand_r(&self->seed) % 3 == 0 ? now - 1 : until;
}

/* To give up takes a while, and so does what the other one does. */
static void aim(FIXTURE_DATA(duel) *self)
{
	const int64_t step = (test_slow() ? 50 : 5) * US;

	self->offset += self->d->outcome ? -step : step;
	if (llabs(self->offset) > 100 * step)
		self->offset = 0;
}

/* Return: whether it came. */
static bool play(FIXTURE_DATA(duel) *self, const FIXTURE_VARIANT(duel) *variant,
		 enum when when)
{
	struct duel *d = self->d;
	const uint32_t round = d->round + 1;
	bool came = false;
	int64_t at;

	d->outcome = NONE;
	d->until = choose(self, when, &at);
	tell(&d->round, round);
	if (variant->ready)
		variant->ready(self);
	if (when != NEVER) {
		while ((int64_t)now_ns() < at)
			;
		came = !variant->come(self);
	}
	/* What came before the waiter did is asked for once more. */
	while (__atomic_load_n(&d->done, __ATOMIC_ACQUIRE) != round) {
		usleep(50);
		if (when == EARLY && !came)
			came = !variant->come(self);
	}
	return came;
}

TEST_F_TIMEOUT(duel, both_say_the_same, 120)
{
	const uint32_t rounds = test_scale(1500);
	uint32_t i, came[WHENS] = { 0 }, got[WHENS] = { 0 };

	for (i = 0; i < rounds || i < WHENS; i++) {
		const enum when when = i % 8 < 2 ? 1 + i % 8 : ABOUT_THEN;
		bool has_come;

		self->d->value = i;
		if (variant->begin) {
			ASSERT_EQ(0, variant->begin(self));
		}
		has_come = play(self, variant, when);
		came[when] += has_come;
		got[when] += !self->d->outcome;
		if (when == ABOUT_THEN)
			aim(self);
		if (when == EARLY) {
			ASSERT_EQ(0, self->d->outcome);
		}
		if (when == NEVER) {
			ASSERT_EQ(-ETIMEDOUT, self->d->outcome);
		}
		variant->end(self, has_come);
		ASSERT_EQ(0, self->fault) TH_LOG("round %u: came %d, waiter %d", i, has_come,
						 self->d->outcome);
		tell(&self->d->over, self->d->round);
		await(&self->d->cleared, self->d->round);
	}
	TH_LOG("of %u: about then %u came and %u were got", rounds, came[ABOUT_THEN],
	       got[ABOUT_THEN]);
	EXPECT_LT(0, got[EARLY]);
	EXPECT_LT(0, got[ABOUT_THEN]);
}

TEST_HARNESS_MAIN
