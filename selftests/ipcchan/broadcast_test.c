// SPDX-License-Identifier: GPL-2.0
/* Broadcast: each subscriber gets each message, and all in the same order. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define SUBS	4
#define ANY	-1

FIXTURE(broadcast) {
	int wr;			/* sends, and waits */
	int sub[SUBS];		/* do not wait */
};

static int create(uint32_t max_msgs, uint32_t slow)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
		.max_msgs = max_msgs, .slow = slow,
	};

	return chan_open(O_WRONLY, &a);
}

FIXTURE_SETUP(broadcast)
{
	int i;

	self->wr = create(8, IPCCHAN_SLOW_BLOCK);
	ASSERT_LE(0, self->wr);
	for (i = 0; i < SUBS; i++) {
		self->sub[i] = chan_peer(self->wr, O_RDONLY | O_NONBLOCK);
		ASSERT_LE(0, self->sub[i]);
	}
}

FIXTURE_TEARDOWN(broadcast)
{
	int i;

	for (i = 0; i < SUBS; i++)
		close(self->sub[i]);
	close(self->wr);
}

TEST_F(broadcast, each_gets_each)
{
	struct ipcchan_info info;
	struct ipcchan_msghdr h;
	uint32_t i, s;

	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, label_send(self->wr, i, 0, i * 10, 0));
	}
	for (s = 0; s < SUBS; s++) {
		ASSERT_EQ(0, chan_info(self->sub[s], &info));
		EXPECT_EQ(8, info.msgs);
		EXPECT_EQ(32, info.bytes);
		EXPECT_EQ(IPCCHAN_KIND_BROADCAST, info.kind);
		EXPECT_EQ(POLLIN, poll_now(self->sub[s], POLLIN));
		for (i = 0; i < 8; i++) {
			EXPECT_EQ(i, label_recv(self->sub[s], &h, 0));
			EXPECT_EQ(i * 10, h.type);
			EXPECT_EQ(0, h.lost);
			EXPECT_EQ(0, h.flags);
			EXPECT_EQ((uint32_t)getpid(), h.pid);
			EXPECT_EQ((uint32_t)getpid(), h.opener_pid);
		}
		EXPECT_EQ(-EAGAIN, label_recv(self->sub[s], NULL, 0));
		EXPECT_EQ(0, poll_now(self->sub[s], POLLIN));
	}
}

TEST_F(broadcast, all_who_wait_are_woken)
{
	pid_t pid[SUBS];
	int s;

	for (s = 0; s < SUBS; s++) {
		ASSERT_EQ(0, set_nonblock(self->sub[s], false));
		pid[s] = child_recv(self->sub[s]);
		ASSERT_LE(0, pid[s]);
	}
	ASSERT_EQ(0, msg_send_u32(self->wr, 42));
	for (s = 0; s < SUBS; s++) {
		EXPECT_EQ(42, child_wait(pid[s]));
	}
}

/* Several senders: whatever the order is, it is the same for all. */
TEST_F(broadcast, same_order_for_all)
{
	const uint32_t each = test_scale(300);
	uint32_t seen[3] = { 0 }, i;
	pid_t pid[3];
	int64_t v;
	int s;

	for (s = 0; s < 3; s++) {
		pid[s] = child_fork();
		if (pid[s])
			continue;
		for (i = 0; i < each; i++) {
			if (label_send(self->wr, s << 16 | i, 0, 0, 0))
				_exit(1);
		}
		_exit(0);
	}
	for (s = 0; s < SUBS; s++) {
		ASSERT_EQ(0, set_nonblock(self->sub[s], false));
	}
	for (i = 0; i < 3 * each; i++) {
		v = label_recv(self->sub[0], NULL, 0);
		ASSERT_LE(0, v);
		ASSERT_GT(3, v >> 16);
		ASSERT_EQ(seen[v >> 16]++, v & 0xffff);
		for (s = 1; s < SUBS; s++) {
			ASSERT_EQ(v, msg_recv_u32(self->sub[s]));
		}
	}
	for (s = 0; s < 3; s++) {
		EXPECT_EQ(0, child_wait(pid[s]));
	}
}

TEST_F(broadcast, priorities)
{
	static const uint32_t order[] = { 31, 7, 7, 0, 0 };
	struct ipcchan_msghdr h;
	unsigned int i;
	int s;

	ASSERT_EQ(0, label_send(self->wr, 0, 0, 0, 0));
	ASSERT_EQ(0, label_send(self->wr, 1, 7, 0, 0));
	ASSERT_EQ(0, label_send(self->wr, 2, 0, 0, 0));
	ASSERT_EQ(0, label_send(self->wr, 3, 31, 0, 0));
	ASSERT_EQ(0, label_send(self->wr, 4, 7, 0, 0));
	for (s = 0; s < SUBS; s++) {
		int64_t last = -1;

		for (i = 0; i < ARRAY_SIZE(order); i++) {
			int64_t v = label_recv(self->sub[s], &h, 0);

			EXPECT_EQ(order[i], h.prio);
			if (i == 2 || i == 4) {
				EXPECT_LT(last, v);
			}
			last = v;
		}
	}
}

TEST_F(broadcast, filters)
{
	static const uint32_t odd[] = { 5, 7, 1, 3 };
	uint32_t i;

	ASSERT_EQ(0, chan_filter(self->sub[0], 1, 0));
	ASSERT_EQ(0, chan_filter(self->sub[1], ANY, 5));
	ASSERT_EQ(0, chan_filter(self->sub[2], 1, 5));
	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, label_send(self->wr, i, i < 4 ? 0 : 9, i % 2, 0));
	}
	/* What it filters out is not even sent to it. */
	EXPECT_EQ(4, chan_msgs(self->sub[0]));
	EXPECT_EQ(4, chan_msgs(self->sub[1]));
	EXPECT_EQ(2, chan_msgs(self->sub[2]));
	EXPECT_EQ(8, chan_msgs(self->sub[3]));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(odd[i], label_recv(self->sub[0], NULL, 0));
		EXPECT_EQ(4 + i, label_recv(self->sub[1], NULL, 0));
	}
	EXPECT_EQ(5, label_recv(self->sub[2], NULL, 0));
	EXPECT_EQ(7, label_recv(self->sub[2], NULL, 0));
	/* The fourth is full; those it does not want go past it. */
	ASSERT_EQ(0, chan_filter(self->sub[3], 3, 0));
	EXPECT_EQ(0, label_send(self->wr, 9, 9, 1, IPCCHAN_XFER_NONBLOCK));
	EXPECT_EQ(9, label_recv(self->sub[0], NULL, 0));
}

/* Full of what it wants no more it is full all the same: that was sent to it before. */
TEST_F(broadcast, filter_set_when_full)
{
	uint32_t i;

	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, label_send(self->wr, i, 0, 1, 0));
	}
	for (i = 1; i < SUBS; i++) {
		ASSERT_EQ(0, label_recv(self->sub[i], NULL, 0));
	}
	ASSERT_EQ(0, chan_filter(self->sub[0], 2, 0));
	EXPECT_EQ(-EAGAIN, label_recv(self->sub[0], NULL, 0));
	EXPECT_EQ(0, poll_now(self->sub[0], POLLIN));
	EXPECT_EQ(0, label_send(self->wr, 10, 0, 1, IPCCHAN_XFER_NONBLOCK));
	EXPECT_EQ(1, label_recv(self->sub[1], NULL, 0));
	EXPECT_EQ(-EAGAIN, label_send(self->wr, 11, 0, 2, IPCCHAN_XFER_NONBLOCK));
	ASSERT_EQ(0, chan_filter(self->sub[0], ANY, 0));
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(i, label_recv(self->sub[0], NULL, 0));
	}
	EXPECT_EQ(-EAGAIN, label_recv(self->sub[0], NULL, 0));
}

TEST_F(broadcast, come_and_go)
{
	int late;

	ASSERT_EQ(0, msg_send_u32(self->wr, 1));
	late = chan_peer(self->wr, O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, late);
	ASSERT_EQ(0, msg_send_u32(self->wr, 2));
	/* What was sent before is not for it. */
	EXPECT_EQ(2, msg_recv_u32(late));
	EXPECT_EQ(-EAGAIN, msg_recv_u32(late));
	close(self->sub[1]);
	self->sub[1] = -1;
	ASSERT_EQ(0, msg_send_u32(self->wr, 3));
	EXPECT_EQ(3, msg_recv_u32(late));
	EXPECT_EQ(1, msg_recv_u32(self->sub[0]));
	EXPECT_EQ(2, msg_recv_u32(self->sub[0]));
	EXPECT_EQ(3, msg_recv_u32(self->sub[0]));
	close(late);
}

TEST_F(broadcast, nobody_listens)
{
	int fd = create(2, IPCCHAN_SLOW_BLOCK), sub, i;

	ASSERT_LE(0, fd);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(0, label_send(fd, i, i, 0, 0));
	}
	EXPECT_EQ(POLLOUT, poll_now(fd, POLLOUT));
	sub = chan_peer(fd, O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(-EAGAIN, msg_recv_u32(sub));
	EXPECT_EQ(0, msg_send_u32(fd, 5));
	EXPECT_EQ(5, msg_recv_u32(sub));
	close(sub);
	close(fd);
}

/* Who sends and receives gets its own messages too. */
TEST_F(broadcast, both_roles)
{
	int both = chan_peer(self->wr, O_RDWR | O_NONBLOCK);

	ASSERT_EQ(0, msg_send_u32(both, 1));
	EXPECT_EQ(1, msg_recv_u32(both));
	EXPECT_EQ(1, msg_recv_u32(self->sub[0]));
	close(both);
}

TEST_F(broadcast, large)
{
	static char out[60000], in[60000];
	int s;

	for (s = 0; s < (int)sizeof(out); s++)
		out[s] = s * 31 + s / 251;
	ASSERT_EQ(sizeof(out), msg_send(self->wr, out, sizeof(out)));
	ASSERT_EQ(100, msg_send(self->wr, out, 100));
	for (s = 0; s < SUBS; s++) {
		EXPECT_EQ(sizeof(out), chan_next(self->sub[s]));
		EXPECT_EQ(-EMSGSIZE, msg_recv(self->sub[s], in, 59999));
		memset(in, 0, sizeof(in));
		ASSERT_EQ(sizeof(in), msg_recv(self->sub[s], in, sizeof(in)));
		EXPECT_EQ(0, memcmp(in, out, sizeof(in)));
		EXPECT_EQ(100, msg_recv(self->sub[s], in, sizeof(in)));
	}
}

/* A fault of one is none of the others'. */
TEST_F(broadcast, bad_buffer)
{
	char *bad = bad_page();

	EXPECT_EQ(-EFAULT, msg_send(self->wr, bad, 4));
	ASSERT_EQ(0, label_send(self->wr, 1, 3, 0, 0));
	ASSERT_EQ(0, msg_send_u32(self->wr, 2));
	EXPECT_EQ(-EFAULT, msg_recv(self->sub[0], bad, 4));
	EXPECT_EQ(-EFAULT, msg_recv(self->sub[0], bad, 4));
	EXPECT_EQ(1, msg_recv_u32(self->sub[1]));
	EXPECT_EQ(1, msg_recv_u32(self->sub[0]));
	EXPECT_EQ(2, msg_recv_u32(self->sub[0]));
}

/* Sent counts messages; received, copies, also those of who has gone. */
TEST_F(broadcast, counted)
{
	struct genl *g = genl_open();
	struct ipcchan_info info;
	struct genl_chan c;
	int s;

	ASSERT_NE(NULL, g);
	ASSERT_EQ(0, chan_info(self->wr, &info));
	ASSERT_EQ(0, msg_send_u32(self->wr, 1));
	ASSERT_EQ(0, msg_send_u32(self->wr, 2));
	for (s = 0; s < SUBS; s++) {
		ASSERT_EQ(1, msg_recv_u32(self->sub[s]));
	}
	ASSERT_EQ(0, genl_get(g, NULL, info.id, &c));
	EXPECT_EQ(2, c.stats[IPCCHAN_A_STATS_SENT]);
	EXPECT_EQ(8, c.stats[IPCCHAN_A_STATS_SENT_BYTES]);
	EXPECT_EQ(SUBS, c.stats[IPCCHAN_A_STATS_RECEIVED]);
	EXPECT_EQ(SUBS * 4, c.stats[IPCCHAN_A_STATS_RECEIVED_BYTES]);
	EXPECT_EQ(0, c.stats[IPCCHAN_A_STATS_LOST]);
	EXPECT_EQ(SUBS, c.msgs);
	EXPECT_EQ(SUBS * 4, c.bytes);

	close(self->sub[0]);
	self->sub[0] = -1;
	ASSERT_EQ(0, genl_get(g, NULL, info.id, &c));
	EXPECT_EQ(2, c.stats[IPCCHAN_A_STATS_SENT]);
	EXPECT_EQ(SUBS, c.stats[IPCCHAN_A_STATS_RECEIVED]);
	EXPECT_EQ(SUBS - 1, c.msgs);
	genl_close(g);
}

TEST_F(broadcast, batches)
{
	struct ipcchan_msghdr h[12] = { 0 };
	uint32_t v[12], i;

	for (i = 0; i < 12; i++) {
		v[i] = i;
		h[i].buf = (uintptr_t)&v[i];
		h[i].len = 4;
	}
	/* There is room for eight. */
	EXPECT_EQ(8, xfer_send(self->wr, h, 12, IPCCHAN_XFER_NONBLOCK, -1));
	EXPECT_EQ(-EAGAIN, xfer_send(self->wr, h, 1, IPCCHAN_XFER_NONBLOCK, -1));
	EXPECT_EQ(-ETIMEDOUT, xfer_send(self->wr, h, 1, 0, 10000000));
	EXPECT_EQ(8, xfer_recv(self->sub[2], h, 12, 0, -1));
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(i, v[i]);
	}
	EXPECT_EQ(8, chan_msgs(self->sub[1]));
}

TEST_HARNESS_MAIN
