// SPDX-License-Identifier: GPL-2.0
/* poll(), select() and epoll: what is ready, when, and whom it wakes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#include "kselftest_harness.h"

#define WAIT_MS		10000

FIXTURE(poll) {
	int fd;		/* room for two messages */
	int ep;
};

FIXTURE_SETUP(poll)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };

	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->ep = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->ep);
}

FIXTURE_TEARDOWN(poll)
{
	close(self->ep);
	close(self->fd);
}

static short ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP };
	int n = poll(&p, 1, 0);

	return n < 0 ? -1 : p.revents;
}

TEST_F(poll, levels)
{
	EXPECT_EQ(POLLOUT, ready(self->fd));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(POLLIN | POLLOUT, ready(self->fd));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	EXPECT_EQ(POLLIN, ready(self->fd));
	ASSERT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(POLLIN | POLLOUT, ready(self->fd));
	ASSERT_EQ(2, msg_recv_u32(self->fd));
	EXPECT_EQ(POLLOUT, ready(self->fd));
}

TEST_F(poll, full_by_bytes)
{
	struct ipcchan_attach limits = { .max_bytes = 8, .max_msg_size = 8 };
	int fd = chan_anon(&limits);

	ASSERT_LE(0, fd);
	ASSERT_EQ(8, msg_send(fd, "12345678", 8));
	EXPECT_EQ(POLLIN, ready(fd));
	close(fd);
}

TEST_F(poll, roles)
{
	int rd = chan_peer(self->fd, O_RDONLY);
	int wr = chan_peer(self->fd, O_WRONLY);

	ASSERT_LE(0, rd);
	ASSERT_LE(0, wr);
	EXPECT_EQ(0, ready(rd));
	EXPECT_EQ(POLLOUT, ready(wr));
	ASSERT_EQ(0, msg_send_u32(wr, 1));
	EXPECT_EQ(POLLIN, ready(rd));
	EXPECT_EQ(POLLOUT, ready(wr));
	ASSERT_EQ(0, msg_send_u32(wr, 2));
	EXPECT_EQ(POLLIN, ready(rd));
	EXPECT_EQ(0, ready(wr));
	close(rd);
	close(wr);
}

TEST_F(poll, select)
{
	struct timeval now = { 0 };
	fd_set in, out;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(self->fd, &in);
	FD_SET(self->fd, &out);
	EXPECT_EQ(1, select(self->fd + 1, &in, &out, NULL, &now));
	EXPECT_FALSE(FD_ISSET(self->fd, &in));
	EXPECT_TRUE(FD_ISSET(self->fd, &out));

	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	FD_SET(self->fd, &in);
	FD_SET(self->fd, &out);
	EXPECT_EQ(1, select(self->fd + 1, &in, &out, NULL, &now));
	EXPECT_TRUE(FD_ISSET(self->fd, &in));
	EXPECT_FALSE(FD_ISSET(self->fd, &out));
}

/* A child that sleeps in ppoll() for @events and exits with revents. */
static pid_t start_poller(int fd, short events)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		struct pollfd p = { .fd = fd, .events = events };
		struct timespec ts = { .tv_sec = WAIT_MS / 1000 };

		_exit(ppoll(&p, 1, &ts, NULL) == 1 ? p.revents : 255);
	}
	return pid;
}

TEST_F(poll, sleeper_woken_by_send)
{
	pid_t pid = start_poller(self->fd, POLLIN);

	ASSERT_TRUE(wait_blocked(pid, SYS_ppoll));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(POLLIN, child_wait(pid));
	EXPECT_EQ(1, chan_msgs(self->fd));
}

TEST_F(poll, sleeper_woken_by_receive)
{
	pid_t pid;

	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	pid = start_poller(self->fd, POLLOUT);
	ASSERT_TRUE(wait_blocked(pid, SYS_ppoll));
	ASSERT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(POLLOUT, child_wait(pid));
}

/* One receives, one only looks: both must hear of what concerns them. */
TEST_F(poll, sleeper_beside_a_receiver)
{
	pid_t reader, poller;

	reader = child_fork();
	ASSERT_LE(0, reader);
	if (reader == 0)
		_exit(msg_recv_u32(self->fd));
	ASSERT_TRUE(wait_blocked(reader, SYS_read));
	poller = start_poller(self->fd, POLLIN);
	ASSERT_TRUE(wait_blocked(poller, SYS_ppoll));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(1, child_wait(reader));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	EXPECT_EQ(POLLIN, child_wait(poller));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
}

/*
 * A message that a sleeping receiver refuses (too little room) is in the queue
 * after all: a poller must be told.
 */
TEST_F(poll, refused_message_wakes_poller)
{
	pid_t reader, poller;
	char buf[2];

	reader = child_fork();
	ASSERT_LE(0, reader);
	if (reader == 0)
		_exit(-msg_recv(self->fd, buf, sizeof(buf)));
	ASSERT_TRUE(wait_blocked(reader, SYS_read));
	poller = start_poller(self->fd, POLLIN);
	ASSERT_TRUE(wait_blocked(poller, SYS_ppoll));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(EMSGSIZE, child_wait(reader));
	EXPECT_EQ(POLLIN, child_wait(poller));
	EXPECT_EQ(1, msg_recv_u32(self->fd));
}

/* Likewise when the sleeper's buffer turns out to be bad. */
TEST_F(poll, faulted_message_wakes_poller)
{
	char *bad = bad_page();
	pid_t reader, poller;

	reader = child_fork();
	ASSERT_LE(0, reader);
	if (reader == 0)
		_exit(-msg_recv(self->fd, bad, 16));
	ASSERT_TRUE(wait_blocked(reader, SYS_read));
	poller = start_poller(self->fd, POLLIN);
	ASSERT_TRUE(wait_blocked(poller, SYS_ppoll));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(EFAULT, child_wait(reader));
	EXPECT_EQ(POLLIN, child_wait(poller));
	EXPECT_EQ(1, msg_recv_u32(self->fd));
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

TEST_F(poll, epoll_level)
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

TEST_F(poll, epoll_edge_in)
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

TEST_F(poll, epoll_edge_out)
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

TEST_F(poll, epoll_exclusive)
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

/* The watch goes with the descriptor; the channel and its peers do not care. */
TEST_F(poll, epoll_close)
{
	int peer = chan_peer(self->fd, O_RDWR);

	ASSERT_LE(0, peer);
	watch(_metadata, self->ep, peer, EPOLLIN);
	close(peer);
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(0, events(self->ep, 20));
}

TEST_F(poll, unattached)
{
	int fd;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	fd = dev_open(O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, ready(fd));
	close(fd);
	fd = dev_open(O_WRONLY);
	ASSERT_LE(0, fd);
	watch(_metadata, self->ep, fd, EPOLLOUT);
	EXPECT_EQ(EPOLLOUT, events(self->ep, 0));
	close(fd);
	EXPECT_EQ(0, chan_unlink(IPCCHAN_DEFAULT_NAME));
}

TEST_HARNESS_MAIN
