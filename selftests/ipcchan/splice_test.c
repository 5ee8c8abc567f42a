// SPDX-License-Identifier: GPL-2.0
/* Messages out of the channel into a pipe, without a buffer of the caller's. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define PAGE	4096

FIXTURE(splice) {
	int fd;		/* a channel */
	int nb;		/* another endpoint, that does not wait */
	int pipe[2];
	char buf[20000];
};

FIXTURE_SETUP(splice)
{
	self->fd = chan_anon(NULL);
	ASSERT_LE(0, self->fd);
	self->nb = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->nb);
	ASSERT_EQ(0, pipe2(self->pipe, O_NONBLOCK));
}

FIXTURE_TEARDOWN(splice)
{
	close(self->pipe[0]);
	close(self->pipe[1]);
	close(self->nb);
	close(self->fd);
}

static ssize_t out_of(int fd, int to, size_t len)
{
	ssize_t ret = splice(fd, NULL, to, NULL, len, 0);

	return ret < 0 ? -errno : ret;
}

/* One message a call, however much room there is. */
TEST_F(splice, one_by_one)
{
	char buf[16];

	ASSERT_EQ(5, msg_send(self->nb, "first", 5));
	ASSERT_EQ(6, msg_send(self->nb, "second", 6));
	EXPECT_EQ(5, out_of(self->nb, self->pipe[1], PAGE));
	EXPECT_EQ(1, chan_msgs(self->fd));
	EXPECT_EQ(6, out_of(self->nb, self->pipe[1], PAGE));
	EXPECT_EQ(0, chan_msgs(self->fd));
	EXPECT_EQ(11, read(self->pipe[0], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "firstsecond", 11));
	EXPECT_EQ(-EAGAIN, out_of(self->nb, self->pipe[1], PAGE));
}

TEST_F(splice, several_pages)
{
	const size_t len = sizeof(self->buf);
	static char back[sizeof(self->buf)];
	size_t i, got;
	ssize_t ret;

	for (i = 0; i < len; i++)
		self->buf[i] = i * 31 >> 5;
	ASSERT_EQ(len, msg_send(self->nb, self->buf, len));
	EXPECT_EQ(len, chan_next(self->fd));
	EXPECT_EQ(len, out_of(self->nb, self->pipe[1], len + PAGE));
	for (got = 0; got < len; got += ret) {
		ret = read(self->pipe[0], back + got, len - got);
		ASSERT_LT(0, ret);
	}
	EXPECT_EQ(0, memcmp(self->buf, back, len));
}

/* It stays where it is, whole. */
TEST_F(splice, too_little_room)
{
	ASSERT_EQ(300, msg_send(self->nb, self->buf, 300));
	EXPECT_EQ(-EMSGSIZE, out_of(self->nb, self->pipe[1], 299));
	EXPECT_EQ(300, chan_next(self->fd));
	EXPECT_EQ(-1, read(self->pipe[0], self->buf, sizeof(self->buf)));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(300, out_of(self->nb, self->pipe[1], 300));
}

/* Of two pages' room in the pipe, and a message of three. */
TEST_F(splice, small_pipe)
{
	ASSERT_EQ(2 * PAGE, fcntl(self->pipe[1], F_SETPIPE_SZ, 2 * PAGE));
	ASSERT_EQ(3 * PAGE, msg_send(self->nb, self->buf, 3 * PAGE));
	EXPECT_EQ(-EMSGSIZE, out_of(self->nb, self->pipe[1], sizeof(self->buf)));
	EXPECT_EQ(3 * PAGE, chan_next(self->fd));
	EXPECT_EQ(3 * PAGE, msg_recv(self->nb, self->buf, sizeof(self->buf)));
}

/* The pipe is full: the message waits in the channel. */
TEST_F(splice, full_pipe)
{
	while (write(self->pipe[1], self->buf, PAGE) > 0)
		;
	ASSERT_EQ(4, msg_send(self->nb, "wait", 4));
	EXPECT_EQ(-EAGAIN, out_of(self->nb, self->pipe[1], PAGE));
	EXPECT_EQ(1, chan_msgs(self->fd));
	ASSERT_EQ(PAGE, read(self->pipe[0], self->buf, PAGE));
	EXPECT_EQ(4, out_of(self->nb, self->pipe[1], PAGE));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

TEST_F(splice, waits)
{
	pid_t pid = child_fork();
	char buf[4];

	if (pid == 0)
		_exit(out_of(self->fd, self->pipe[1], PAGE));
	ASSERT_TRUE(wait_blocked(pid, SYS_splice));
	ASSERT_EQ(4, msg_send(self->nb, "then", 4));
	EXPECT_EQ(4, child_wait(pid));
	EXPECT_EQ(4, read(self->pipe[0], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "then", 4));
}

/* The same message into a file and on to whoever reads the pipe. */
TEST_F(splice, tee)
{
	int file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), copy[2];
	char buf[16];

	ASSERT_LE(0, file);
	ASSERT_EQ(0, pipe2(copy, O_NONBLOCK));
	ASSERT_EQ(7, msg_send(self->nb, "for two", 7));
	ASSERT_EQ(7, out_of(self->nb, self->pipe[1], PAGE));
	EXPECT_EQ(7, tee(self->pipe[0], copy[1], PAGE, SPLICE_F_NONBLOCK));
	EXPECT_EQ(7, out_of(self->pipe[0], file, PAGE));
	EXPECT_EQ(7, read(copy[0], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "for two", 7));
	EXPECT_EQ(7, pread(file, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "for two", 7));
	close(copy[0]);
	close(copy[1]);
	close(file);
}

/* What a subscriber has spliced others still have. */
TEST_F(splice, subscriber)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
	};
	int wr = chan_open(O_WRONLY, &a), sub[2];
	char buf[16];

	ASSERT_LE(0, wr);
	sub[0] = chan_peer(wr, O_RDONLY | O_NONBLOCK);
	sub[1] = chan_peer(wr, O_RDONLY | O_NONBLOCK);
	ASSERT_EQ(4, msg_send(wr, "news", 4));
	EXPECT_EQ(4, out_of(sub[0], self->pipe[1], PAGE));
	EXPECT_EQ(4, msg_recv(sub[1], buf, sizeof(buf)));
	EXPECT_EQ(4, read(self->pipe[0], buf, sizeof(buf)));
	EXPECT_EQ(-EAGAIN, out_of(sub[0], self->pipe[1], PAGE));
	close(sub[0]);
	close(sub[1]);
	close(wr);
}

TEST_F(splice, refused)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC,
	};
	int wr = chan_peer(self->fd, O_WRONLY), rpc = chan_open(O_RDWR, &a);

	ASSERT_EQ(4, msg_send(self->nb, "mine", 4));
	EXPECT_EQ(-EBADF, out_of(wr, self->pipe[1], PAGE));
	EXPECT_EQ(-EOPNOTSUPP, out_of(rpc, self->pipe[1], PAGE));
	EXPECT_EQ(1, chan_msgs(self->fd));
	close(wr);
	close(rpc);
}

/* FIONREAD tells of the next one: of what the filter lets through, the highest first. */
TEST_F(splice, next)
{
	struct ipcchan_msghdr h = { .buf = (uintptr_t)self->buf, .len = 30, .prio = 3 };

	EXPECT_EQ(0, chan_next(self->fd));
	ASSERT_EQ(10, msg_send(self->nb, self->buf, 10));
	ASSERT_EQ(20, msg_send(self->nb, self->buf, 20));
	EXPECT_EQ(10, chan_next(self->fd));
	ASSERT_EQ(1, xfer_send(self->nb, &h, 1, 0, -1));
	EXPECT_EQ(30, chan_next(self->fd));
	h.prio = 0;
	h.type = 5;
	h.len = 40;
	ASSERT_EQ(1, xfer_send(self->nb, &h, 1, 0, -1));
	ASSERT_EQ(0, chan_filter(self->fd, 5, 0));
	EXPECT_EQ(40, chan_next(self->fd));
	EXPECT_EQ(30, chan_next(self->nb));
	EXPECT_EQ(40, out_of(self->fd, self->pipe[1], PAGE));
	EXPECT_EQ(0, chan_next(self->fd));
	EXPECT_EQ(3, chan_msgs(self->fd));
}

TEST_HARNESS_MAIN
