// SPDX-License-Identifier: GPL-2.0
/* A descriptor that is used without having been attached: channel `default`. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define ROLE_BOTH	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)

/* Each test has `default` for itself: a network namespace of its own. */
FIXTURE(implicit) {
	int other;
};

FIXTURE_SETUP(implicit)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->other = -1;
}

FIXTURE_TEARDOWN(implicit)
{
	close(self->other);
	chan_unlink(IPCCHAN_DEFAULT_NAME);
}

/* Closed unused, though it would be told of what happens in a channel. */
TEST_F(implicit, signal_driven_and_unused)
{
	int fd = dev_open(O_RDWR | O_ASYNC);
	struct genl *g = genl_open();
	struct genl_chan c;

	ASSERT_LE(0, fd);
	ASSERT_NE(NULL, g);
	close(fd);
	EXPECT_EQ(-ENOENT, genl_get(g, IPCCHAN_DEFAULT_NAME, 0, &c));
	genl_close(g);
}

TEST_F(implicit, echo_then_cat)
{
	struct iovec iov[2] = { { "h", 1 }, { "i\n", 2 } };
	struct ipcchan_info info;
	char buf[16];
	int fd;

	/* As a shell opens it for "echo hi > /dev/ipcchan". */
	fd = dev_open(O_WRONLY | O_CREAT | O_TRUNC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(3, msg_send(fd, "hi\n", 3));
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_STREQ(IPCCHAN_DEFAULT_NAME, info.name);
	EXPECT_EQ(IPCCHAN_ROLE_SEND, info.role);
	EXPECT_EQ(1024, info.max_msgs);
	EXPECT_EQ(65536, info.max_msg_size);
	EXPECT_EQ(1048576, info.max_bytes);
	EXPECT_EQ(0, info.buf_size);
	close(fd);

	fd = dev_open(O_WRONLY | O_APPEND);
	ASSERT_LE(0, fd);
	ASSERT_EQ(3, writev(fd, iov, 2));
	close(fd);

	fd = dev_open(O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(3, msg_recv(fd, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp("hi\n", buf, 3));
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(IPCCHAN_ROLE_RECV, info.role);
	ASSERT_EQ(3, msg_recv(fd, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp("hi\n", buf, 3));
	close(fd);
}

TEST_F(implicit, read_attaches)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .role = ROLE_BOTH };
	struct ipcchan_info info;
	int fd = dev_open(O_RDWR | O_NONBLOCK);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EAGAIN, msg_recv_u32(fd));
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_STREQ(IPCCHAN_DEFAULT_NAME, info.name);
	EXPECT_EQ(ROLE_BOTH, info.role);
	EXPECT_EQ(-EISCONN, do_ioctl(fd, IPCCHAN_IOC_ATTACH, &a));

	/* The same channel for one who asks for it by name. */
	self->other = chan_named(IPCCHAN_DEFAULT_NAME, O_WRONLY, 0);
	ASSERT_LE(0, self->other);
	EXPECT_EQ(0, msg_send_u32(self->other, 3));
	EXPECT_EQ(3, msg_recv_u32(fd));
	close(fd);
}

TEST_F(implicit, poll_attaches)
{
	struct pollfd p = { .events = POLLIN | POLLOUT };
	struct ipcchan_info info;

	p.fd = dev_open(O_RDWR);
	ASSERT_LE(0, p.fd);
	EXPECT_EQ(-ENOTCONN, chan_info(p.fd, &info));
	ASSERT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLOUT, p.revents);
	ASSERT_EQ(0, chan_info(p.fd, &info));
	EXPECT_STREQ(IPCCHAN_DEFAULT_NAME, info.name);
	close(p.fd);
}

TEST_F(implicit, wrong_direction)
{
	int fd = dev_open(O_RDONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, msg_send_u32(fd, 1));
	close(fd);
	EXPECT_EQ(0, chan_count());
}

TEST_HARNESS_MAIN
