// SPDX-License-Identifier: GPL-2.0
/*
 * A receiver that is killed after a message was handed to it and before it
 * could take it to user space: the message goes back to where it was.
 *
 * The receiver is a SCHED_IDLE task: on the test's CPU it runs only while the
 * test sleeps.  It reads into memory shared with the test: what was delivered to
 * it is to be seen there, whenever it died.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define BURST	3

FIXTURE(killed) {
	volatile uint32_t *got;	/* by each of two receivers */
	uint32_t id;
	uint32_t last;		/* value sent */
	int fd;			/* room for all but one of a burst */
	int out;		/* another endpoint, not blocking */
};

/* On one CPU the test decides, elsewhere whoever is faster. */
FIXTURE_VARIANT(killed) {
	bool one_cpu;
	bool batch;	/* waits for one of many, with a header */
};

FIXTURE_VARIANT_ADD(killed, one_cpu) { true, false };
FIXTURE_VARIANT_ADD(killed, any_cpu) { false, false };
FIXTURE_VARIANT_ADD(killed, batch) { true, true };

FIXTURE_SETUP(killed)
{
	struct ipcchan_attach limits = { .max_msgs = BURST - 1 };
	struct ipcchan_info info;

	if (variant->one_cpu)
		stay_on_cpu();
	ASSERT_EQ(0, prctl(PR_SET_TIMERSLACK, 1));
	self->got = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	ASSERT_NE(MAP_FAILED, self->got);
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->out = chan_peer(self->fd, O_WRONLY);
	ASSERT_EQ(0, set_nonblock(self->out, true));
	ASSERT_EQ(0, chan_info(self->fd, &info));
	self->id = info.id;
}

FIXTURE_TEARDOWN(killed)
{
	close(self->out);
	close(self->fd);
}

static int receive(FIXTURE_DATA(killed) *self, int i, bool batch)
{
	struct ipcchan_msghdr h[2] = {
		{ .buf = (uintptr_t)&self->got[i], .len = sizeof(*self->got) },
		/* Does not take the next one. */
	};

	if (batch)
		return xfer_recv(self->fd, h, 2, 0, -1);
	return read(self->fd, (void *)&self->got[i], sizeof(*self->got));
}

/* A child that sleeps in there, and would stay after it. */
static pid_t start_receiver(FIXTURE_DATA(killed) *self, int i, bool batch)
{
	const struct sched_param param = { 0 };
	pid_t pid;

	self->got[i] = 0;
	pid = child_fork();
	if (pid == 0) {
		if (sched_setscheduler(0, SCHED_IDLE, &param))
			_exit(1);
		if (receive(self, i, batch) < 0)
			_exit(2);
		for (;;)
			pause();
	}
	return wait_blocked(pid, batch ? SYS_ioctl : SYS_read) ? pid : -ETIMEDOUT;
}

/* The order in which the kill comes. */
enum when {
	BEFORE,		/* the message */
	AFTER,		/* it, before the receiver can run */
	DELIVERED,	/* when it was received for sure */
	SOON,		/* a random moment after it */
	WHENS,
};

/* Long enough to let the receiver begin, or go on, or get away with it. */
static void nap(void)
{
	struct timespec ts = { .tv_nsec = rand() % 200000 };

	nanosleep(&ts, NULL);
}

static bool wait_got(FIXTURE_DATA(killed) *self, int i)
{
	const uint64_t deadline = now_ns() + 10 * 1000000000ull;

	while (!self->got[i]) {
		if (now_ns() > deadline)
			return false;
		sleep_ms(1);
	}
	return true;
}

/*
 * Send @nr messages to, and kill, a sleeping receiver.  The first is handed to
 * it and the others are queued; if it was too fast to be killed, which leaves
 * one too many to be queued, the last is not sent.
 */
static int send_and_kill(FIXTURE_DATA(killed) *self, pid_t pid, int nr, enum when when)
{
	int ret = 0, i;

	if (when == BEFORE)
		kill(pid, SIGKILL);
	for (i = 0; i < nr && !ret; i++) {
		ret = msg_send_u32(self->out, self->last + 1);
		if (!ret)
			self->last++;
	}
	if (when == DELIVERED && !wait_got(self, 0))
		ret = -ETIMEDOUT;
	else if (when == SOON)
		nap();
	if (when != BEFORE)
		kill(pid, SIGKILL);
	return ret == -EAGAIN && i == BURST ? 0 : ret;
}

static void expect_totals(struct __test_metadata *_metadata, FIXTURE_DATA(killed) *self)
{
	struct genl *g = genl_open();
	struct genl_chan c;

	ASSERT_NE(NULL, g);
	ASSERT_EQ(0, genl_get(g, NULL, self->id, &c));
	genl_close(g);
	EXPECT_EQ(0, c.msgs);
	EXPECT_EQ(0, c.bytes);
	EXPECT_EQ(self->last, c.stats[IPCCHAN_A_STATS_SENT]);
	EXPECT_EQ(self->last, c.stats[IPCCHAN_A_STATS_RECEIVED]);
	EXPECT_EQ(self->last * 4, c.stats[IPCCHAN_A_STATS_RECEIVED_BYTES]);
}

/*
 * The next one to look gets the message, before those that were sent after it
 * and although these have filled the queue.
 */
TEST_F_TIMEOUT(killed, put_back_in_order, 240)
{
	const uint32_t rounds = test_scale(200);
	uint32_t taken[WHENS] = { 0 }, back[WHENS] = { 0 };
	uint32_t i, v;

	for (i = 0; i < rounds; i++) {
		const enum when when = i % WHENS;
		const uint32_t first = self->last + 1;
		pid_t pid = start_receiver(self, 0, variant->batch);

		ASSERT_LT(0, pid);
		ASSERT_EQ(0, send_and_kill(self, pid, BURST, when));
		ASSERT_EQ(CHILD_SIGNALED + SIGKILL, child_wait(pid));
		if (self->got[0]) {
			ASSERT_EQ(first, self->got[0]);
			taken[when]++;
		} else {
			ASSERT_EQ(self->last - first + 1, chan_msgs(self->fd));
			back[when]++;
		}
		for (v = first + !!self->got[0]; v <= self->last; v++) {
			ASSERT_EQ(v, msg_recv_u32(self->fd));
		}
		ASSERT_EQ(0, chan_msgs(self->fd));
	}
	for (i = 0; i < WHENS; i++)
		TH_LOG("%u: %u taken, %u put back", i, taken[i], back[i]);
	EXPECT_LT(0, back[BEFORE] + back[AFTER]);
	EXPECT_LT(0, taken[DELIVERED]);
	EXPECT_EQ(0, back[DELIVERED]);
	expect_totals(_metadata, self);
}

/* One that waits in line behind the killed one is the next. */
TEST_F_TIMEOUT(killed, next_in_line_gets_it, 240)
{
	const uint32_t rounds = test_scale(100);
	uint32_t i, taken = 0, back = 0;

	for (i = 0; i < rounds; i++) {
		pid_t first = start_receiver(self, 0, variant->batch);
		pid_t second = start_receiver(self, 1, variant->batch);
		uint32_t v = self->last + 1;

		ASSERT_LT(0, first);
		ASSERT_LT(0, second);
		ASSERT_EQ(0, send_and_kill(self, first, 1, i % WHENS));
		ASSERT_EQ(CHILD_SIGNALED + SIGKILL, child_wait(first));
		if (self->got[0]) {
			ASSERT_EQ(v, self->got[0]);
			ASSERT_EQ(0, msg_send_u32(self->out, ++self->last));
			v++;
			taken++;
		} else {
			back++;
		}
		/* It need not be woken by anybody else. */
		ASSERT_TRUE(wait_got(self, 1));
		ASSERT_EQ(v, self->got[1]);
		child_kill(second);
		ASSERT_EQ(0, chan_msgs(self->fd));
	}
	TH_LOG("%u taken, %u put back", taken, back);
	EXPECT_LT(0, taken);
	EXPECT_LT(0, back);
	expect_totals(_metadata, self);
}

TEST_HARNESS_MAIN
