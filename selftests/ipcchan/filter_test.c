// SPDX-License-Identifier: GPL-2.0
/* What an endpoint receives, and from when on poll() says so. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define ANY	-1

FIXTURE(filter) {
	int fd;		/* room for four messages */
	int a;		/* receives, does not wait */
	int b;		/* receives, waits */
};

FIXTURE_SETUP(filter)
{
	struct ipcchan_attach limits = { .max_msgs = 4 };

	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->a = chan_peer(self->fd, O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, self->a);
	self->b = chan_peer(self->fd, O_RDONLY);
	ASSERT_LE(0, self->b);
}

FIXTURE_TEARDOWN(filter)
{
	close(self->a);
	close(self->b);
	close(self->fd);
}

static void fill_up(struct __test_metadata *_metadata, int fd, uint32_t type)
{
	uint32_t i;

	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, label_send(fd, i, 0, type, IPCCHAN_XFER_NONBLOCK));
	}
	ASSERT_EQ(-EAGAIN, label_send(fd, 4, 0, type, IPCCHAN_XFER_NONBLOCK));
}

TEST_F(filter, by_type)
{
	ASSERT_EQ(0, label_send(self->fd, 1, 0, 10, 0));
	ASSERT_EQ(0, label_send(self->fd, 2, 0, 20, 0));
	ASSERT_EQ(0, label_send(self->fd, 3, 5, 10, 0));
	ASSERT_EQ(0, label_send(self->fd, 4, 0, 20, 0));
	ASSERT_EQ(0, chan_filter(self->a, 20, 0));
	EXPECT_EQ(POLLIN, poll_now(self->a, POLLIN));
	EXPECT_EQ(2, label_recv(self->a, NULL, 0));
	EXPECT_EQ(4, msg_recv_u32(self->a));
	EXPECT_EQ(-EAGAIN, msg_recv_u32(self->a));
	EXPECT_EQ(0, poll_now(self->a, POLLIN));
	EXPECT_EQ(0, chan_next(self->a));
	/* Another type, and one whose value is 0, which no message has. */
	ASSERT_EQ(0, chan_filter(self->a, 0, 0));
	EXPECT_EQ(-EAGAIN, label_recv(self->a, NULL, 0));
	ASSERT_EQ(0, chan_filter(self->a, ANY, 0));
	EXPECT_EQ(3, label_recv(self->a, NULL, 0));
	EXPECT_EQ(1, label_recv(self->a, NULL, 0));
}

TEST_F(filter, by_priority)
{
	ASSERT_EQ(0, label_send(self->fd, 1, 1, 0, 0));
	ASSERT_EQ(0, label_send(self->fd, 2, 3, 0, 0));
	ASSERT_EQ(0, label_send(self->fd, 3, 3, 0, 0));
	ASSERT_EQ(0, label_send(self->fd, 4, 31, 0, 0));
	ASSERT_EQ(0, chan_filter(self->a, ANY, 3));
	EXPECT_EQ(4, label_recv(self->a, NULL, 0));
	EXPECT_EQ(2, label_recv(self->a, NULL, 0));
	EXPECT_EQ(3, label_recv(self->a, NULL, 0));
	EXPECT_EQ(0, poll_now(self->a, POLLIN));
	EXPECT_EQ(-EAGAIN, label_recv(self->a, NULL, 0));
	ASSERT_EQ(0, chan_filter(self->a, ANY, 1));
	EXPECT_EQ(POLLIN, poll_now(self->a, POLLIN));
	EXPECT_EQ(1, label_recv(self->a, NULL, 0));
}

TEST_F(filter, by_both)
{
	ASSERT_EQ(0, label_send(self->fd, 1, 1, 10, 0));
	ASSERT_EQ(0, label_send(self->fd, 2, 9, 20, 0));
	ASSERT_EQ(0, label_send(self->fd, 3, 4, 10, 0));
	ASSERT_EQ(0, label_send(self->fd, 4, 2, 10, 0));
	ASSERT_EQ(0, chan_filter(self->a, 10, 2));
	EXPECT_EQ(3, label_recv(self->a, NULL, 0));
	EXPECT_EQ(4, label_recv(self->a, NULL, 0));
	EXPECT_EQ(-EAGAIN, label_recv(self->a, NULL, 0));
	EXPECT_EQ(2, chan_msgs(self->fd));
}

/* A batch takes what it wants out of the midst of others. */
TEST_F(filter, batch)
{
	struct ipcchan_msghdr h[4];
	uint32_t v[4], i;

	ASSERT_EQ(0, chan_filter(self->a, 1, 0));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, label_send(self->fd, i, 0, i % 2, 0));
		h[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)&v[i], .len = 4 };
	}
	EXPECT_EQ(2, xfer_recv(self->a, h, 4, 0, 0));
	EXPECT_EQ(1, v[0]);
	EXPECT_EQ(3, v[1]);
	EXPECT_EQ(2, chan_msgs(self->fd));
}

TEST_F(filter, waits_for_its_own)
{
	pid_t pid;

	ASSERT_EQ(0, chan_filter(self->b, 7, 0));
	pid = child_recv(self->b);
	ASSERT_LE(0, pid);
	ASSERT_EQ(0, label_send(self->fd, 1, 0, 6, 0));
	sleep_ms(20);
	EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
	ASSERT_EQ(0, label_send(self->fd, 2, 0, 7, 0));
	EXPECT_EQ(2, child_wait(pid));
	EXPECT_EQ(1, label_recv(self->a, NULL, 0));
}

TEST_F(filter, two_types)
{
	pid_t one, two;
	int c = chan_peer(self->fd, O_RDONLY);

	ASSERT_LE(0, c);
	ASSERT_EQ(0, chan_filter(self->b, 1, 0));
	ASSERT_EQ(0, chan_filter(c, 2, 0));
	one = child_recv(self->b);
	two = child_recv(c);
	ASSERT_LE(0, one);
	ASSERT_LE(0, two);
	ASSERT_EQ(0, label_send(self->fd, 33, 0, 3, 0));
	ASSERT_EQ(0, label_send(self->fd, 22, 0, 2, 0));
	ASSERT_EQ(0, label_send(self->fd, 11, 0, 1, 0));
	EXPECT_EQ(11, child_wait(one));
	EXPECT_EQ(22, child_wait(two));
	EXPECT_EQ(33, label_recv(self->a, NULL, 0));
	close(c);
}

/* A full queue does not keep from a receiver what it waits for. */
TEST_F(filter, through_a_full_queue)
{
	pid_t pid;

	ASSERT_EQ(0, chan_filter(self->b, 7, 0));
	pid = child_recv(self->b);
	ASSERT_LE(0, pid);
	fill_up(_metadata, self->fd, 1);
	EXPECT_EQ(0, label_send(self->fd, 9, 0, 7, IPCCHAN_XFER_NONBLOCK));
	EXPECT_EQ(9, child_wait(pid));
	EXPECT_EQ(4, chan_msgs(self->fd));
}

TEST_F(filter, of_a_blocked_sender)
{
	pid_t first, second, pid;

	fill_up(_metadata, self->fd, 1);
	first = child_send(self->fd, 50, 0, 1);
	second = child_send(self->fd, 60, 0, 7);
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	ASSERT_EQ(0, chan_filter(self->a, 7, 0));
	ASSERT_EQ(0, chan_filter(self->b, 8, 0));
	EXPECT_EQ(60, label_recv(self->a, NULL, 0));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(-EAGAIN, label_recv(self->a, NULL, 0));
	EXPECT_TRUE(is_blocked(first, SYS_ioctl));
	/* The same when it waits. */
	second = child_send(self->fd, 70, 0, 8);
	ASSERT_LE(0, second);
	pid = child_fork();
	if (pid == 0)
		_exit(label_recv(self->b, NULL, 0));
	EXPECT_EQ(70, child_wait(pid));
	EXPECT_EQ(0, child_wait(second));
	child_kill(first);
	EXPECT_EQ(4, chan_msgs(self->fd));
}

/* What it asks is answered alike, whether it waits, tries, polls, or asks the length. */
TEST_F(filter, poll_of_a_blocked_sender)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct ipcchan_msghdr h = { 0 };
	char small[2];
	pid_t pid;

	ASSERT_LE(0, ep);
	ASSERT_EQ(0, chan_filter(self->a, 7, 0));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->a, &e));
	fill_up(_metadata, self->fd, 1);
	EXPECT_EQ(0, epoll_wait(ep, &e, 1, 0));
	pid = child_send(self->fd, 60, 0, 7);
	ASSERT_LE(0, pid);
	EXPECT_EQ(1, epoll_wait(ep, &e, 1, 1000));
	EXPECT_EQ(POLLIN, poll_now(self->a, POLLIN));
	EXPECT_EQ(4, chan_next(self->a));
	h = (struct ipcchan_msghdr) { .buf = (uintptr_t)small, .len = sizeof(small) };
	EXPECT_EQ(-EMSGSIZE, xfer_recv(self->a, &h, 1, 0, -1));
	EXPECT_EQ(4, h.len);
	EXPECT_EQ(60, label_recv(self->a, NULL, 0));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, poll_now(self->a, POLLIN));
	close(ep);
}

/* The sender that goes on held up others, for which there is room. */
TEST_F(filter, those_behind_a_large_one)
{
	struct ipcchan_attach limits = { .max_bytes = 8, .max_msg_size = 8 };
	struct ipcchan_msghdr out = { .buf = (uintptr_t)"12345678", .len = 8, .type = 7 };
	int fd = chan_anon(&limits), rd;
	pid_t large, small;
	char in[8];

	ASSERT_LE(0, fd);
	rd = chan_peer(fd, O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, rd);
	ASSERT_EQ(0, chan_filter(rd, 7, 0));
	ASSERT_EQ(0, label_send(fd, 1, 0, 1, 0));
	large = child_fork();
	if (large == 0)
		_exit(xfer_send(fd, &out, 1, 0, -1) != 1);
	ASSERT_TRUE(wait_blocked(large, SYS_ioctl));
	small = child_send(fd, 2, 0, 1);
	ASSERT_LE(0, small);
	EXPECT_EQ(8, msg_recv(rd, in, sizeof(in)));
	EXPECT_EQ(0, child_wait(large));
	sleep_ms(20);
	EXPECT_FALSE(is_blocked(small, SYS_ioctl));
	EXPECT_EQ(2, chan_msgs(fd));
	child_kill(small);
	close(rd);
	close(fd);
}

TEST_F(filter, epoll)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_LE(0, ep);
	ASSERT_EQ(0, chan_filter(self->a, 7, 2));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->a, &e));
	ASSERT_EQ(0, label_send(self->fd, 1, 0, 7, 0));
	ASSERT_EQ(0, label_send(self->fd, 2, 2, 6, 0));
	EXPECT_EQ(0, epoll_wait(ep, &e, 1, 0));
	ASSERT_EQ(0, label_send(self->fd, 3, 2, 7, 0));
	EXPECT_EQ(1, epoll_wait(ep, &e, 1, 1000));
	EXPECT_EQ(0, epoll_wait(ep, &e, 1, 0));
	/* Another filter may make what waits readable. */
	EXPECT_EQ(3, label_recv(self->a, NULL, 0));
	ASSERT_EQ(0, chan_filter(self->a, ANY, 0));
	EXPECT_EQ(1, epoll_wait(ep, &e, 1, 1000));
	close(ep);
}

static int watermark(int fd, uint32_t msgs, uint64_t bytes)
{
	struct ipcchan_filter f = { .low_msgs = msgs, .low_bytes = bytes };

	return do_ioctl(fd, IPCCHAN_IOC_FILTER, &f);
}

TEST_F(filter, watermarks)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_EQ(0, watermark(self->a, 3, 0));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->a, &e));
	ASSERT_EQ(0, label_send(self->fd, 1, 0, 0, 0));
	ASSERT_EQ(0, label_send(self->fd, 2, 0, 0, 0));
	EXPECT_EQ(0, poll_now(self->a, POLLIN));
	EXPECT_EQ(0, epoll_wait(ep, &e, 1, 0));
	/* Only that: who has none is told, and who receives gets. */
	EXPECT_EQ(POLLIN, poll_now(self->b, POLLIN));
	ASSERT_EQ(0, label_send(self->fd, 3, 0, 0, 0));
	EXPECT_EQ(1, epoll_wait(ep, &e, 1, 1000));
	EXPECT_EQ(1, label_recv(self->a, NULL, 0));
	EXPECT_EQ(0, poll_now(self->a, POLLIN));
	ASSERT_EQ(0, watermark(self->a, 0, 9));
	EXPECT_EQ(0, poll_now(self->a, POLLIN));
	ASSERT_EQ(0, watermark(self->a, 3, 8));
	EXPECT_EQ(POLLIN, poll_now(self->a, POLLIN));
	ASSERT_EQ(0, watermark(self->a, 2, 100));
	EXPECT_EQ(POLLIN, poll_now(self->a, POLLIN));
	ASSERT_EQ(0, watermark(self->a, 0, 0));
	EXPECT_EQ(2, label_recv(self->a, NULL, 0));
	EXPECT_EQ(POLLIN, poll_now(self->a, POLLIN));
	close(ep);
}

/* It may ask for more than there is room for. */
TEST_F(filter, watermark_out_of_reach)
{
	struct ipcchan_info info;
	uint32_t i;

	ASSERT_EQ(0, chan_info(self->fd, &info));
	ASSERT_EQ(0, watermark(self->a, info.max_msgs + 1, 0));
	for (i = 0; i < info.max_msgs; i++) {
		EXPECT_EQ(0, poll_now(self->a, POLLIN));
		ASSERT_EQ(0, label_send(self->fd, i, 0, 0, 0));
	}
	EXPECT_EQ(POLLIN, poll_now(self->a, POLLIN));
}

/* A receive that has begun goes by the filter of its beginning. */
TEST_F(filter, set_while_another_waits)
{
	pid_t old, new;

	ASSERT_EQ(0, chan_filter(self->b, 1, 0));
	old = child_recv(self->b);
	ASSERT_LE(0, old);
	ASSERT_EQ(0, chan_filter(self->b, 2, 0));
	new = child_recv(self->b);
	ASSERT_LE(0, new);
	ASSERT_EQ(0, label_send(self->fd, 20, 0, 2, 0));
	EXPECT_EQ(20, child_wait(new));
	EXPECT_TRUE(is_blocked(old, SYS_ioctl));
	ASSERT_EQ(0, label_send(self->fd, 10, 0, 1, 0));
	EXPECT_EQ(10, child_wait(old));
}

/* Of two who wait for the same one the older gets it, also when it wants any. */
TEST_F(filter, oldest_that_matches)
{
	pid_t any, one;
	int c = chan_peer(self->fd, O_RDONLY);

	ASSERT_LE(0, c);
	any = child_recv(c);
	ASSERT_EQ(0, chan_filter(self->b, 1, 0));
	one = child_recv(self->b);
	ASSERT_LE(0, any);
	ASSERT_LE(0, one);
	ASSERT_EQ(0, label_send(self->fd, 10, 0, 1, 0));
	EXPECT_EQ(10, child_wait(any));
	EXPECT_TRUE(is_blocked(one, SYS_ioctl));
	ASSERT_EQ(0, label_send(self->fd, 20, 0, 2, 0));
	ASSERT_EQ(0, label_send(self->fd, 30, 0, 1, 0));
	EXPECT_EQ(30, child_wait(one));
	close(c);
}

TEST_F(filter, too_many_messages)
{
	struct ipcchan_attach limits = { .max_msgs = IPCCHAN_FILTER_MSGS };
	int fd = chan_anon(&limits), more;

	ASSERT_LE(0, fd);
	limits.max_msgs++;
	more = chan_anon(&limits);
	ASSERT_LE(0, more);
	EXPECT_EQ(0, chan_filter(fd, 1, 0));
	EXPECT_EQ(-EOPNOTSUPP, chan_filter(more, 1, 0));
	EXPECT_EQ(0, chan_filter(more, ANY, 3));
	EXPECT_EQ(0, watermark(more, 3, 3));
	close(fd);
	close(more);
}

TEST_F(filter, refused)
{
	static const struct ipcchan_filter bad[] = {
		{ .flags = 2 }, { .flags = ~0u }, { .min_prio = IPCCHAN_PRIO_MAX + 1 },
		{ .min_prio = 0x10000 }, { .type = 1 },
	};
	struct ipcchan_filter good = { 0 };
	int fresh = dev_open(O_RDWR), wr = chan_peer(self->fd, O_WRONLY);
	unsigned int i;

	ASSERT_LE(0, wr);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ipcchan_filter f = bad[i];

		EXPECT_EQ(-EINVAL, do_ioctl(self->a, IPCCHAN_IOC_FILTER, &f))
			TH_LOG("case %u", i);
	}
	EXPECT_EQ(-EBADF, do_ioctl(wr, IPCCHAN_IOC_FILTER, &good));
	EXPECT_EQ(-ENOTCONN, do_ioctl(fresh, IPCCHAN_IOC_FILTER, &good));
	EXPECT_EQ(-EFAULT, do_ioctl(self->a, IPCCHAN_IOC_FILTER, bad_page() - 8));
	/* None of them has changed anything. */
	ASSERT_EQ(0, label_send(self->fd, 1, 0, 5, 0));
	EXPECT_EQ(1, label_recv(self->a, NULL, 0));
	close(fresh);
	close(wr);
}

TEST_HARNESS_MAIN
