// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_OPT_HANGUP: a channel whose other side has gone; and without it nothing of it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

FIXTURE(hangup) {
	int rd;
	int wr;
};

FIXTURE_VARIANT(hangup) {
	uint32_t kind;
};

FIXTURE_VARIANT_ADD(hangup, queue) { IPCCHAN_KIND_QUEUE };
FIXTURE_VARIANT_ADD(hangup, broadcast) { IPCCHAN_KIND_BROADCAST };

FIXTURE_SETUP(hangup)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = variant->kind, .max_msgs = 2,
		.options = IPCCHAN_OPT_HANGUP,
	};
	struct ipcchan_info info;

	self->rd = chan_open(O_RDONLY, &a);
	ASSERT_LE(0, self->rd);
	self->wr = -1;
	ASSERT_EQ(0, chan_info(self->rd, &info));
	EXPECT_EQ(IPCCHAN_OPT_HANGUP, info.options);
}

FIXTURE_TEARDOWN(hangup)
{
	close(self->rd);
	close(self->wr);
}

static void writer_comes(struct __test_metadata *_metadata, FIXTURE_DATA(hangup) *self)
{
	self->wr = chan_peer(self->rd, O_WRONLY);
	ASSERT_LE(0, self->wr);
}

static void writer_goes(FIXTURE_DATA(hangup) *self)
{
	close(self->wr);
	self->wr = -1;
}

static void reader_goes(FIXTURE_DATA(hangup) *self)
{
	close(self->rd);
	self->rd = -1;
}

TEST_F(hangup, who_never_came_is_not_gone)
{
	char buf[8];

	EXPECT_EQ(0, poll_now(self->rd, POLLIN));
	ASSERT_EQ(0, set_nonblock(self->rd, true));
	EXPECT_EQ(-EAGAIN, msg_recv(self->rd, buf, 8));
	EXPECT_EQ(-EAGAIN, label_recv(self->rd, NULL, 0));
}

TEST_F(hangup, senders_gone)
{
	char buf[8];

	writer_comes(_metadata, self);
	ASSERT_EQ(0, msg_send_u32(self->wr, 1));
	ASSERT_EQ(0, msg_send_u32(self->wr, 2));
	EXPECT_EQ(POLLIN, poll_now(self->rd, POLLIN));
	writer_goes(self);
	/* First what they have sent. */
	EXPECT_EQ(POLLIN | POLLHUP, poll_now(self->rd, POLLIN));
	EXPECT_EQ(1, msg_recv_u32(self->rd));
	EXPECT_EQ(2, label_recv(self->rd, NULL, 0));
	EXPECT_EQ(POLLHUP, poll_now(self->rd, POLLIN));
	EXPECT_EQ(0, msg_recv(self->rd, buf, 8));
	EXPECT_EQ(0, msg_recv(self->rd, buf, 8));
	EXPECT_EQ(-ENODATA, label_recv(self->rd, NULL, 0));
	EXPECT_EQ(-ENODATA, label_recv(self->rd, NULL, IPCCHAN_XFER_NONBLOCK));
	/* Somebody is back. */
	writer_comes(_metadata, self);
	EXPECT_EQ(0, poll_now(self->rd, POLLIN));
	EXPECT_EQ(-EAGAIN, label_recv(self->rd, NULL, IPCCHAN_XFER_NONBLOCK));
	ASSERT_EQ(0, msg_send_u32(self->wr, 3));
	EXPECT_EQ(3, msg_recv_u32(self->rd));
}

TEST_F(hangup, the_last_of_several)
{
	int second;

	writer_comes(_metadata, self);
	second = chan_peer(self->rd, O_WRONLY);
	writer_goes(self);
	EXPECT_EQ(0, poll_now(self->rd, POLLIN));
	close(second);
	EXPECT_EQ(POLLHUP, poll_now(self->rd, POLLIN));
}

/* What a filter leaves is nothing to wait for. */
TEST_F(hangup, senders_gone_filter)
{
	writer_comes(_metadata, self);
	ASSERT_EQ(0, label_send(self->wr, 1, 0, 7, 0));
	ASSERT_EQ(0, chan_filter(self->rd, 8, 0));
	writer_goes(self);
	EXPECT_EQ(POLLHUP, poll_now(self->rd, POLLIN));
	EXPECT_EQ(-ENODATA, label_recv(self->rd, NULL, 0));
	ASSERT_EQ(0, chan_filter(self->rd, 7, 0));
	EXPECT_EQ(1, label_recv(self->rd, NULL, 0));
	EXPECT_EQ(-ENODATA, label_recv(self->rd, NULL, 0));
}

/* A child that has the reading end alone. */
static pid_t start_reader(FIXTURE_DATA(hangup) *self, bool by_read)
{
	pid_t pid = child_fork();
	char buf[8];

	if (pid == 0) {
		close(self->wr);
		if (by_read)
			_exit(msg_recv(self->rd, buf, 8) == 0 ? 0 : 1);
		_exit(label_recv(self->rd, NULL, 0) == -ENODATA ? 0 : 1);
	}
	return wait_blocked(pid, by_read ? SYS_read : SYS_ioctl) ? pid : -ETIMEDOUT;
}

TEST_F(hangup, senders_go_while_one_waits)
{
	struct epoll_event e[2] = { { .events = EPOLLIN }, { .events = 0 } };
	int in = epoll_create1(EPOLL_CLOEXEC), none = epoll_create1(EPOLL_CLOEXEC);
	pid_t first, second;

	writer_comes(_metadata, self);
	ASSERT_EQ(0, epoll_ctl(in, EPOLL_CTL_ADD, self->rd, &e[0]));
	ASSERT_EQ(0, epoll_ctl(none, EPOLL_CTL_ADD, self->rd, &e[1]));
	first = start_reader(self, true);
	second = start_reader(self, false);
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	EXPECT_EQ(0, epoll_wait(in, e, 1, 0));
	EXPECT_EQ(0, epoll_wait(none, e, 1, 0));
	writer_goes(self);
	EXPECT_EQ(0, child_wait(first));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(1, epoll_wait(in, e, 1, 1000));
	EXPECT_EQ(1, epoll_wait(none, e, 1, 1000));
	close(in);
	close(none);
}

static volatile sig_atomic_t pipes;

static void on_pipe(int signo)
{
	(void)signo;
	pipes++;
}

TEST_F(hangup, receivers_gone)
{
	struct sigaction sa = { .sa_handler = on_pipe };
	struct iovec iov = { .iov_base = "abcd", .iov_len = 4 };

	sigaction(SIGPIPE, &sa, NULL);
	writer_comes(_metadata, self);
	ASSERT_EQ(0, msg_send_u32(self->wr, 1));
	reader_goes(self);
	EXPECT_EQ(POLLOUT | POLLERR, poll_now(self->wr, POLLOUT));
	EXPECT_EQ(POLLERR, poll_now(self->wr, 0));
	EXPECT_EQ(-EPIPE, label_send(self->wr, 2, 0, 0, 0));
	EXPECT_EQ(-EPIPE, label_send(self->wr, 2, 3, 0, IPCCHAN_XFER_NONBLOCK));
	EXPECT_EQ(0, pipes);
	EXPECT_EQ(-EPIPE, msg_send_u32(self->wr, 2));
	EXPECT_EQ(1, pipes);
	EXPECT_EQ(-1, writev(self->wr, &iov, 1));
	EXPECT_EQ(EPIPE, errno);
	EXPECT_EQ(2, pipes);
	/* Somebody is back, and gets what was queued, if it is for anybody. */
	self->rd = chan_peer(self->wr, O_RDONLY);
	ASSERT_LE(0, self->rd);
	EXPECT_EQ(POLLOUT, poll_now(self->wr, POLLOUT));
	ASSERT_EQ(0, msg_send_u32(self->wr, 3));
	if (variant->kind == IPCCHAN_KIND_QUEUE) {
		EXPECT_EQ(1, msg_recv_u32(self->rd));
	}
	EXPECT_EQ(3, msg_recv_u32(self->rd));
	EXPECT_EQ(2, pipes);
}

TEST_F(hangup, sigpipe_kills)
{
	pid_t pid;

	writer_comes(_metadata, self);
	reader_goes(self);
	pid = child_fork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		msg_send_u32(self->wr, 1);
		_exit(0);
	}
	EXPECT_EQ(CHILD_SIGNALED + SIGPIPE, child_wait(pid));
}

TEST_F(hangup, receivers_go_while_one_waits)
{
	struct epoll_event e = { .events = 0 };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	pid_t pid;

	writer_comes(_metadata, self);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->wr, &e));
	ASSERT_EQ(0, msg_send_u32(self->wr, 1));
	ASSERT_EQ(0, msg_send_u32(self->wr, 2));
	pid = child_fork();
	if (pid == 0) {
		close(self->rd);
		_exit(-label_send(self->wr, 3, 0, 0, 0));
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_EQ(0, epoll_wait(ep, &e, 1, 0));
	reader_goes(self);
	EXPECT_EQ(EPIPE, child_wait(pid));
	EXPECT_EQ(1, epoll_wait(ep, &e, 1, 1000));
	close(ep);
}

/* One that holds both ends is its own other side. */
TEST_F(hangup, both_ends)
{
	int both = chan_peer(self->rd, O_RDWR | O_NONBLOCK);

	ASSERT_LE(0, both);
	reader_goes(self);
	EXPECT_EQ(0, msg_send_u32(both, 1));
	EXPECT_EQ(1, msg_recv_u32(both));
	EXPECT_EQ(-EAGAIN, msg_recv_u32(both));
	self->rd = chan_peer(both, O_RDONLY);
	close(both);
	EXPECT_EQ(POLLHUP, poll_now(self->rd, POLLIN));
}

TEST_F(hangup, not_without_the_option)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = variant->kind, .max_msgs = 8,
	};
	int rd, wr;

	reader_goes(self);
	rd = chan_open(O_RDONLY | O_NONBLOCK, &a);
	wr = chan_peer(rd, O_WRONLY | O_NONBLOCK);
	ASSERT_EQ(0, msg_send_u32(wr, 1));
	close(wr);
	EXPECT_EQ(POLLIN, poll_now(rd, POLLIN));
	EXPECT_EQ(1, msg_recv_u32(rd));
	EXPECT_EQ(0, poll_now(rd, POLLIN));
	EXPECT_EQ(-EAGAIN, msg_recv_u32(rd));
	wr = chan_peer(rd, O_WRONLY | O_NONBLOCK);
	close(rd);
	EXPECT_EQ(POLLOUT, poll_now(wr, POLLOUT));
	EXPECT_EQ(0, msg_send_u32(wr, 2));
	EXPECT_EQ(0, label_send(wr, 3, 0, 0, 0));
	close(wr);
}

TEST_HARNESS_MAIN
