// SPDX-License-Identifier: GPL-2.0
/*
 * As nomem_test.c, of events: who listens gets the one that belongs to a call, or is told
 * that something was lost, and the call goes on as if nobody listened.
 */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bell.h"
#include "event.h"
#include "genl.h"
#include "nomem.h"
#include "param.h"
#include "util.h"

#define NO_ANSWER	(-EIO)	/* as genl_talk() says it */
#define STEPS		200	/* more than a process that is killed goes through */

FIXTURE(nomem) {
	struct events *all;
	struct genl *g;
	struct nl_msg *msg;
	int nth;		/* of nomem_open() */
	int fd;
	int peer;		/* another endpoint */
	uint32_t what;		/* the event that belongs to the call */
	uint32_t kind;
	int users;		/* that have been refused something */
	int seen[IPCCHAN_EVENT_CORRUPT + 1];
	bool lost;
};

/* Those that have come */
static void take_events(FIXTURE_DATA(nomem) *self)
{
	struct event e;
	int ret;

	memset(self->seen, 0, sizeof(self->seen));
	self->lost = false;
	do {
		ret = events_next(self->all, &e, 0);
		if (ret == -ENOBUFS)
			self->lost = true;
		else if (!ret && e.what < ARRAY_SIZE(self->seen))
			self->seen[e.what]++;
	} while (ret != -ETIMEDOUT);
}

FIXTURE_SETUP(nomem)
{
	self->nth = nomem_open();
	self->fd = -1;
	self->peer = -1;
	if (self->nth < 0)
		return;
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->all = events_open();
	ASSERT_NE(NULL, self->all);
}

FIXTURE_TEARDOWN(nomem)
{
	param_restore();
	chan_unlink("c");
	events_close(self->all);
}

/* No channel, and no news */
static void prepare_none(FIXTURE_DATA(nomem) *self)
{
	close(self->fd);
	close(self->peer);
	self->fd = -1;
	self->peer = -1;
	chan_unlink("c");
	take_events(self);
}

/* A channel for two messages */
static void prepare_chan(FIXTURE_DATA(nomem) *self)
{
	bool broadcast = self->kind == IPCCHAN_KIND_BROADCAST;
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .name = "c", .kind = self->kind,
		.slow = broadcast ? IPCCHAN_SLOW_DROP_OLDEST : 0, .max_msgs = 2,
		.buf_size = 4096,
	};

	prepare_none(self);
	self->fd = chan_open((broadcast ? O_WRONLY : O_RDWR) | O_NONBLOCK, &a);
	self->peer = chan_peer(self->fd, O_RDONLY | O_NONBLOCK);
	if (self->peer < 0)
		abort();
	take_events(self);
}

/*
 * One that has come tells of what was done; what was not done is not told of.  A channel
 * that could not be had after all may be told to have come, and to have gone; who is
 * attached, and only then told EFAULT, is.
 */
static int check(FIXTURE_DATA(nomem) *self, int ret)
{
	const int *seen = self->seen;

	take_events(self);
	if (self->lost)
		return 0;
	if (ret >= 0)
		return seen[self->what] != 1;
	if (ret == -EFAULT && seen[IPCCHAN_EVENT_ATTACHED])
		return seen[IPCCHAN_EVENT_DETACHED] != 1;
	if (seen[IPCCHAN_EVENT_CREATED] != seen[IPCCHAN_EVENT_DELETED])
		return 2;
	return self->what != IPCCHAN_EVENT_CREATED && seen[self->what];
}

static void every_news(struct __test_metadata *_metadata, FIXTURE_DATA(nomem) *self,
		       uint32_t what, const struct op *op)
{
	self->what = what;
	every_failure_or(_metadata, self, self->nth, op, 0, NO_ANSWER);
}

static int call_create(FIXTURE_DATA(nomem) *self)
{
	self->fd = chan_named("c", O_RDWR, IPCCHAN_ATTACH_CREATE);
	return self->fd;
}

static int check_create(FIXTURE_DATA(nomem) *self, int ret)
{
	int err = check(self, ret);

	prepare_none(self);
	return err;
}

static int call_attach(FIXTURE_DATA(nomem) *self)
{
	int fd = chan_peer(self->fd, O_RDWR);

	if (fd >= 0)
		close(fd);
	return fd;
}

static int call_unlink(FIXTURE_DATA(nomem) *self)
{
	(void)self;
	return chan_unlink("c");
}

static int call_close(FIXTURE_DATA(nomem) *self)
{
	return close(self->peer) ? -errno : 0;
}

TEST_F(nomem, life)
{
	const struct op create = { prepare_none, call_create, check_create };
	const struct op attach = { prepare_chan, call_attach, check };
	const struct op delete = { prepare_chan, call_unlink, check };
	const struct op detach = { prepare_chan, call_close, check };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_news(_metadata, self, IPCCHAN_EVENT_CREATED, &create);
	every_news(_metadata, self, IPCCHAN_EVENT_ATTACHED, &attach);
	every_news(_metadata, self, IPCCHAN_EVENT_DELETED, &delete);
	every_news(_metadata, self, IPCCHAN_EVENT_DETACHED, &detach);
}

static void prepare_change(FIXTURE_DATA(nomem) *self)
{
	prepare_chan(self);
	genl_close(self->g);
	self->g = genl_open();
	self->msg = genl_msg(self->g, IPCCHAN_CMD_SET, 0);
	nla_put_string(self->msg, IPCCHAN_A_NAME, "c");
	nla_put_u32(self->msg, IPCCHAN_A_MAX_MSGS, 9);
}

static int call_change(FIXTURE_DATA(nomem) *self)
{
	return genl_talk(self->g, self->msg, NULL, 0);
}

/* There may be no memory to say in that it is changed. */
static int check_change(FIXTURE_DATA(nomem) *self, int ret)
{
	struct ipcchan_info info;

	if (chan_info(self->fd, &info))
		return 3;
	return check(self, ret == NO_ANSWER && info.max_msgs == 9 ? 0 : ret);
}

TEST_F(nomem, change)
{
	const struct op op = { prepare_change, call_change, check_change };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_news(_metadata, self, IPCCHAN_EVENT_CHANGED, &op);
	genl_close(self->g);
}

static void prepare_fill(FIXTURE_DATA(nomem) *self)
{
	prepare_chan(self);
	if (msg_send_u32(self->fd, 1) || msg_send_u32(self->fd, 2))
		abort();
	take_events(self);
}

/* One too many */
static int call_send(FIXTURE_DATA(nomem) *self)
{
	int ret = msg_send_u32(self->fd, 3);

	return ret == -EAGAIN ? 0 : ret;
}

static void prepare_drain(FIXTURE_DATA(nomem) *self)
{
	prepare_fill(self);
	if (call_send(self) || msg_recv_u32(self->peer) != 1)
		abort();
	take_events(self);
}

static int call_recv(FIXTURE_DATA(nomem) *self)
{
	return msg_recv_u32(self->peer);
}

/* What could not be delivered has been out of the queue for a moment.  It is told once. */
static int check_drain(FIXTURE_DATA(nomem) *self, int ret)
{
	int told;

	take_events(self);
	told = self->seen[IPCCHAN_EVENT_DRAINED];
	if (self->lost || ret >= 0)
		return !self->lost && told != 1;
	if (call_recv(self) != 2)
		return 2;
	take_events(self);
	return told + self->seen[IPCCHAN_EVENT_DRAINED] != 1;
}

TEST_F(nomem, full_and_drained)
{
	const struct op full = { prepare_fill, call_send, check };
	const struct op drained = { prepare_drain, call_recv, check_drain };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_news(_metadata, self, IPCCHAN_EVENT_FULL, &full);
	every_news(_metadata, self, IPCCHAN_EVENT_DRAINED, &drained);
}

static int call_publish(FIXTURE_DATA(nomem) *self)
{
	return msg_send_u32(self->fd, 3);
}

/* The subscriber has lost one for it, or nothing. */
static int check_lagging(FIXTURE_DATA(nomem) *self, int ret)
{
	return check(self, ret) || msg_recv_u32(self->peer) != (ret ? 1 : 2);
}

TEST_F(nomem, lagging)
{
	const struct op op = { prepare_fill, call_publish, check_lagging };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	self->kind = IPCCHAN_KIND_BROADCAST;
	every_news(_metadata, self, IPCCHAN_EVENT_LAGGING, &op);
}

static int call_report(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_report r = { .offset = 64 };

	return do_ioctl(self->fd, IPCCHAN_IOC_REPORT, &r);
}

/* One that was not taken may be made again at once. */
static int check_report(FIXTURE_DATA(nomem) *self, int ret)
{
	int err = check(self, ret);

	if (err || ret >= 0)
		return err;
	return call_report(self) || check(self, 0);
}

TEST_F(nomem, corrupt)
{
	const struct op op = { prepare_chan, call_report, check_report };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_news(_metadata, self, IPCCHAN_EVENT_CORRUPT, &op);
}

/* Of one user it is told once a second. */
static void prepare_quota(FIXTURE_DATA(nomem) *self)
{
	prepare_chan(self);
	seteuid_or_abort(OTHER_ID + ++self->users);
}

static int call_watch(FIXTURE_DATA(nomem) *self)
{
	int ret = watch(self->fd, 8, 1);

	return ret == -EDQUOT ? 0 : ret;
}

static int check_quota(FIXTURE_DATA(nomem) *self, int ret)
{
	seteuid_or_abort(0);
	return check(self, ret);
}

TEST_F(nomem, quota)
{
	const struct op op = { prepare_quota, call_watch, check_quota };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	ASSERT_EQ(0, param_set("user_ears", 0));
	every_news(_metadata, self, IPCCHAN_EVENT_QUOTA, &op);
}

/*
 * A child that fails in step @n, and is killed.  Return: whether it has come to that step;
 * what is left to go to it is to be read as long as the child is not reaped.
 */
static bool killed_in(FIXTURE_DATA(nomem) *self, int n)
{
	char path[40], text[16] = "";
	pid_t pid = child_fork();
	siginfo_t info;
	int fd;

	if (pid == 0) {
		fd = nomem_open();
		if (chan_peer(self->fd, O_RDONLY) < 0 || nomem_arm(fd, n))
			_exit(1);
		raise(SIGKILL);
	}
	snprintf(path, sizeof(path), "/proc/%d/fail-nth", pid);
	if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		abort();
	close(fd);
	return child_wait(pid) == CHILD_SIGNALED + SIGKILL && atoi(text) == 0;
}

TEST_F(nomem, peer_died)
{
	int n;

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	prepare_chan(self);
	self->what = IPCCHAN_EVENT_PEER_DIED;
	for (n = 1; killed_in(self, n) && n < STEPS; n++)
		ASSERT_EQ(0, check(self, 0)) TH_LOG("in step %d", n);
	TH_LOG("%d steps", n - 1);
	EXPECT_LT(1, n);
	EXPECT_GT(STEPS, n);
	ASSERT_EQ(0, check(self, 0));
}

TEST_HARNESS_MAIN
