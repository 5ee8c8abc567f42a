// SPDX-License-Identifier: GPL-2.0
/* O_ASYNC: a signal for whoever does not want to wait or to ask. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "rpc.h"
#include "util.h"

#include "harness.h"

FIXTURE(sigio) {
	sigset_t set;
	int fd;		/* room for two messages */
	int nb;		/* another endpoint, that does not wait */
};

FIXTURE_SETUP(sigio)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };

	/* Taken by sigtimedwait(), so that none comes at the wrong moment. */
	sigemptyset(&self->set);
	sigaddset(&self->set, SIGRTMIN);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &self->set, NULL));
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->nb = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->nb);
}

FIXTURE_TEARDOWN(sigio)
{
	close(self->nb);
	close(self->fd);
}

/* A signal that is queued, and says of which descriptor and what. */
static int set_async(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (fcntl(fd, F_SETOWN, getpid()) || fcntl(fd, F_SETSIG, SIGRTMIN))
		return -errno;
	return fcntl(fd, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC) ? -errno : 0;
}

/* Return: what the next signal says of @fd, POLL_*; 0 if none comes in @ms. */
static int signalled(FIXTURE_DATA(sigio) *self, int fd, int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000l };
	siginfo_t info;
	int ret;

	do {
		ret = sigtimedwait(&self->set, &info, &ts);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return 0;
	return info.si_fd == fd ? info.si_code : -1;
}

#define SOON	5000	/* of what must come */

TEST_F(sigio, queue)
{
	ASSERT_EQ(0, msg_send_u32(self->nb, 1));
	ASSERT_EQ(0, set_async(self->fd, true));
	EXPECT_EQ(0, signalled(self, self->fd, 0));
	/* Each message is news, as for an edge-triggered poll. */
	ASSERT_EQ(0, msg_send_u32(self->nb, 2));
	EXPECT_EQ(POLL_IN, signalled(self, self->fd, SOON));
	EXPECT_EQ(-EAGAIN, msg_send_u32(self->nb, 3));
	EXPECT_EQ(0, signalled(self, self->fd, 0));
	/* And so is room where there was none. */
	EXPECT_EQ(1, msg_recv_u32(self->nb));
	EXPECT_EQ(POLL_OUT, signalled(self, self->fd, SOON));
	EXPECT_EQ(2, msg_recv_u32(self->nb));
	EXPECT_EQ(0, signalled(self, self->fd, 0));

	ASSERT_EQ(0, set_async(self->fd, false));
	ASSERT_EQ(0, msg_send_u32(self->nb, 4));
	EXPECT_EQ(0, signalled(self, self->fd, 0));
}

/* One for a batch; what goes to one who waits for it is nobody else's. */
TEST_F(sigio, batch_and_handover)
{
	uint32_t value[2] = { 1, 2 };
	struct ipcchan_msghdr h[2] = {
		{ .buf = (uintptr_t)&value[0], .len = 4 },
		{ .buf = (uintptr_t)&value[1], .len = 4 },
	};
	pid_t pid;

	ASSERT_EQ(0, set_async(self->fd, true));
	ASSERT_EQ(2, xfer_send(self->nb, h, 2, 0, -1));
	EXPECT_EQ(POLL_IN, signalled(self, self->fd, SOON));
	EXPECT_EQ(0, signalled(self, self->fd, 0));
	ASSERT_EQ(2, xfer_recv(self->nb, h, 2, 0, -1));
	EXPECT_EQ(POLL_OUT, signalled(self, self->fd, SOON));
	pid = child_recv(self->fd);
	ASSERT_LE(0, pid);
	ASSERT_EQ(0, msg_send_u32(self->nb, 9));
	EXPECT_EQ(9, child_wait(pid));
	EXPECT_EQ(0, signalled(self, self->fd, 0));
}

TEST_F(sigio, two_owners)
{
	int other = chan_peer(self->fd, O_RDONLY), got[2];

	ASSERT_EQ(0, set_async(self->fd, true));
	ASSERT_EQ(0, set_async(other, true));
	ASSERT_EQ(0, msg_send_u32(self->nb, 1));
	/* In whichever order. */
	got[0] = signalled(self, self->fd, SOON);
	got[1] = signalled(self, got[0] == POLL_IN ? other : self->fd, SOON);
	EXPECT_EQ(POLL_IN, got[1]);
	EXPECT_EQ(1, msg_recv_u32(self->nb));
	/* A descriptor that is closed is out of it. */
	close(other);
	ASSERT_EQ(0, msg_send_u32(self->nb, 2));
	EXPECT_EQ(POLL_IN, signalled(self, self->fd, SOON));
	EXPECT_EQ(0, signalled(self, other, 0));
}

TEST_F(sigio, subscriber)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
	};
	int wr = chan_open(O_WRONLY, &a);
	int sub = chan_peer(wr, O_RDONLY), other = chan_peer(wr, O_RDONLY);

	ASSERT_LE(0, sub);
	ASSERT_EQ(0, set_async(sub, true));
	ASSERT_EQ(0, msg_send_u32(wr, 1));
	EXPECT_EQ(POLL_IN, signalled(self, sub, SOON));
	EXPECT_EQ(0, signalled(self, sub, 0));
	EXPECT_EQ(1, msg_recv_u32(sub));
	/* Not of what it does not want. */
	ASSERT_EQ(0, chan_filter(sub, -1, 2));
	while (signalled(self, sub, 0))
		;
	ASSERT_EQ(0, label_send(wr, 2, 1, 0, 0));
	EXPECT_EQ(0, signalled(self, sub, 0));
	ASSERT_EQ(0, label_send(wr, 3, 2, 0, 0));
	EXPECT_EQ(POLL_IN, signalled(self, sub, SOON));
	EXPECT_EQ(3, msg_recv_u32(sub));
	EXPECT_EQ(3, chan_msgs(other));
	close(sub);
	close(other);
	close(wr);
}

/* It has room again for what it held up. */
TEST_F(sigio, publisher)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST, .max_msgs = 1,
	};
	int wr = chan_open(O_WRONLY | O_NONBLOCK, &a);
	int sub = chan_peer(wr, O_RDONLY);

	ASSERT_LE(0, sub);
	ASSERT_EQ(0, set_async(wr, true));
	ASSERT_EQ(0, msg_send_u32(wr, 1));
	EXPECT_EQ(0, signalled(self, wr, 0));
	EXPECT_EQ(1, msg_recv_u32(sub));
	EXPECT_EQ(POLL_OUT, signalled(self, wr, SOON));
	close(sub);
	close(wr);
}

TEST_F(sigio, server)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC,
	};
	int wr = chan_open(O_WRONLY, &a);
	int server = chan_peer(wr, O_RDONLY);
	struct taken t;
	pid_t pid;

	ASSERT_LE(0, server);
	ASSERT_EQ(0, set_async(server, true));
	pid = start_call(wr, 7, 0);
	ASSERT_LE(0, pid);
	EXPECT_EQ(POLL_IN, signalled(self, server, SOON));
	EXPECT_EQ(POLLIN, poll_now(server, POLLIN));
	ASSERT_EQ(1, rpc_take(server, &t, IPCCHAN_SERVE_NONBLOCK));
	EXPECT_EQ(7, t.value);
	EXPECT_EQ(0, rpc_reply(server, t.call, 8));
	EXPECT_EQ(8, child_wait(pid));
	EXPECT_EQ(0, signalled(self, server, 0));
	close(server);
	close(wr);
}

/* The other side has gone: POLL_HUP. */
TEST_F(sigio, hangup)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .options = IPCCHAN_OPT_HANGUP,
	};
	int wr = chan_open(O_WRONLY, &a);
	int rd = chan_peer(wr, O_RDONLY);

	ASSERT_LE(0, rd);
	ASSERT_EQ(0, set_async(rd, true));
	EXPECT_EQ(0, signalled(self, rd, 0));
	close(wr);
	EXPECT_EQ(POLL_HUP, signalled(self, rd, SOON));
	close(rd);
}

TEST_HARNESS_MAIN
