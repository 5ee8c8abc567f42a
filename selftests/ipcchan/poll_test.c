// SPDX-License-Identifier: GPL-2.0
/* poll() and select(): what is ready, when, and whom it wakes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define WAIT_MS		10000

FIXTURE(poll) {
	int fd;		/* room for two messages */
};

FIXTURE_SETUP(poll)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };

	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(poll)
{
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

/*
 * A child that sleeps in ppoll() for @events and exits with revents.  One that
 * nobody wakes looks once more when its time is up: that does not count.
 */
static pid_t start_poller(int fd, short events)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		struct pollfd p = { .fd = fd, .events = events };
		struct timespec ts = { .tv_sec = WAIT_MS / 1000 };
		uint64_t end = now_ns() + WAIT_MS * 1000000ull;
		int n = ppoll(&p, 1, &ts, NULL);

		_exit(n == 1 && now_ns() < end ? p.revents : 255);
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
	EXPECT_EQ(POLLOUT, ready(fd));
	close(fd);
	EXPECT_EQ(0, chan_unlink(IPCCHAN_DEFAULT_NAME));
}

TEST_HARNESS_MAIN
