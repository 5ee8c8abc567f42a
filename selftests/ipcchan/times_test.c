// SPDX-License-Identifier: GPL-2.0
/* Time in queue: which messages are counted, and where. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define MANY	40

FIXTURE(times) {
	struct genl *g;
	int fd;
	uint32_t id;
};

static uint32_t id_of(int fd)
{
	struct ipcchan_info info;

	return chan_info(fd, &info) ? 0 : info.id;
}

FIXTURE_SETUP(times)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->g = genl_open();
	ASSERT_NE(NULL, self->g);
	self->fd = chan_anon(NULL);
	ASSERT_LE(0, self->fd);
	self->id = id_of(self->fd);
}

FIXTURE_TEARDOWN(times)
{
	close(self->fd);
	genl_close(self->g);
}

/* Messages of this channel that were counted, or -1. */
static int64_t counted(struct genl *g, uint32_t id)
{
	struct genl_chan c;
	int64_t sum = 0;
	unsigned int i;

	if (genl_get(g, NULL, id, &c) || !c.times)
		return -1;
	for (i = 0; i < IPCCHAN_TIME_BUCKETS; i++)
		sum += c.time_buckets[i];
	return sum;
}

#define EXPECT_COUNTED(expected) EXPECT_EQ(expected, counted(self->g, self->id))

static uint64_t bucket_begin(unsigned int i)
{
	return i < 4 ? i * 64 : (4 + i % 4ull) << (i / 4 + 5);
}

TEST_F(times, off_unless_asked_for)
{
	struct genl_chan c;

	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(1, msg_recv_u32(self->fd));
	ASSERT_EQ(0, genl_get(self->g, NULL, self->id, &c));
	EXPECT_TRUE(c.present & 1u << IPCCHAN_A_TIMES);
	EXPECT_EQ(0, c.times);
	EXPECT_FALSE(c.present & 1u << IPCCHAN_A_TIME_BUCKETS);
	ASSERT_EQ(0, genl_set_times(self->g, self->id, true));
	ASSERT_EQ(0, genl_get(self->g, NULL, self->id, &c));
	EXPECT_EQ(1, c.times);
	EXPECT_TRUE(c.present & 1u << IPCCHAN_A_TIME_BUCKETS);
	/* Of a dump it would be too much. */
	ASSERT_EQ(1, genl_dump(self->g, &c, 1));
	EXPECT_EQ(1, c.times);
	EXPECT_FALSE(c.present & 1u << IPCCHAN_A_TIME_BUCKETS);
}

/* Each message in a bucket that may be it: its time is known from both sides. */
TEST_F(times, buckets)
{
	static const unsigned int ms[] = { 0, 3, 30, 100 };
	uint64_t before, sent, taken, after;
	struct genl_chan c, last;
	unsigned int i, b;

	ASSERT_EQ(0, genl_set_times(self->g, self->id, true));
	ASSERT_EQ(0, genl_get(self->g, NULL, self->id, &last));
	for (i = 0; i < 4; i++) {
		before = now_ns();
		ASSERT_EQ(0, msg_send_u32(self->fd, i));
		sent = now_ns();
		sleep_ms(ms[i]);
		taken = now_ns();
		ASSERT_EQ(i, msg_recv_u32(self->fd));
		after = now_ns();
		ASSERT_EQ(0, genl_get(self->g, NULL, self->id, &c));
		for (b = 0; b < IPCCHAN_TIME_BUCKETS; b++) {
			if (c.time_buckets[b] != last.time_buckets[b])
				break;
		}
		ASSERT_NE(IPCCHAN_TIME_BUCKETS, b);
		EXPECT_EQ(last.time_buckets[b] + 1, c.time_buckets[b]);
		EXPECT_LE(bucket_begin(b), after - before);
		EXPECT_GT(bucket_begin(b + 1), taken - sent);
		EXPECT_EQ(i + 1, counted(self->g, self->id));
		last = c;
	}
}

/* The receiver sleeps: what it takes to wake up counts. */
TEST_F(times, handover)
{
	pid_t pid;

	ASSERT_EQ(0, genl_set_times(self->g, self->id, true));
	pid = child_recv(self->fd);
	EXPECT_COUNTED(0);
	ASSERT_EQ(0, msg_send_u32(self->fd, 7));
	EXPECT_EQ(7, child_wait(pid));
	EXPECT_COUNTED(1);
}

/* The longer way through the queue, and that of one who has waited for room. */
TEST_F(times, special)
{
	struct ipcchan_attach two = { .max_msgs = 2 };
	int fd = chan_anon(&two);
	uint32_t id = id_of(fd);
	pid_t pid;

	ASSERT_EQ(0, genl_set_times(self->g, id, true));
	ASSERT_EQ(0, label_send(fd, 1, 5, 0, 0));
	ASSERT_EQ(0, label_send(fd, 2, 0, 9, 0));
	pid = child_send(fd, 3, 0, 4);
	ASSERT_EQ(0, chan_filter(fd, 4, 0));
	ASSERT_EQ(3, label_recv(fd, NULL, 0));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(1, counted(self->g, id));
	ASSERT_EQ(0, chan_filter(fd, -1, 0));
	ASSERT_EQ(1, label_recv(fd, NULL, 0));
	ASSERT_EQ(2, label_recv(fd, NULL, 0));
	EXPECT_EQ(3, counted(self->g, id));
	close(fd);
}

TEST_F(times, batch)
{
	struct ipcchan_msghdr h[MANY] = {};
	uint32_t value[MANY];
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		h[i].buf = (uintptr_t)&value[i];
		h[i].len = sizeof(value[i]);
		value[i] = i;
	}
	ASSERT_EQ(0, genl_set_times(self->g, self->id, true));
	ASSERT_EQ(MANY, xfer_send(self->fd, h, MANY, 0, -1));
	EXPECT_COUNTED(0);
	for (i = 0; i < MANY; i++) {
		h[i].len = sizeof(value[i]);
		h[i].flags = 0;
	}
	ASSERT_EQ(MANY, xfer_recv(self->fd, h, MANY, 0, -1));
	EXPECT_COUNTED(MANY);
}

/* A message that has no stamp, or an old one, does not count. */
TEST_F(times, queued_before)
{
	int other = chan_anon(NULL), i;
	uint32_t other_id = id_of(other);

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, msg_send_u32(self->fd, i));
	ASSERT_EQ(0, genl_set_times(self->g, self->id, true));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(i, msg_recv_u32(self->fd));
	EXPECT_COUNTED(0);

	/* Memory that has a stamp is used again while nothing is recorded, here and elsewhere. */
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, msg_send_u32(self->fd, i));
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(i, msg_recv_u32(self->fd));
	EXPECT_COUNTED(MANY);
	ASSERT_EQ(0, genl_set_times(self->g, other_id, true));
	ASSERT_EQ(0, genl_set_times(self->g, self->id, false));
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, msg_send_u32(self->fd, i));
	ASSERT_EQ(0, genl_set_times(self->g, self->id, true));
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(i, msg_recv_u32(self->fd));
	EXPECT_COUNTED(MANY);
	EXPECT_EQ(0, counted(self->g, other_id));
	close(other);
}

/* What was recorded before is there again, and nothing is while it is off. */
TEST_F(times, off_again)
{
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, genl_set_times(self->g, self->id, true));
		EXPECT_COUNTED(i);
		ASSERT_EQ(0, msg_send_u32(self->fd, 1));
		ASSERT_EQ(1, msg_recv_u32(self->fd));
		ASSERT_EQ(0, genl_set_times(self->g, self->id, false));
		EXPECT_COUNTED(-1);
		ASSERT_EQ(0, msg_send_u32(self->fd, 1));
		ASSERT_EQ(1, msg_recv_u32(self->fd));
	}
}

/* Subscribers that were there, and one who comes later. */
TEST_F(times, broadcast)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
	};
	int wr = chan_open(O_WRONLY, &a), sub[3], i;
	uint32_t id = id_of(wr);

	sub[0] = chan_peer(wr, O_RDONLY);
	sub[1] = chan_peer(wr, O_RDONLY);
	ASSERT_EQ(0, genl_set_times(self->g, id, true));
	sub[2] = chan_peer(wr, O_RDONLY);
	ASSERT_EQ(0, msg_send_u32(wr, 5));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(5, msg_recv_u32(sub[i]));
		EXPECT_EQ(i + 1, counted(self->g, id));
	}
	ASSERT_EQ(0, genl_set_times(self->g, id, false));
	for (i = 0; i < 3; i++)
		close(sub[i]);
	close(wr);
}

/* Request and reply, each from when it is sent: the server takes longer than both wait. */
TEST_F(times, rpc)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC };
	int wr = chan_open(O_WRONLY, &a), rd = chan_peer(wr, O_RDONLY);
	uint32_t id = id_of(wr);
	struct genl_chan c;
	struct taken t;
	unsigned int i;
	pid_t pid;

	ASSERT_EQ(0, genl_set_times(self->g, id, true));
	pid = start_call(wr, 1, 0);
	ASSERT_EQ(1, rpc_take(rd, &t, 0));
	EXPECT_EQ(1, counted(self->g, id));
	sleep_ms(1000);
	ASSERT_EQ(0, rpc_reply(rd, t.call, 2));
	EXPECT_EQ(2, child_wait(pid));
	EXPECT_EQ(2, counted(self->g, id));
	ASSERT_EQ(0, genl_get(self->g, NULL, id, &c));
	for (i = 0; i < IPCCHAN_TIME_BUCKETS; i++) {
		if (bucket_begin(i + 1) > 1000000000)
			EXPECT_EQ(0, c.time_buckets[i]);
	}
	close(wr);
	close(rd);
}

TEST_HARNESS_MAIN
