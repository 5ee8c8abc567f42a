// SPDX-License-Identifier: GPL-2.0
/* Broadcast to a subscriber that is too slow: who waits, who loses, who is told what. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "ns.h"
#include "util.h"

#include "harness.h"

FIXTURE(slow) {
	uint32_t id;
	int wr;
	int sub;	/* room for three messages and 1000 bytes; does not wait */
	int fast;	/* likewise; for who takes what there is at once */
};

FIXTURE_SETUP(slow)
{
}

FIXTURE_TEARDOWN(slow)
{
	close(self->sub);
	close(self->fast);
	close(self->wr);
}

static void create(struct __test_metadata *_metadata, FIXTURE_DATA(slow) *self,
		   uint32_t slow)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
		.max_msgs = 3, .max_msg_size = 1000, .max_bytes = 1000, .slow = slow,
	};
	struct ipcchan_info info;

	self->wr = chan_open(O_WRONLY, &a);
	ASSERT_LE(0, self->wr);
	self->sub = chan_peer(self->wr, O_RDONLY | O_NONBLOCK);
	self->fast = chan_peer(self->wr, O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, self->sub);
	ASSERT_LE(0, self->fast);
	ASSERT_EQ(0, chan_info(self->wr, &info));
	EXPECT_EQ(slow, info.slow);
	self->id = info.id;
}

/* Also to the one who keeps up, and gets each without a gap. */
static void send_one(struct __test_metadata *_metadata, FIXTURE_DATA(slow) *self,
		     uint32_t value, uint32_t prio)
{
	struct ipcchan_msghdr h;

	ASSERT_EQ(0, label_send(self->wr, value, prio, 0, IPCCHAN_XFER_NONBLOCK));
	EXPECT_EQ(value, label_recv(self->fast, &h, 0));
	EXPECT_EQ(0, h.lost);
}

static void expect_one(struct __test_metadata *_metadata, FIXTURE_DATA(slow) *self,
		       uint32_t value, uint32_t lost)
{
	struct ipcchan_msghdr h;

	EXPECT_EQ(value, label_recv(self->sub, &h, 0));
	EXPECT_EQ(lost, h.lost) TH_LOG("of message %u", value);
}

static uint64_t lost_of(FIXTURE_DATA(slow) *self)
{
	struct genl *g = genl_open();
	struct genl_chan c = { 0 };

	if (g)
		genl_get(g, NULL, self->id, &c);
	genl_close(g);
	return c.stats[IPCCHAN_A_STATS_LOST];
}

TEST_F(slow, block)
{
	uint32_t i;
	pid_t pid;

	create(_metadata, self, IPCCHAN_SLOW_BLOCK);
	for (i = 0; i < 3; i++)
		send_one(_metadata, self, i, 0);
	EXPECT_EQ(0, poll_now(self->wr, POLLOUT));
	EXPECT_EQ(-EAGAIN, label_send(self->wr, 3, 0, 0, IPCCHAN_XFER_NONBLOCK));
	pid = child_send(self->wr, 3, 0, 0);
	ASSERT_LE(0, pid);
	/* All or none: who has room does not have it either. */
	EXPECT_EQ(-EAGAIN, label_recv(self->fast, NULL, 0));
	EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
	expect_one(_metadata, self, 0, 0);
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(3, label_recv(self->fast, NULL, 0));
	for (i = 1; i < 4; i++)
		expect_one(_metadata, self, i, 0);
	EXPECT_EQ(POLLOUT, poll_now(self->wr, POLLOUT));
	EXPECT_EQ(0, lost_of(self));
}

/* Two messages of 400 bytes are queued at the slow one. */
static void fill_bytes(struct __test_metadata *_metadata, FIXTURE_DATA(slow) *self)
{
	char buf[1000];
	int i;

	for (i = 0; i < 2; i++) {
		memset(buf, 0, sizeof(buf));
		ASSERT_EQ(400, msg_send(self->wr, buf, 400));
		ASSERT_EQ(400, msg_recv(self->fast, buf, sizeof(buf)));
	}
}

/* What there is room for does not pass by what came first and waits for more. */
TEST_F(slow, block_in_turn)
{
	pid_t first, second;
	char buf[1000];

	create(_metadata, self, IPCCHAN_SLOW_BLOCK);
	fill_bytes(_metadata, self);
	first = sender_as(0, self->wr, 0, 0, 900);
	ASSERT_LE(0, first);
	EXPECT_EQ(-EAGAIN, label_send(self->wr, 1, 0, 0, IPCCHAN_XFER_NONBLOCK));
	second = sender_as(0, self->wr, 0, 0, 100);
	ASSERT_LE(0, second);
	EXPECT_EQ(400, msg_recv(self->sub, buf, sizeof(buf)));
	sleep_ms(20);
	EXPECT_TRUE(wait_blocked(first, SYS_ioctl));
	EXPECT_TRUE(wait_blocked(second, SYS_ioctl));
	EXPECT_EQ(400, msg_recv(self->sub, buf, sizeof(buf)));
	EXPECT_EQ(0, child_wait(first));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(900, msg_recv(self->sub, buf, sizeof(buf)));
	EXPECT_EQ(100, msg_recv(self->sub, buf, sizeof(buf)));
	EXPECT_EQ(900, msg_recv(self->fast, buf, sizeof(buf)));
	EXPECT_EQ(0, poll_now(self->wr, POLLOUT));
	EXPECT_EQ(100, msg_recv(self->fast, buf, sizeof(buf)));
	EXPECT_EQ(POLLOUT, poll_now(self->wr, POLLOUT));
}

/* Its turn is over when it gives up. */
TEST_F(slow, block_given_up)
{
	char buf[1000];
	pid_t first, second;

	create(_metadata, self, IPCCHAN_SLOW_BLOCK);
	fill_bytes(_metadata, self);
	first = sender_as(0, self->wr, 0, 0, 900);
	ASSERT_LE(0, first);
	second = sender_as(0, self->wr, 0, 0, 100);
	ASSERT_LE(0, second);
	child_kill(first);
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(400, msg_recv(self->sub, buf, sizeof(buf)));
	EXPECT_EQ(400, msg_recv(self->sub, buf, sizeof(buf)));
	EXPECT_EQ(100, msg_recv(self->sub, buf, sizeof(buf)));
}

/* Nor is it in the way of what is for others. */
TEST_F(slow, block_not_for_others)
{
	pid_t first, receiver;
	char buf[1000];

	create(_metadata, self, IPCCHAN_SLOW_BLOCK);
	fill_bytes(_metadata, self);
	ASSERT_EQ(0, chan_filter(self->sub, 1, 0));
	ASSERT_EQ(0, chan_filter(self->fast, 2, 0));
	first = sender_as(0, self->wr, 0, 1, 900);
	ASSERT_LE(0, first);
	ASSERT_EQ(0, set_nonblock(self->fast, false));
	receiver = child_recv(self->fast);
	ASSERT_LE(0, receiver);
	EXPECT_EQ(0, label_send(self->wr, 3, 0, 2, IPCCHAN_XFER_NONBLOCK));
	EXPECT_EQ(3, child_wait(receiver));
	EXPECT_EQ(-EAGAIN, label_send(self->wr, 3, 0, 1, IPCCHAN_XFER_NONBLOCK));
	ASSERT_EQ(0, chan_filter(self->sub, -1, 0));
	EXPECT_EQ(400, msg_recv(self->sub, buf, sizeof(buf)));
	EXPECT_EQ(400, msg_recv(self->sub, buf, sizeof(buf)));
	EXPECT_EQ(0, child_wait(first));
}

/* Put back above the limit, a message does not keep out what is waited for. */
TEST_F(slow, block_put_back)
{
	struct ipcchan_msghdr bad = { .buf = (uintptr_t)bad_page(), .len = 4 };
	pid_t waits, receiver;
	uint32_t i;

	create(_metadata, self, IPCCHAN_SLOW_BLOCK);
	for (i = 0; i < 3; i++)
		send_one(_metadata, self, i, 0);
	waits = child_send(self->wr, 3, 0, 0);
	ASSERT_LE(0, waits);
	for (i = 0; i < 1000 && chan_msgs(self->sub) < 4; i++)
		EXPECT_EQ(-EFAULT, xfer_recv(self->sub, &bad, 1, 0, -1));
	if (chan_msgs(self->sub) < 4)
		SKIP(return, "the sender never came between taking and putting back");
	EXPECT_EQ(0, child_wait(waits));
	ASSERT_EQ(0, chan_filter(self->sub, 7, 0));
	ASSERT_EQ(0, set_nonblock(self->sub, false));
	receiver = child_recv(self->sub);
	ASSERT_LE(0, receiver);
	EXPECT_EQ(0, label_send(self->wr, 5, 0, 7, IPCCHAN_XFER_NONBLOCK));
	EXPECT_EQ(5, child_wait(receiver));
}

/* What a subscriber waits for passes by, if that is what the first one waits for. */
TEST_F(slow, block_but_who_waits)
{
	pid_t first, wanted, receiver;
	struct ipcchan_msghdr h;
	char buf[1000];

	create(_metadata, self, IPCCHAN_SLOW_BLOCK);
	fill_bytes(_metadata, self);
	first = sender_as(0, self->wr, 0, 9, 900);
	ASSERT_LE(0, first);
	wanted = child_send(self->wr, 7, 0, 9);
	ASSERT_LE(0, wanted);
	ASSERT_EQ(0, set_nonblock(self->sub, false));
	ASSERT_EQ(0, chan_filter(self->sub, 9, 0));
	receiver = child_fork();
	if (receiver == 0)
		_exit(label_recv(self->sub, NULL, 0));
	EXPECT_EQ(7, child_wait(receiver));
	EXPECT_EQ(0, child_wait(wanted));
	EXPECT_TRUE(wait_blocked(first, SYS_ioctl));
	EXPECT_EQ(7, label_recv(self->fast, &h, 0));
	ASSERT_EQ(0, chan_filter(self->sub, -1, 0));
	EXPECT_EQ(400, msg_recv(self->sub, buf, sizeof(buf)));
	EXPECT_EQ(400, msg_recv(self->sub, buf, sizeof(buf)));
	EXPECT_EQ(0, child_wait(first));
	EXPECT_EQ(900, msg_recv(self->sub, buf, sizeof(buf)));
}

TEST_F(slow, block_epoll)
{
	struct epoll_event e = { .events = EPOLLOUT };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	uint32_t i;

	create(_metadata, self, IPCCHAN_SLOW_BLOCK);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->wr, &e));
	EXPECT_EQ(1, epoll_wait(ep, &e, 1, 0));
	for (i = 0; i < 3; i++)
		send_one(_metadata, self, i, 0);
	EXPECT_EQ(0, epoll_wait(ep, &e, 1, 0));
	expect_one(_metadata, self, 0, 0);
	/* Not writable yet for the longest there is. */
	expect_one(_metadata, self, 1, 0);
	expect_one(_metadata, self, 2, 0);
	EXPECT_EQ(1, epoll_wait(ep, &e, 1, 1000));
	close(ep);
}

/* What else ends the wait for a slow one. */
TEST_F(slow, block_ends)
{
	uint32_t i;
	pid_t pid;

	create(_metadata, self, IPCCHAN_SLOW_BLOCK);
	for (i = 0; i < 3; i++)
		send_one(_metadata, self, i, 0);
	on_signal(SIGUSR1, 0);
	pid = child_send(self->wr, 3, 0, 0);
	ASSERT_LE(0, pid);
	kill(pid, SIGUSR1);
	EXPECT_EQ(EINTR, child_wait(pid));
	pid = child_send(self->wr, 4, 0, 0);
	ASSERT_LE(0, pid);
	child_kill(pid);
	/* It filters out what is sent. */
	pid = child_send(self->wr, 5, 0, 55);
	ASSERT_LE(0, pid);
	ASSERT_EQ(0, chan_filter(self->sub, 0, 0));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(5, label_recv(self->fast, NULL, 0));
	/* It leaves. */
	pid = child_fork();
	if (pid == 0) {
		close(self->sub);
		_exit(-label_send(self->wr, 6, 0, 0, 0));
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	close(self->sub);
	self->sub = -1;
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(6, label_recv(self->fast, NULL, 0));
	EXPECT_EQ(-EAGAIN, label_recv(self->fast, NULL, 0));
}

TEST_F(slow, drop_newest)
{
	uint32_t i;

	create(_metadata, self, IPCCHAN_SLOW_DROP_NEWEST);
	for (i = 0; i < 10; i++)
		send_one(_metadata, self, i, 0);
	EXPECT_EQ(POLLOUT, poll_now(self->wr, POLLOUT));
	EXPECT_EQ(7, lost_of(self));
	expect_one(_metadata, self, 0, 0);
	send_one(_metadata, self, 10, 0);
	send_one(_metadata, self, 11, 0);
	expect_one(_metadata, self, 1, 0);
	expect_one(_metadata, self, 2, 0);
	expect_one(_metadata, self, 10, 7);
	send_one(_metadata, self, 12, 0);
	/* 11 was lost. */
	expect_one(_metadata, self, 12, 1);
	EXPECT_EQ(8, lost_of(self));
}

/* Who has drained its queue and waits is told too, by what comes next. */
TEST_F(slow, told_to_who_waits)
{
	struct ipcchan_msghdr h;
	uint32_t i;
	pid_t pid;

	create(_metadata, self, IPCCHAN_SLOW_DROP_NEWEST);
	for (i = 0; i < 5; i++)
		send_one(_metadata, self, i, 0);
	for (i = 0; i < 3; i++)
		expect_one(_metadata, self, i, 0);
	ASSERT_EQ(0, set_nonblock(self->sub, false));
	pid = child_fork();
	if (pid == 0)
		_exit(label_recv(self->sub, &h, 0) == 5 ? h.lost : 99);
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	send_one(_metadata, self, 5, 0);
	EXPECT_EQ(2, child_wait(pid));
	/* Once, and not again. */
	send_one(_metadata, self, 6, 0);
	expect_one(_metadata, self, 6, 0);
}

TEST_F(slow, drop_oldest)
{
	uint32_t i;

	create(_metadata, self, IPCCHAN_SLOW_DROP_OLDEST);
	for (i = 0; i < 10; i++)
		send_one(_metadata, self, i, 0);
	EXPECT_EQ(7, lost_of(self));
	EXPECT_EQ(3, chan_msgs(self->sub));
	expect_one(_metadata, self, 7, 7);
	expect_one(_metadata, self, 8, 0);
	send_one(_metadata, self, 10, 0);
	send_one(_metadata, self, 11, 0);
	send_one(_metadata, self, 12, 0);
	expect_one(_metadata, self, 10, 1);
	expect_one(_metadata, self, 11, 0);
	expect_one(_metadata, self, 12, 0);
	EXPECT_EQ(8, lost_of(self));
}

/* The lowest go first, of them the oldest, and a lower one than all there are not at all. */
TEST_F(slow, drop_oldest_of_the_lowest)
{
	create(_metadata, self, IPCCHAN_SLOW_DROP_OLDEST);
	send_one(_metadata, self, 50, 5);
	send_one(_metadata, self, 10, 1);
	send_one(_metadata, self, 11, 1);
	send_one(_metadata, self, 51, 5);	/* for 10, told in 11 */
	send_one(_metadata, self, 52, 5);	/* for 11, both told in 52 */
	send_one(_metadata, self, 1, 0);	/* not at all */
	expect_one(_metadata, self, 50, 0);
	expect_one(_metadata, self, 51, 0);
	expect_one(_metadata, self, 52, 2);
	send_one(_metadata, self, 2, 0);
	expect_one(_metadata, self, 2, 1);
	EXPECT_EQ(3, lost_of(self));
}

/* One long message takes the room of several. */
TEST_F(slow, drop_oldest_bytes)
{
	static char big[1000];
	struct ipcchan_msghdr h;

	create(_metadata, self, IPCCHAN_SLOW_DROP_OLDEST);
	close(self->fast);
	self->fast = -1;
	ASSERT_EQ(100, msg_send(self->wr, big, 100));
	ASSERT_EQ(300, msg_send(self->wr, big, 300));
	ASSERT_EQ(500, msg_send(self->wr, big, 500));
	ASSERT_EQ(450, msg_send(self->wr, big, 450));
	h = (struct ipcchan_msghdr) { .buf = (uintptr_t)big, .len = sizeof(big) };
	EXPECT_EQ(1, xfer_recv(self->sub, &h, 1, 0, -1));
	EXPECT_EQ(500, h.len);
	EXPECT_EQ(2, h.lost);
	ASSERT_EQ(1000, msg_send(self->wr, big, 1000));
	h.len = sizeof(big);
	EXPECT_EQ(1, xfer_recv(self->sub, &h, 1, 0, -1));
	EXPECT_EQ(1000, h.len);
	EXPECT_EQ(1, h.lost);
	EXPECT_EQ(3, lost_of(self));
}

/* More than make room at a time. */
TEST_F(slow, drop_oldest_many)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
		.max_msgs = 1000, .max_msg_size = 1000, .max_bytes = 1000,
		.slow = IPCCHAN_SLOW_DROP_OLDEST,
	};
	static char big[1000];
	struct ipcchan_msghdr h = { .buf = (uintptr_t)big, .len = sizeof(big) };
	struct ipcchan_info info;
	int i;

	self->fast = -1;
	self->wr = chan_open(O_WRONLY, &a);
	ASSERT_LE(0, self->wr);
	self->sub = chan_peer(self->wr, O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, self->sub);
	ASSERT_EQ(0, chan_info(self->wr, &info));
	self->id = info.id;
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(1, msg_send(self->wr, big, 1));
	ASSERT_EQ(700, msg_send(self->wr, big, 700));
	EXPECT_EQ(700, lost_of(self));
	EXPECT_EQ(301, chan_msgs(self->sub));
	EXPECT_EQ(1, xfer_recv(self->sub, &h, 1, 0, -1));
	EXPECT_EQ(700, h.lost);
	ASSERT_EQ(1000, msg_send(self->wr, big, 1000));
	h.len = sizeof(big);
	EXPECT_EQ(1, xfer_recv(self->sub, &h, 1, 0, -1));
	EXPECT_EQ(1000, h.len);
	EXPECT_EQ(300, h.lost);
	EXPECT_EQ(-EAGAIN, label_recv(self->sub, NULL, 0));
}

TEST_F(slow, disconnect)
{
	char buf[8];
	uint32_t i;

	create(_metadata, self, IPCCHAN_SLOW_DISCONNECT);
	for (i = 0; i < 3; i++)
		send_one(_metadata, self, i, 0);
	EXPECT_EQ(POLLIN, poll_now(self->sub, POLLIN));
	send_one(_metadata, self, 3, 0);
	send_one(_metadata, self, 4, 0);
	EXPECT_EQ(POLLIN | POLLHUP, poll_now(self->sub, POLLIN));
	EXPECT_EQ(1, lost_of(self));
	for (i = 0; i < 3; i++)
		expect_one(_metadata, self, i, 0);
	EXPECT_EQ(-ECONNRESET, label_recv(self->sub, NULL, 0));
	EXPECT_EQ(-ECONNRESET, msg_recv(self->sub, buf, sizeof(buf)));
	ASSERT_EQ(0, set_nonblock(self->sub, false));
	EXPECT_EQ(-ECONNRESET, label_recv(self->sub, NULL, 0));
	EXPECT_TRUE(poll_now(self->sub, POLLIN) & POLLHUP);
	/* It stays so, and nothing is sent to it. */
	send_one(_metadata, self, 5, 0);
	EXPECT_EQ(0, chan_msgs(self->sub));
	EXPECT_EQ(-ECONNRESET, label_recv(self->sub, NULL, 0));
	EXPECT_EQ(POLLOUT, poll_now(self->wr, POLLOUT));
}

/* One who waits for something else, and is disconnected over it. */
TEST_F(slow, disconnect_while_it_waits)
{
	struct epoll_event e = { .events = 0 };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	uint32_t i;
	pid_t pid;

	create(_metadata, self, IPCCHAN_SLOW_DISCONNECT);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->sub, &e));
	ASSERT_EQ(0, set_nonblock(self->sub, false));
	ASSERT_EQ(0, chan_filter(self->sub, 9, 0));
	pid = child_recv(self->sub);
	ASSERT_LE(0, pid);
	ASSERT_EQ(0, chan_filter(self->sub, -1, 0));
	for (i = 0; i < 3; i++)
		send_one(_metadata, self, i, 0);
	EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
	EXPECT_EQ(0, epoll_wait(ep, &e, 1, 0));
	send_one(_metadata, self, 3, 0);
	EXPECT_EQ(CHILD_ERROR + ECONNRESET, child_wait(pid));
	EXPECT_EQ(1, epoll_wait(ep, &e, 1, 1000));
	close(ep);
}

/* A message put back is one more than there is room for, and none is lost for it. */
TEST_F(slow, putback_when_full)
{
	struct ipcchan_msghdr h = { .buf = (uintptr_t)bad_page(), .len = 4 };
	uint32_t i;

	create(_metadata, self, IPCCHAN_SLOW_DROP_OLDEST);
	for (i = 0; i < 4; i++)
		send_one(_metadata, self, i, 0);
	EXPECT_EQ(-EFAULT, xfer_recv(self->sub, &h, 1, 0, -1));
	expect_one(_metadata, self, 1, 1);
	expect_one(_metadata, self, 2, 0);
	expect_one(_metadata, self, 3, 0);
}

TEST_F(slow, refused)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .slow = IPCCHAN_SLOW_DROP_OLDEST,
	};

	self->wr = -1;
	self->sub = -1;
	self->fast = -1;
	EXPECT_EQ(-EINVAL, chan_open(O_RDWR, &a));
	a.kind = IPCCHAN_KIND_RPC;
	EXPECT_EQ(-EINVAL, chan_open(O_RDWR, &a));
	a.kind = IPCCHAN_KIND_BROADCAST;
	a.slow = IPCCHAN_SLOW_DISCONNECT + 1;
	EXPECT_EQ(-EINVAL, chan_open(O_RDWR, &a));
	a.slow = 0;
	a.kind = IPCCHAN_KIND_RPC + 1;
	EXPECT_EQ(-EINVAL, chan_open(O_RDWR, &a));
	a.kind = 0;
	a.options = 8;
	EXPECT_EQ(-EINVAL, chan_open(O_RDWR, &a));
	a.options = 0;
	a.spin_ns = IPCCHAN_SPIN_MAX_NS + 1;
	EXPECT_EQ(-EINVAL, chan_open(O_RDWR, &a));
}

TEST_HARNESS_MAIN
