// SPDX-License-Identifier: GPL-2.0
/* epoll: level and edge, one of several sleepers, a watch and its descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define WAIT_MS		10000

FIXTURE(epoll) {
	int fd;		/* room for two messages */
	int ep;
};

FIXTURE_SETUP(epoll)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };

	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->ep = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->ep);
}

FIXTURE_TEARDOWN(epoll)
{
	close(self->ep);
	close(self->fd);
}

static void watch(struct __test_metadata *_metadata, int ep, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
}

/* What epoll_wait() reports of the one descriptor watched, 0 for nothing. */
static uint32_t events(int ep, int ms)
{
	struct epoll_event ev;

	return epoll_wait(ep, &ev, 1, ms) == 1 ? ev.events : 0;
}

TEST_F(epoll, level)
{
	watch(_metadata, self->ep, self->fd, EPOLLIN | EPOLLOUT);
	EXPECT_EQ(EPOLLOUT, events(self->ep, 0));
	EXPECT_EQ(EPOLLOUT, events(self->ep, 0));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	EXPECT_EQ(EPOLLIN, events(self->ep, WAIT_MS));
	EXPECT_EQ(EPOLLIN, events(self->ep, 0));
	ASSERT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(EPOLLIN | EPOLLOUT, events(self->ep, WAIT_MS));
	ASSERT_EQ(2, msg_recv_u32(self->fd));
	EXPECT_EQ(EPOLLOUT, events(self->ep, WAIT_MS));
}

TEST_F(epoll, edge_in)
{
	watch(_metadata, self->ep, self->fd, EPOLLIN | EPOLLET);
	EXPECT_EQ(0, events(self->ep, 0));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(EPOLLIN, events(self->ep, WAIT_MS));
	EXPECT_EQ(0, events(self->ep, 0));
	ASSERT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(0, events(self->ep, 0));
	/* Empty to non-empty once more. */
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	EXPECT_EQ(EPOLLIN, events(self->ep, WAIT_MS));
	EXPECT_EQ(0, events(self->ep, 0));
}

TEST_F(epoll, edge_out)
{
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	watch(_metadata, self->ep, self->fd, EPOLLOUT | EPOLLET);
	EXPECT_EQ(0, events(self->ep, 0));
	ASSERT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(EPOLLOUT, events(self->ep, WAIT_MS));
	EXPECT_EQ(0, events(self->ep, 0));
	ASSERT_EQ(0, msg_send_u32(self->fd, 3));
	EXPECT_EQ(0, events(self->ep, 0));
	ASSERT_EQ(2, msg_recv_u32(self->fd));
	EXPECT_EQ(EPOLLOUT, events(self->ep, WAIT_MS));
}

/* A child that sleeps in epoll_pwait() on an EPOLLEXCLUSIVE watch of its own. */
static pid_t start_exclusive(int fd)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	pid_t pid = child_fork();

	if (pid == 0) {
		int ep = epoll_create1(0);

		if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
			_exit(254);
		if (epoll_pwait(ep, &ev, 1, WAIT_MS, NULL) != 1)
			_exit(253);
		_exit(msg_recv_u32(fd));
	}
	return pid;
}

TEST_F(epoll, exclusive)
{
	unsigned int seen = 0;
	pid_t pid[2];
	int i;

	ASSERT_EQ(0, set_nonblock(self->fd, true));
	for (i = 0; i < 2; i++) {
		pid[i] = start_exclusive(self->fd);
		ASSERT_TRUE(wait_blocked(pid[i], SYS_epoll_pwait));
	}
	/* Empty to non-empty, twice: one of them for each. */
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	while (chan_msgs(self->fd))
		sleep_ms(1);
	EXPECT_TRUE(is_blocked(pid[0], SYS_epoll_pwait) ||
		    is_blocked(pid[1], SYS_epoll_pwait));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	for (i = 0; i < 2; i++)
		seen |= child_wait(pid[i]);
	EXPECT_EQ(1 | 2, seen);
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/*
 * Two messages before anybody had the CPU to look: there is one for each of the
 * two sleepers, and neither may sleep on beside it.  A pipe wakes both.
 */
TEST_F(epoll, exclusive_burst)
{
	struct sched_param first = { .sched_priority = 1 };
	unsigned int seen = 0;
	pid_t pid[2];
	int i;

	ASSERT_EQ(0, set_nonblock(self->fd, true));
	stay_on_cpu();
	for (i = 0; i < 2; i++) {
		pid[i] = start_exclusive(self->fd);
		ASSERT_TRUE(wait_blocked(pid[i], SYS_epoll_pwait));
	}
	if (sched_setscheduler(0, SCHED_FIFO, &first)) {
		child_kill(pid[0]);
		child_kill(pid[1]);
		SKIP(return, "must be allowed to run before all others");
	}
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	for (i = 0; i < 2; i++)
		seen |= child_wait(pid[i]);
	EXPECT_EQ(1 | 2, seen);
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/* The watch goes with the descriptor; the channel and its peers do not care. */
TEST_F(epoll, close)
{
	int peer = chan_peer(self->fd, O_RDWR);

	ASSERT_LE(0, peer);
	watch(_metadata, self->ep, peer, EPOLLIN);
	close(peer);
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(0, events(self->ep, 20));
}

TEST_F(epoll, unattached)
{
	int fd;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	fd = dev_open(O_WRONLY);
	ASSERT_LE(0, fd);
	watch(_metadata, self->ep, fd, EPOLLOUT);
	EXPECT_EQ(EPOLLOUT, events(self->ep, 0));
	close(fd);
	EXPECT_EQ(0, chan_unlink(IPCCHAN_DEFAULT_NAME));
}

TEST_HARNESS_MAIN
