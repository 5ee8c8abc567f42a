// SPDX-License-Identifier: GPL-2.0
/* What one user may take of the room in another's queue. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define MALLORY	OTHER_ID
#define BOB	(OTHER_ID + 1)

/* A queue of root's, for all. */
FIXTURE(share) {
	int fd;		/* room for 8 messages and 16000 bytes */
	int nb;		/* another endpoint, that does not wait */
};

FIXTURE_SETUP(share)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .max_msgs = 8, .max_msg_size = 4000,
		.max_bytes = 16000, .mode = 0666,
	};

	self->fd = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->fd);
	self->nb = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->nb);
}

FIXTURE_TEARDOWN(share)
{
	close(self->nb);
	close(self->fd);
}

/* As many as there is room for.  Return: so many, 100 if the last error is another. */
static int send_many(const void *arg)
{
	FIXTURE_DATA(share) *self = (void *)arg;
	int n, ret = 0;

	for (n = 0; n < 20 && !ret; n++)
		ret = label_send(self->nb, 50 + n, 0, 0, 0);
	n--;
	return ret == -EDQUOT ? -n : -100;
}

TEST_F(share, bounded)
{
	int i;

	/* Half of the queue, then half of the rest, and something is always left. */
	EXPECT_EQ(-4, as_user(MALLORY, MALLORY, send_many, self));
	EXPECT_EQ(-2, as_user(BOB, BOB, send_many, self));
	EXPECT_EQ(-1, as_user(BOB + 1, BOB + 1, send_many, self));
	EXPECT_EQ(POLLOUT, poll_now(self->nb, POLLOUT) & POLLOUT);
	EXPECT_EQ(0, msg_send_u32(self->nb, 1));
	EXPECT_EQ(8, chan_msgs(self->fd));
	/* Full is full: not because of what the user has. */
	EXPECT_EQ(-100, as_user(MALLORY, MALLORY, send_many, self));
	EXPECT_EQ(-EAGAIN, msg_send_u32(self->nb, 1));
	/* In order of arrival, of whomever. */
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(50 + i, msg_recv_u32(self->nb));
	}
	EXPECT_EQ(50, msg_recv_u32(self->nb));
	/* What was received may be sent again. */
	EXPECT_EQ(-2, as_user(MALLORY, MALLORY, send_many, self));
}

static int write_many(const void *arg)
{
	FIXTURE_DATA(share) *self = (void *)arg;
	int n, ret = 0;

	for (n = 0; n < 20 && !ret; n++)
		ret = msg_send_u32(self->nb, n);
	n--;
	return ret == -EDQUOT ? -n : -100;
}

static int send_batch(const void *arg)
{
	FIXTURE_DATA(share) *self = (void *)arg;
	struct ipcchan_msghdr h[20] = { 0 };
	int i, n;

	for (i = 0; i < 20; i++)
		h[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)&i, .len = 4 };
	n = xfer_send(self->nb, h, 20, 0, -1);
	return xfer_send(self->nb, h, 20, 0, -1) == -EDQUOT ? -n : -100;
}

static int send_bytes(const void *arg)
{
	FIXTURE_DATA(share) *self = (void *)arg;
	static char buf[4000];

	if (msg_send(self->nb, buf, 4000) != 4000 || msg_send(self->nb, buf, 3000) != 3000)
		return -1;
	if (msg_send(self->nb, buf, 1001) != -EDQUOT)
		return -2;
	if (msg_send(self->nb, buf, 1000) != 1000 || msg_send(self->nb, buf, 1) != -EDQUOT)
		return -3;
	return 0;
}

TEST_F(share, every_way)
{
	EXPECT_EQ(-4, as_user(MALLORY, MALLORY, write_many, self));
	EXPECT_EQ(-2, as_user(BOB, BOB, send_batch, self));
}

TEST_F(share, bytes)
{
	EXPECT_EQ(0, as_user(MALLORY, MALLORY, send_bytes, self));
	EXPECT_EQ(3, chan_msgs(self->fd));
}

/* The owner is not held to a share, nor is who sends as the owner. */
TEST_F(share, owner)
{
	int i;

	for (i = 0; i < 8; i++) {
		EXPECT_EQ(0, msg_send_u32(self->nb, i));
	}
	EXPECT_EQ(-EAGAIN, msg_send_u32(self->nb, i));
}

TEST_F(share, blocked_alone)
{
	pid_t first, second;
	int i;

	ASSERT_EQ(-4, as_user(MALLORY, MALLORY, send_many, self));
	first = sender_as(MALLORY, self->fd, 60, 0, 4);
	second = sender_as(MALLORY, self->fd, 61, 0, 4);
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	/* Others go on. */
	EXPECT_EQ(0, msg_send_u32(self->nb, 1));
	EXPECT_EQ(-1, as_user(BOB, BOB, send_many, self));
	EXPECT_TRUE(is_blocked(first, SYS_ioctl));
	EXPECT_EQ(50, msg_recv_u32(self->nb));	/* 3 of 7 - 2 - leave room for none */
	EXPECT_EQ(51, msg_recv_u32(self->nb));	/* 2 + 1 <= (8 - 2) / 2 */
	EXPECT_EQ(0, child_wait(first));
	EXPECT_TRUE(is_blocked(second, SYS_ioctl));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(52 + i, msg_recv_u32(self->nb));
	}
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(1, msg_recv_u32(self->nb));
	EXPECT_EQ(50, msg_recv_u32(self->nb));
	EXPECT_EQ(60, msg_recv_u32(self->nb));
	EXPECT_EQ(61, msg_recv_u32(self->nb));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/* It came when the queue was full, and is first in the line: it steps aside. */
TEST_F(share, steps_aside)
{
	pid_t mallory, bob;
	int i;

	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, msg_send_u32(self->nb, i));
	}
	ASSERT_EQ(-2, as_user(MALLORY, MALLORY, send_many, self));
	for (i = 4; i < 6; i++) {
		ASSERT_EQ(0, msg_send_u32(self->nb, i));
	}
	mallory = sender_as(MALLORY, self->fd, 60, 0, 4);
	bob = sender_as(BOB, self->fd, 70, 0, 4);
	ASSERT_LE(0, mallory);
	ASSERT_LE(0, bob);
	EXPECT_EQ(0, msg_recv_u32(self->nb));
	EXPECT_EQ(0, child_wait(bob));
	EXPECT_TRUE(is_blocked(mallory, SYS_ioctl));
	EXPECT_EQ(8, chan_msgs(self->fd));
	EXPECT_EQ(1, msg_recv_u32(self->nb));
	EXPECT_EQ(0, msg_send_u32(self->nb, 6));
	for (i = 2; i < 4; i++) {
		EXPECT_EQ(i, msg_recv_u32(self->nb));
	}
	EXPECT_EQ(50, msg_recv_u32(self->nb));
	EXPECT_EQ(0, child_wait(mallory));
	EXPECT_EQ(51, msg_recv_u32(self->nb));
}

/* Who has nothing here yet waits its turn all the same. */
TEST_F(share, none_overtakes)
{
	static char buf[4000];
	pid_t large, small;
	int i;

	ASSERT_EQ(500, msg_send(self->nb, buf, 500));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(4000, msg_send(self->nb, buf, 4000));
	}
	ASSERT_EQ(3000, msg_send(self->nb, buf, 3000));
	large = sender_as(0, self->fd, 60, 0, 4000);
	small = sender_as(MALLORY, self->fd, 61, 0, 4);
	ASSERT_LE(0, large);
	ASSERT_LE(0, small);
	EXPECT_EQ(500, msg_recv(self->nb, buf, sizeof(buf)));
	sleep_ms(20);
	EXPECT_TRUE(is_blocked(small, SYS_ioctl));
	EXPECT_EQ(4000, msg_recv(self->nb, buf, sizeof(buf)));
	EXPECT_EQ(0, child_wait(large));
	EXPECT_EQ(0, child_wait(small));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(4000, msg_recv(self->nb, buf, sizeof(buf)));
	}
	EXPECT_EQ(3000, msg_recv(self->nb, buf, sizeof(buf)));
	EXPECT_EQ(4000, msg_recv(self->nb, buf, sizeof(buf)));
	EXPECT_EQ(4, msg_recv(self->nb, buf, sizeof(buf)));
}

/* A receiver of what they wait with gets it. */
TEST_F(share, filter)
{
	pid_t pid;

	ASSERT_EQ(-4, as_user(MALLORY, MALLORY, send_many, self));
	pid = sender_as(MALLORY, self->fd, 60, 7, 4);
	ASSERT_LE(0, pid);
	ASSERT_EQ(0, chan_filter(self->nb, 7, 0));
	EXPECT_EQ(POLLIN, poll_now(self->nb, POLLIN));
	EXPECT_EQ(60, label_recv(self->nb, NULL, 0));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(-EAGAIN, label_recv(self->nb, NULL, 0));
	EXPECT_EQ(4, chan_msgs(self->fd));
}

/* Sends as fast as there is room. */
static pid_t start_flood(int fd)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		if (setresuid(MALLORY, MALLORY, MALLORY))
			_exit(255);
		while (!label_send(fd, 60, 0, 0, 0))
			;
		_exit(1);
	}
	return pid;
}

/* Whatever another does: who has nothing here never waits, nor is it behind many. */
TEST_F(share, never_starved)
{
	const uint32_t rounds = test_scale(200);
	uint32_t i, before, most = 0;
	pid_t flood[3];

	for (i = 0; i < 3; i++)
		flood[i] = start_flood(self->fd);
	for (i = 0; i < rounds; i++) {
		ASSERT_TRUE(wait_blocked(flood[0], SYS_ioctl));
		ASSERT_TRUE(wait_blocked(flood[1], SYS_ioctl));
		ASSERT_TRUE(wait_blocked(flood[2], SYS_ioctl));
		ASSERT_EQ(0, seteuid(BOB));
		EXPECT_EQ(0, label_send(self->nb, 70, 0, 0, 0)) TH_LOG("round %u", i);
		ASSERT_EQ(0, seteuid(0));
		for (before = 0; msg_recv_u32(self->nb) == 60; before++)
			;
		most = before > most ? before : most;
	}
	TH_LOG("behind %u at most", most);
	EXPECT_GE(4, most);
	for (i = 0; i < 3; i++)
		child_kill(flood[i]);
}

static char large[4000];

static int send_large(const void *arg)
{
	FIXTURE_DATA(share) *self = (void *)arg;

	return msg_send(self->nb, large, 4000) == 4000 ? 0 : -1;
}

/* Nor does it hold them up where there is no room for its message. */
TEST_F(share, has_enough_and_does_not_fit)
{
	pid_t pid;

	ASSERT_EQ(0, as_user(MALLORY, MALLORY, send_large, self));
	ASSERT_EQ(4000, msg_send(self->nb, large, 4000));
	ASSERT_EQ(4000, msg_send(self->nb, large, 4000));
	ASSERT_EQ(1000, msg_send(self->nb, large, 1000));
	pid = sender_as(MALLORY, self->fd, 60, 0, 4000);
	ASSERT_LE(0, pid);
	EXPECT_EQ(0, msg_send_u32(self->nb, 1));
	child_kill(pid);
}

static int send_middle(const void *arg)
{
	FIXTURE_DATA(share) *self = (void *)arg;

	return msg_send(self->nb, large, 3000) == 3000 ? 0 : -1;
}

static int send_behind(const void *arg)
{
	FIXTURE_DATA(share) *self = (void *)arg;

	return label_send(self->nb, 1, 0, 0, 0);
}

/* It fits its share, and a larger one of the same user waits for that. */
TEST_F(share, own_order)
{
	pid_t pid;

	ASSERT_EQ(0, as_user(MALLORY, MALLORY, send_large, self));
	ASSERT_EQ(0, as_user(MALLORY, MALLORY, send_middle, self));
	pid = sender_as(MALLORY, self->fd, 61, 0, 4000);
	ASSERT_LE(0, pid);
	EXPECT_EQ(-EDQUOT, as_user(MALLORY, MALLORY, send_behind, self));
	EXPECT_EQ(4000, msg_recv(self->nb, large, 4000));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, as_user(MALLORY, MALLORY, send_behind, self));
}

/* Nobody can bring it to six: it is told of what there is. */
TEST_F(share, watermark)
{
	struct ipcchan_filter f = { .low_msgs = 6 };

	ASSERT_EQ(0, do_ioctl(self->fd, IPCCHAN_IOC_FILTER, &f));
	ASSERT_EQ(0, msg_send_u32(self->nb, 1));
	EXPECT_EQ(0, poll_now(self->fd, POLLIN));
	EXPECT_EQ(1, msg_recv_u32(self->nb));
	ASSERT_EQ(-4, as_user(MALLORY, MALLORY, send_many, self));
	EXPECT_EQ(POLLIN, poll_now(self->fd, POLLIN));
}

/* Of one user's messages that wait a short one does not pass by one that came before. */
TEST_F(share, own_order_in_line)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .max_msgs = 100, .max_msg_size = 1000,
		.max_bytes = 1000, .mode = 0666,
	};
	int fd = chan_open(O_RDWR, &a);
	char buf[1000] = { 0 };
	pid_t owner, first, second;

	ASSERT_LE(0, fd);
	ASSERT_EQ(20, msg_send(fd, buf, 20));
	ASSERT_EQ(870, msg_send(fd, buf, 870));
	owner = child_fork();
	if (owner == 0) {
		if (setresuid(MALLORY, MALLORY, MALLORY))
			_exit(255);
		_exit(msg_send(fd, buf, 10) != 10);
	}
	ASSERT_EQ(0, child_wait(owner));
	owner = sender_as(0, fd, 1, 0, 105);
	ASSERT_LE(0, owner);
	first = sender_as(MALLORY, fd, 2, 0, 45);
	ASSERT_LE(0, first);
	second = sender_as(MALLORY, fd, 3, 0, 1);
	ASSERT_LE(0, second);
	/* With what the owner sends now the first is above its share, not the second. */
	EXPECT_EQ(20, msg_recv(fd, buf, sizeof(buf)));
	EXPECT_EQ(0, child_wait(owner));
	sleep_ms(20);
	EXPECT_TRUE(wait_blocked(first, SYS_ioctl));
	EXPECT_TRUE(wait_blocked(second, SYS_ioctl));
	EXPECT_EQ(870, msg_recv(fd, buf, sizeof(buf)));
	EXPECT_EQ(0, child_wait(first));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(10, msg_recv(fd, buf, sizeof(buf)));
	EXPECT_EQ(105, msg_recv(fd, buf, sizeof(buf)));
	EXPECT_EQ(45, msg_recv(fd, buf, sizeof(buf)));
	EXPECT_EQ(1, msg_recv(fd, buf, sizeof(buf)));
	close(fd);
}

static int send_sixty(const void *fd)
{
	return label_send(*(const int *)fd, 60, 0, 0, IPCCHAN_XFER_NONBLOCK);
}

/* Those who wait for their share are told, too, that nobody will make room. */
TEST_F(share, hung_up)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .max_msgs = 2, .mode = 0666,
		.options = IPCCHAN_OPT_HANGUP,
	};
	int wr = chan_open(O_WRONLY, &a), rd = chan_peer(wr, O_RDONLY);
	pid_t pid;

	ASSERT_LE(0, rd);
	EXPECT_EQ(0, as_user(MALLORY, MALLORY, send_sixty, &wr));
	pid = child_fork();
	if (pid == 0) {
		close(rd);
		if (setresuid(MALLORY, MALLORY, MALLORY))
			_exit(255);
		_exit(-label_send(wr, 61, 0, 0, 0));
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	close(rd);
	EXPECT_EQ(EPIPE, child_wait(pid));
	close(wr);
}

/* A child of this user that calls, and exits with the reply. */
static pid_t start_call_as(uid_t uid, int fd, uint32_t value)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		int64_t reply;

		if (setresuid(uid, uid, uid))
			_exit(255);
		reply = rpc_call(fd, value, -1);
		_exit(reply < 0 ? CHILD_ERROR - reply : reply);
	}
	return wait_blocked(pid, SYS_ioctl) ? pid : -ETIMEDOUT;
}

/* Of the clients of a server, too, one leaves room for others. */
TEST_F(share, calls)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC, .max_msgs = 3,
		.mode = 0666,
	};
	int wr = chan_open(O_WRONLY, &a), rd = chan_peer(wr, O_RDONLY | O_NONBLOCK);
	static const uint32_t order[] = { 1, 4, 2 };
	struct taken t;
	pid_t call[5];
	unsigned int i;

	ASSERT_LE(0, rd);
	for (i = 1; i < 4; i++) {
		call[i] = start_call_as(MALLORY, wr, i);
		ASSERT_LE(0, call[i]);
	}
	/* Two of them wait, and not because it is full. */
	EXPECT_EQ(1, chan_msgs(wr));
	EXPECT_EQ(POLLOUT, poll_now(wr, POLLOUT));
	call[4] = start_call_as(0, wr, 4);
	ASSERT_LE(0, call[4]);
	EXPECT_EQ(2, chan_msgs(wr));
	child_kill(call[3]);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		EXPECT_EQ(1, rpc_take(rd, &t, 0));
		EXPECT_EQ(order[i], t.value);
		EXPECT_EQ(0, rpc_reply(rd, t.call, t.value + 1));
		EXPECT_EQ(t.value + 1, child_wait(call[order[i]]));
	}
	EXPECT_EQ(-EAGAIN, rpc_take(rd, &t, 0));
	close(rd);
	close(wr);
}

TEST_F(share, killed)
{
	pid_t first, second;

	ASSERT_EQ(-4, as_user(MALLORY, MALLORY, send_many, self));
	first = sender_as(MALLORY, self->fd, 60, 0, 4);
	second = sender_as(MALLORY, self->fd, 61, 0, 4);
	child_kill(first);
	EXPECT_EQ(50, msg_recv_u32(self->nb));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(4, chan_msgs(self->fd));
	/* Closed with messages of a share in it. */
}

TEST_HARNESS_MAIN
