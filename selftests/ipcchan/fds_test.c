// SPDX-License-Identifier: GPL-2.0
/* Descriptors in messages. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns.h"
#include "param.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define MAX	IPCCHAN_FDS_MAX

FIXTURE(fds) {
	int fd;
	int pipe[2];
	int out[MAX + 1], in[MAX + 1];
};

FIXTURE_SETUP(fds)
{
	struct ipcchan_attach limits = { .max_msgs = 4 };

	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_EQ(0, pipe(self->pipe));
	ASSERT_EQ(0, fcntl(self->pipe[0], F_SETFL, O_NONBLOCK));
	memset(self->in, 0xff, sizeof(self->in));
}

FIXTURE_TEARDOWN(fds)
{
	close(self->fd);
	close(self->pipe[0]);
	close(self->pipe[1]);
}

static int send_fds(int fd, const int *fds, uint32_t nr)
{
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)"x", .len = 1, .fds = (uintptr_t)fds, .nr_fds = nr,
	};

	return xfer_send(fd, &h, 1, 0, -1);
}

/* Return: how many, or -errno; @flags: out, of the message. */
static int recv_fds(int fd, int *fds, uint32_t room, uint32_t *flags)
{
	char buf[8];
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)buf, .len = sizeof(buf), .fds = (uintptr_t)fds, .nr_fds = room,
	};
	int ret = xfer_recv(fd, &h, 1, 0, -1);

	*flags = h.flags;
	return ret < 0 ? ret : ret == 1 && h.len == 1 ? (int)h.nr_fds : -EBADMSG;
}

/* Whether somebody has the writing end of the pipe, beside this process. */
static bool pipe_is_open(FIXTURE_DATA(fds) *self)
{
	char c;

	close(self->pipe[1]);
	self->pipe[1] = -1;
	/* What is closed in a message is so a moment later. */
	for (int i = 0; i < 100; i++) {
		if (read(self->pipe[0], &c, 1) == 0)
			return false;
		sleep_ms(1);
	}
	return true;
}

static bool same_file(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

TEST_F(fds, one_to_64)
{
	static const uint32_t counts[] = { 1, 2, 63, 64 };
	unsigned int i;
	uint32_t flags, j;

	for (j = 0; j < MAX; j++) {
		self->out[j] = memfd_create("passed", MFD_CLOEXEC);
		ASSERT_LE(0, self->out[j]);
	}
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		ASSERT_EQ(1, send_fds(self->fd, self->out, counts[i]));
		ASSERT_EQ(counts[i], recv_fds(self->fd, self->in, MAX, &flags));
		EXPECT_EQ(0, flags);
		for (j = 0; j < counts[i]; j++) {
			EXPECT_NE(self->out[j], self->in[j]);
			EXPECT_TRUE(same_file(self->out[j], self->in[j]));
			EXPECT_EQ(FD_CLOEXEC, fcntl(self->in[j], F_GETFD));
			close(self->in[j]);
		}
	}
	self->out[MAX] = self->out[0];
	EXPECT_EQ(-EINVAL, send_fds(self->fd, self->out, MAX + 1));
	EXPECT_EQ(0, chan_msgs(self->fd));
	for (j = 0; j < MAX; j++)
		close(self->out[j]);
}

TEST_F(fds, kinds_of_files)
{
	int kinds[] = {
		open("/proc/self/status", O_RDONLY), open("/", O_RDONLY | O_DIRECTORY),
		open("/", O_PATH), epoll_create1(0), socket(AF_INET, SOCK_DGRAM, 0),
		open("/dev/null", O_RDWR), self->pipe[0], self->pipe[0],
	};
	uint32_t flags, i;
	char c;

	/* They outlive the sender's. */
	ASSERT_EQ(1, send_fds(self->fd, kinds, ARRAY_SIZE(kinds)));
	for (i = 0; i < 6; i++) {
		EXPECT_LE(0, kinds[i]) TH_LOG("kind %u", i);
		close(kinds[i]);
	}
	ASSERT_EQ(ARRAY_SIZE(kinds), recv_fds(self->fd, self->in, MAX, &flags));
	EXPECT_EQ(1, read(self->in[0], &c, 1));
	EXPECT_EQ(O_PATH, fcntl(self->in[2], F_GETFL) & O_PATH);
	ASSERT_EQ(1, write(self->pipe[1], "p", 1));
	EXPECT_EQ(1, read(self->in[7], &c, 1));
	EXPECT_EQ('p', c);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		EXPECT_EQ(0, close(self->in[i]));
	}
}

TEST_F(fds, less_room)
{
	uint32_t flags;
	char c;

	self->out[0] = self->pipe[0];
	self->out[1] = self->pipe[0];
	self->out[2] = self->pipe[1];
	ASSERT_EQ(1, send_fds(self->fd, self->out, 3));
	EXPECT_EQ(2, recv_fds(self->fd, self->in, 2, &flags));
	EXPECT_EQ(IPCCHAN_MSG_FDS_LOST, flags);
	EXPECT_EQ(-1, self->in[2]);
	ASSERT_EQ(1, send_fds(self->fd, self->out, 3));
	EXPECT_EQ(0, recv_fds(self->fd, self->in, 0, &flags));
	EXPECT_EQ(IPCCHAN_MSG_FDS_LOST, flags);
	/* read() has no room at all. */
	ASSERT_EQ(1, send_fds(self->fd, self->out, 3));
	EXPECT_EQ(1, msg_recv(self->fd, &c, 1));
	EXPECT_FALSE(pipe_is_open(self));
	/* The slot has nothing left of it. */
	ASSERT_EQ(1, msg_send(self->fd, "x", 1));
	EXPECT_EQ(0, recv_fds(self->fd, self->in, MAX, &flags));
	EXPECT_EQ(0, flags);
}

TEST_F(fds, refused)
{
	int unix_pair[2], inet = socket(AF_INET6, SOCK_STREAM, 0), fresh = dev_open(O_RDWR);
	const int bad[] = { 9999, -1, INT32_MIN };
	unsigned int i;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, unix_pair));
	self->out[0] = self->pipe[1];
	self->out[2] = self->pipe[1];
	self->out[1] = unix_pair[0];
	EXPECT_EQ(-EINVAL, send_fds(self->fd, self->out, 3));
	self->out[1] = self->fd;
	EXPECT_EQ(-EINVAL, send_fds(self->fd, self->out, 3));
	self->out[1] = fresh;
	EXPECT_EQ(-EINVAL, send_fds(self->fd, self->out, 3));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		self->out[1] = bad[i];
		EXPECT_EQ(-EBADF, send_fds(self->fd, self->out, 3)) TH_LOG("%d", bad[i]);
	}
	EXPECT_EQ(-EFAULT, send_fds(self->fd, (int *)bad_page(), 1));
	EXPECT_EQ(-EFAULT, send_fds(self->fd, (int *)bad_page() - 2, 3));
	EXPECT_EQ(0, chan_msgs(self->fd));
	if (inet >= 0) {
		self->out[1] = inet;
		EXPECT_EQ(1, send_fds(self->fd, self->out, 3));
		EXPECT_EQ(1, msg_recv(self->fd, self->in, 4));
	}
	EXPECT_FALSE(pipe_is_open(self));
}

TEST_F(fds, refused_uring)
{
	char params[120] = { 0 };
	int ring = syscall(SYS_io_uring_setup, 4, params);

	if (ring < 0)
		SKIP(return, "no io_uring: %s", strerror(errno));
	EXPECT_EQ(-EINVAL, send_fds(self->fd, &ring, 1));
	EXPECT_EQ(0, chan_msgs(self->fd));
	close(ring);
}

/* What a close would take along is there still, though some would have had room. */
TEST_F(fds, locks_stay)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char name[] = "/tmp/ipcchan-lock.XXXXXX";
	int file = mkstemp(name), fds[2] = { file, file };
	struct rlimit old, low;
	uint32_t flags;
	pid_t pid;

	ASSERT_LE(0, file);
	unlink(name);
	ASSERT_EQ(1, send_fds(self->fd, fds, 2));
	ASSERT_EQ(0, fcntl(file, F_SETLK, &lock));
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
	low = old;
	low.rlim_cur = dup(0) + 1;
	close(low.rlim_cur - 1);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &low));
	self->in[0] = 0;
	EXPECT_EQ(-EMFILE, recv_fds(self->fd, self->in, MAX, &flags));
	EXPECT_EQ(-1, self->in[0]);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
	pid = child_fork();
	if (pid == 0)
		_exit(fcntl(file, F_SETLK, &lock) ? errno : 0);
	EXPECT_EQ(EAGAIN, child_wait(pid));
	EXPECT_EQ(2, recv_fds(self->fd, self->in, MAX, &flags));
	close(file);
}

TEST_F(fds, no_descriptor_free)
{
	char buf[8];
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)buf, .len = sizeof(buf), .fds = (uintptr_t)self->in,
		.nr_fds = MAX,
	};
	struct rlimit old, low;
	uint32_t flags, i;

	for (i = 0; i < 10; i++)
		self->out[i] = self->pipe[0];
	ASSERT_EQ(1, send_fds(self->fd, self->out, 10));
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
	low = old;
	low.rlim_cur = dup(0) + 5;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &low));
	EXPECT_EQ(-EMFILE, recv_fds(self->fd, self->in, MAX, &flags));
	EXPECT_EQ(-EMFILE, xfer_recv(self->fd, &h, 1, 0, -1));
	EXPECT_EQ(sizeof(buf), h.len);
	EXPECT_EQ(0, h.flags);
	EXPECT_EQ(MAX, h.nr_fds);
	EXPECT_EQ(1, chan_msgs(self->fd));
	/* None was left behind by it. */
	for (i = 0; i < 4; i++) {
		EXPECT_LE(0, self->in[i] = dup(0));
	}
	EXPECT_GT(0, dup(0));
	for (i = 0; i < 4; i++)
		close(self->in[i]);
	EXPECT_EQ(3, recv_fds(self->fd, self->in, 3, &flags));
	EXPECT_EQ(IPCCHAN_MSG_FDS_LOST, flags);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
}

TEST_F(fds, bad_room)
{
	uint32_t flags;

	self->out[0] = self->pipe[0];
	self->out[1] = self->pipe[0];
	ASSERT_EQ(1, send_fds(self->fd, self->out, 2));
	EXPECT_EQ(-EFAULT, recv_fds(self->fd, (int *)bad_page() - 1, 2, &flags));
	EXPECT_EQ(1, chan_msgs(self->fd));
	EXPECT_EQ(2, recv_fds(self->fd, self->in, 2, &flags));
	/* The same numbers as without the failure. */
	EXPECT_EQ(self->in[0] + 1, self->in[1]);
	close(self->in[0]);
	EXPECT_EQ(self->in[0], dup(0));
}

TEST_F(fds, closed_with_the_channel)
{
	ASSERT_EQ(1, send_fds(self->fd, &self->pipe[1], 1));
	close(self->fd);
	self->fd = -1;
	EXPECT_FALSE(pipe_is_open(self));
}

/* A named channel keeps the message; what it carried is gone, and that is told. */
TEST_F(fds, closed_with_the_last_endpoint)
{
	char name[IPCCHAN_NAME_SIZE];
	uint32_t flags;
	int fd, second;

	unique_name(name);
	fd = chan_named(name, O_RDWR, IPCCHAN_ATTACH_CREATE);
	ASSERT_LE(0, fd);
	second = chan_named(name, O_RDWR, 0);
	ASSERT_EQ(1, send_fds(fd, &self->pipe[1], 1));
	ASSERT_EQ(1, send_fds(fd, &self->pipe[1], 1));
	close(fd);
	/* Not yet: there is one left. */
	EXPECT_EQ(1, recv_fds(second, self->in, 1, &flags));
	EXPECT_EQ(0, flags);
	close(self->in[0]);
	close(second);
	EXPECT_FALSE(pipe_is_open(self));
	fd = chan_named(name, O_RDWR, 0);
	EXPECT_EQ(1, chan_msgs(fd));
	EXPECT_EQ(0, recv_fds(fd, self->in, 1, &flags));
	EXPECT_EQ(IPCCHAN_MSG_FDS_LOST, flags);
	ASSERT_EQ(1, msg_send(fd, "x", 1));
	EXPECT_EQ(0, recv_fds(fd, self->in, 1, &flags));
	EXPECT_EQ(0, flags);
	EXPECT_EQ(0, chan_unlink(name));
	close(fd);
}

/* Each subscriber gets its own; they are closed with the last copy. */
TEST_F(fds, broadcast)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST, .max_msgs = 1,
		.slow = IPCCHAN_SLOW_DROP_OLDEST,
	};
	int wr = chan_open(O_WRONLY, &a), sub[3], i;
	uint32_t flags;

	for (i = 0; i < 3; i++)
		sub[i] = chan_peer(wr, O_RDONLY | O_NONBLOCK);
	ASSERT_EQ(1, send_fds(wr, &self->pipe[1], 1));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(1, recv_fds(sub[i], self->in + i, 1, &flags));
		EXPECT_EQ(0, flags);
		EXPECT_EQ(1, write(self->in[i], "x", 1));
	}
	EXPECT_NE(self->in[0], self->in[1]);
	close(self->in[0]);
	close(self->in[1]);
	/* The third loses it to the next one. */
	ASSERT_EQ(1, msg_send(wr, "y", 1));
	EXPECT_EQ(2, read(self->pipe[0], self->in, 8));
	EXPECT_FALSE(pipe_is_open(self));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, recv_fds(sub[i], self->in, 1, &flags));
		EXPECT_EQ(0, flags);
		close(sub[i]);
	}
	/* Nobody listens. */
	ASSERT_EQ(0, pipe(self->pipe));
	ASSERT_EQ(0, fcntl(self->pipe[0], F_SETFL, O_NONBLOCK));
	ASSERT_EQ(1, send_fds(wr, &self->pipe[1], 1));
	EXPECT_FALSE(pipe_is_open(self));
	close(wr);
}

/* With a call and with its reply. */
TEST_F(fds, rpc)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC };
	struct ipcchan_call c = { .timeout_ns = -1 };
	struct ipcchan_serve s = { .flags = IPCCHAN_SERVE_NEXT, .timeout_ns = -1 };
	int wr = chan_open(O_WRONLY, &a), rd = chan_peer(wr, O_RDONLY), got;
	char buf[8];
	pid_t pid;

	c.request = (struct ipcchan_msghdr) {
		.buf = (uintptr_t)buf, .len = 1, .fds = (uintptr_t)&self->pipe[1], .nr_fds = 1,
	};
	c.reply = (struct ipcchan_msghdr) {
		.buf = (uintptr_t)buf, .len = 8, .fds = (uintptr_t)self->in, .nr_fds = 2,
	};
	pid = child_fork();
	if (pid == 0) {
		if (do_ioctl(wr, IPCCHAN_IOC_CALL, &c) || c.reply.nr_fds != 1 ||
		    c.reply.flags)
			_exit(1);
		_exit(read(self->in[0], buf, 1) == 1 && *buf == 's' ? 0 : 2);
	}
	s.request = (struct ipcchan_msghdr) {
		.buf = (uintptr_t)buf, .len = 8, .fds = (uintptr_t)&got, .nr_fds = 1,
	};
	ASSERT_EQ(1, do_ioctl(rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(1, s.request.nr_fds);
	EXPECT_EQ(1, write(got, "s", 1));
	close(got);
	s.flags = IPCCHAN_SERVE_REPLY;
	s.reply = (struct ipcchan_msghdr) {
		.buf = (uintptr_t)buf, .len = 1, .fds = (uintptr_t)&self->pipe[0], .nr_fds = 1,
	};
	EXPECT_EQ(0, do_ioctl(rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(0, child_wait(pid));
	/* A request that was cancelled. */
	pid = child_fork();
	if (pid == 0) {
		do_ioctl(wr, IPCCHAN_IOC_CALL, &c);
		_exit(1);
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	child_kill(pid);
	EXPECT_FALSE(pipe_is_open(self));
	close(rd);
	close(wr);
}

static int send_to_the_limit(const void *arg)
{
	FIXTURE_DATA(fds) *self = (void *)arg;
	uint32_t flags;
	int fd = chan_anon(NULL), ret, i;

	if (fd < 0)
		return fd;
	for (i = 0; i < 5; i++)
		self->out[i] = self->pipe[0];
	if (send_fds(fd, self->out, 5) != 1)
		return -1;
	/* One more than eight. */
	ret = send_fds(fd, self->out, 4);
	if (ret != -EDQUOT)
		return -2;
	if (send_fds(fd, self->out, 3) != 1 || send_fds(fd, self->out, 1) != -EDQUOT)
		return -3;
	if (chan_msgs(fd) != 2)
		return -4;
	/* Received, they are no longer on their way, whatever becomes of them. */
	if (recv_fds(fd, self->in, 1, &flags) != 1)
		return -5;
	if (send_fds(fd, self->out, 5) != 1 || send_fds(fd, self->out, 1) != -EDQUOT)
		return -6;
	/* With the channel all is given back. */
	close(fd);
	fd = chan_anon(NULL);
	for (i = 0; i < 100; i++) {
		ret = send_fds(fd, self->out, 5);
		if (ret == 1)
			break;
		sleep_ms(1);
	}
	return ret == 1 ? 0 : -7;
}

TEST_F(fds, quota)
{
	ASSERT_EQ(0, device_for_all());
	ASSERT_EQ(0, param_set("user_fds", 8));
	EXPECT_EQ(0, as_user(OTHER_ID, OTHER_ID, send_to_the_limit, self));
	EXPECT_EQ(-2, as_user(0, 0, send_to_the_limit, self));
	param_restore();
}

TEST_HARNESS_MAIN
