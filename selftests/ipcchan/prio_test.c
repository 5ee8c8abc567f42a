// SPDX-License-Identifier: GPL-2.0
/* Priorities: the highest first, one of them in order of arrival, also after a putback. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define LEVELS	(IPCCHAN_PRIO_MAX + 1)
#define EACH	4

FIXTURE(prio) {
	int fd;		/* room for as many as are ever sent */
};

FIXTURE_SETUP(prio)
{
	self->fd = chan_anon(NULL);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, set_nonblock(self->fd, true));
}

FIXTURE_TEARDOWN(prio)
{
	close(self->fd);
}

static void expect_next(struct __test_metadata *_metadata, int fd, uint32_t value,
			uint32_t prio)
{
	struct ipcchan_msghdr h;

	EXPECT_EQ(value, label_recv(fd, &h, 0));
	EXPECT_EQ(prio, h.prio);
}

/* Sent in an order that has nothing of the one they are received in. */
TEST_F(prio, every_level)
{
	uint32_t i, prio;

	for (i = 0; i < EACH * LEVELS; i++) {
		prio = i * 13 % LEVELS;
		ASSERT_EQ(0, label_send(self->fd, prio * EACH + i / LEVELS, prio, 0, 0));
	}
	EXPECT_EQ(EACH * LEVELS, chan_msgs(self->fd));
	for (prio = LEVELS; prio-- > 0;) {
		for (i = 0; i < EACH; i++)
			expect_next(_metadata, self->fd, prio * EACH + i, prio);
	}
	EXPECT_EQ(-EAGAIN, label_recv(self->fd, NULL, 0));
}

TEST_F(prio, highest_is_31)
{
	EXPECT_EQ(0, label_send(self->fd, 1, IPCCHAN_PRIO_MAX, 0, 0));
	EXPECT_EQ(-EINVAL, label_send(self->fd, 1, IPCCHAN_PRIO_MAX + 1, 0, 0));
	EXPECT_EQ(-EINVAL, label_send(self->fd, 1, ~0u, 0, 0));
	EXPECT_EQ(-EINVAL, label_send(self->fd, 1, 1u << 16, 0, 0));
	EXPECT_EQ(1, chan_msgs(self->fd));
}

/* write() is of the lowest one, read() takes the highest. */
TEST_F(prio, read_and_write)
{
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(0, label_send(self->fd, 2, 5, 0, 0));
	ASSERT_EQ(0, msg_send_u32(self->fd, 3));
	ASSERT_EQ(0, label_send(self->fd, 4, 0, 0, 0));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
	EXPECT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(3, msg_recv_u32(self->fd));
	EXPECT_EQ(4, msg_recv_u32(self->fd));
}

/* The queue learns of levels only when it is full of messages already. */
TEST_F(prio, first_of_a_priority_comes_late)
{
	uint32_t i;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, msg_send_u32(self->fd, i));
	}
	ASSERT_EQ(0, label_send(self->fd, 100, 3, 0, 0));
	ASSERT_EQ(0, msg_send_u32(self->fd, 10));
	ASSERT_EQ(0, label_send(self->fd, 101, 3, 0, 0));
	expect_next(_metadata, self->fd, 100, 3);
	expect_next(_metadata, self->fd, 101, 3);
	for (i = 0; i <= 10; i++)
		expect_next(_metadata, self->fd, i, 0);
	/* Levels that have become empty, in the middle and at the ends. */
	ASSERT_EQ(0, label_send(self->fd, 1, 2, 0, 0));
	ASSERT_EQ(0, label_send(self->fd, 2, 9, 0, 0));
	ASSERT_EQ(0, label_send(self->fd, 3, 1, 0, 0));
	expect_next(_metadata, self->fd, 2, 9);
	ASSERT_EQ(0, label_send(self->fd, 4, 0, 0, 0));
	expect_next(_metadata, self->fd, 1, 2);
	ASSERT_EQ(0, label_send(self->fd, 5, 1, 0, 0));
	expect_next(_metadata, self->fd, 3, 1);
	expect_next(_metadata, self->fd, 5, 1);
	expect_next(_metadata, self->fd, 4, 0);
}

/* Against a model that is slow and simple. */
TEST_F(prio, random)
{
	uint32_t seed = getpid(), next = 0, sent[LEVELS][1024], head[LEVELS] = { 0 };
	uint32_t tail[LEVELS] = { 0 }, queued = 0, i, p;

	TH_LOG("seed %u", seed);
	for (i = 0; i < 4000; i++) {
		p = rand_r(&seed) % LEVELS;
		if (rand_r(&seed) % 2 && queued < 1000 && tail[p] < 1024) {
			ASSERT_EQ(0, label_send(self->fd, next, p, 0, 0));
			sent[p][tail[p]++] = next++;
			queued++;
			continue;
		}
		if (!queued) {
			ASSERT_EQ(-EAGAIN, label_recv(self->fd, NULL, 0));
			continue;
		}
		for (p = IPCCHAN_PRIO_MAX; head[p] == tail[p]; p--)
			;
		ASSERT_EQ(sent[p][head[p]++], label_recv(self->fd, NULL, 0));
		queued--;
	}
}

/* What could not be delivered is where it was: in its level, and the first there. */
TEST_F(prio, undelivered)
{
	struct ipcchan_msghdr h = { .buf = (uintptr_t)bad_page(), .len = 4 };
	struct ipcchan_msghdr batch[3];
	uint32_t got[3];
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, label_send(self->fd, 10 + i, 1, 0, 0));
		ASSERT_EQ(0, label_send(self->fd, 20 + i, 2, 0, 0));
		ASSERT_EQ(0, label_send(self->fd, i, 0, 0, 0));
	}
	EXPECT_EQ(-EFAULT, xfer_recv(self->fd, &h, 1, 0, -1));
	EXPECT_EQ(-EFAULT, msg_recv(self->fd, (void *)(uintptr_t)h.buf, 4));
	EXPECT_EQ(9, chan_msgs(self->fd));
	expect_next(_metadata, self->fd, 20, 2);
	expect_next(_metadata, self->fd, 21, 2);
	/* The last of a level goes back, while lower ones wait. */
	EXPECT_EQ(-EFAULT, xfer_recv(self->fd, &h, 1, 0, -1));
	ASSERT_EQ(0, label_send(self->fd, 23, 2, 0, 0));
	expect_next(_metadata, self->fd, 22, 2);
	expect_next(_metadata, self->fd, 23, 2);
	/* Of a batch of three the second cannot be delivered: it and the third return. */
	for (i = 0; i < 3; i++)
		batch[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)&got[i], .len = 4 };
	batch[1].buf = h.buf;
	EXPECT_EQ(1, xfer_recv(self->fd, batch, 3, 0, -1));
	EXPECT_EQ(10, got[0]);
	expect_next(_metadata, self->fd, 11, 1);
	/* Over the border of two levels. */
	ASSERT_EQ(0, label_send(self->fd, 30, 3, 0, 0));
	for (i = 0; i < 3; i++)
		batch[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)&got[i], .len = 4 };
	batch[1].buf = h.buf;
	EXPECT_EQ(1, xfer_recv(self->fd, batch, 3, 0, -1));
	EXPECT_EQ(30, got[0]);
	expect_next(_metadata, self->fd, 12, 1);
	for (i = 0; i < 3; i++)
		expect_next(_metadata, self->fd, i, 0);
	EXPECT_EQ(0, chan_msgs(self->fd));
}

TEST_F(prio, too_little_room)
{
	char small[2], big[8];

	ASSERT_EQ(0, label_send(self->fd, 1, 0, 0, 0));
	ASSERT_EQ(0, label_send(self->fd, 2, 7, 0, 0));
	ASSERT_EQ(0, label_send(self->fd, 3, 7, 0, 0));
	EXPECT_EQ(-EMSGSIZE, msg_recv(self->fd, small, sizeof(small)));
	EXPECT_EQ(4, chan_next(self->fd));
	EXPECT_EQ(4, msg_recv(self->fd, big, sizeof(big)));
	expect_next(_metadata, self->fd, 3, 7);
	expect_next(_metadata, self->fd, 1, 0);
}

/* A waiting sender is next when it was first: its message then finds its place. */
TEST_F(prio, blocked_senders)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };
	static const uint32_t prios[] = { 0, 5, 1, 9 };
	int fd = chan_anon(&limits), i;
	pid_t pid[4];

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, label_send(fd, 40, 4, 0, 0));
	ASSERT_EQ(0, label_send(fd, 41, 4, 0, 0));
	for (i = 0; i < 4; i++) {
		pid[i] = child_send(fd, prios[i], prios[i], 0);
		ASSERT_LE(0, pid[i]);
	}
	EXPECT_EQ(2, chan_msgs(fd));
	expect_next(_metadata, fd, 40, 4);	/* lets in 0 */
	EXPECT_EQ(0, child_wait(pid[0]));
	expect_next(_metadata, fd, 41, 4);	/* lets in 5 */
	EXPECT_EQ(0, child_wait(pid[1]));
	expect_next(_metadata, fd, 5, 5);	/* lets in 1 */
	EXPECT_EQ(0, child_wait(pid[2]));
	expect_next(_metadata, fd, 1, 1);	/* lets in 9 */
	EXPECT_EQ(0, child_wait(pid[3]));
	expect_next(_metadata, fd, 9, 9);
	expect_next(_metadata, fd, 0, 0);
	EXPECT_EQ(0, chan_msgs(fd));
	close(fd);
}

/* Nobody overtakes who waits, of whatever priority. */
TEST_F(prio, none_overtakes_who_waits)
{
	struct ipcchan_attach limits = { .max_bytes = 8, .max_msg_size = 8 };
	int fd = chan_anon(&limits), peer;
	char eight[8];
	pid_t pid;

	ASSERT_LE(0, fd);
	peer = chan_peer(fd, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, peer);
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	pid = child_fork();
	if (pid == 0)
		_exit(msg_send(fd, "12345678", 8) != 8);
	ASSERT_TRUE(wait_blocked(pid, SYS_write));
	/* There is room for this one, but it is not its turn. */
	EXPECT_EQ(-EAGAIN, label_send(peer, 2, 31, 0, 0));
	EXPECT_EQ(1, msg_recv_u32(peer));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(8, msg_recv(peer, eight, 8));
	EXPECT_EQ(0, label_send(peer, 2, 31, 0, 0));
	EXPECT_EQ(2, msg_recv_u32(peer));
	close(peer);
	close(fd);
}

/* Large ones do not live in slots. */
TEST_F(prio, large)
{
	static char out[3][5000], in[5000];
	struct ipcchan_msghdr h[3];
	int i;

	for (i = 0; i < 3; i++) {
		memset(out[i], 'a' + i, sizeof(out[i]));
		h[i] = (struct ipcchan_msghdr) {
			.buf = (uintptr_t)out[i], .len = sizeof(out[i]) - i, .prio = i,
		};
	}
	ASSERT_EQ(3, xfer_send(self->fd, h, 3, 0, 0));
	for (i = 2; i >= 0; i--) {
		ASSERT_EQ(5000 - i, msg_recv(self->fd, in, sizeof(in)));
		EXPECT_EQ(0, memcmp(in, out[i], 5000 - i));
	}
}

TEST_HARNESS_MAIN
