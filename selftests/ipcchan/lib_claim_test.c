// SPDX-License-Identifier: GPL-2.0
/*
 * libipcchan against the module: rings for several producers and consumers in a channel's
 * buffer, whose participants' lives are locks on the channel.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <ipcchan/bring.h>
#include <ipcchan/mring.h>

#include "util.h"

#include "harness.h"

#define SLOTS	8
#define MAX_LEN	64
#define OFFSET	4096		/* of the ring, in the buffer */
#define NO_TIME	0
#define SECONDS	1000000000LL

/* An anonymous channel, and a ring in its buffer. */
struct ring_chan {
	struct ipcchan *chan;
	struct ipcchan_bell bell;
	char *mem;
	size_t size;
	struct ipcchan_claim_life life;
};

/* Return: 0 or -errno; to be formatted. */
static int ring_chan_map(struct ring_chan *rc)
{
	void *addr;
	size_t size;
	int ret = ipcchan_map(rc->chan, &addr, &size) ?: ipcchan_bell_chan(&rc->bell, rc->chan);

	rc->mem = (char *)addr + OFFSET;
	rc->size = size - OFFSET;
	rc->life = (struct ipcchan_claim_life) {
		.fd = ipcchan_fd(rc->chan), .start = OFFSET,
	};
	return ret;
}

static int ring_chan_open(struct ring_chan *rc)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON, .mode = 0666,
		.buf_size = OFFSET + ipcchan_mring_mem_size(SLOTS, MAX_LEN),
	};

	return ipcchan_open(&rc->chan, NULL, &opts) ?: ring_chan_map(rc);
}

/* The same channel, through an endpoint of one's own. */
static int ring_chan_join(struct ring_chan *rc, const struct ring_chan *other)
{
	struct ipcchan_opts same = {
		.flags = IPCCHAN_ATTACH_FD, .fd = ipcchan_fd(other->chan),
	};

	return ipcchan_open(&rc->chan, NULL, &same) ?: ring_chan_map(rc);
}

static int attach(struct ipcchan_mring *ring, const struct ring_chan *rc,
		  enum ipcchan_claim_side side)
{
	return ipcchan_mring_attach(ring, rc->mem, rc->size, side, &rc->bell, &rc->life);
}

static int send_u32(struct ipcchan_mring *ring, uint32_t value)
{
	return ipcchan_mring_send(ring, &value, sizeof(value), NO_TIME);
}

static int64_t recv_u32(struct ipcchan_mring *ring, int64_t timeout_ns)
{
	uint32_t value;
	ssize_t len = ipcchan_mring_recv(ring, &value, sizeof(value), timeout_ns);

	return len == sizeof(value) ? value : len < 0 ? len : -EBADMSG;
}

/*
 * A child with an endpoint of its own that claims one message on @side, and stays there.
 * Return: its pid, once it has.
 */
static pid_t start_claimer(const struct ring_chan *rc, enum ipcchan_claim_side side)
{
	struct ipcchan_mring ring;
	struct ring_chan own;
	int ready[2], ret;
	const void *msg;
	void *room;
	pid_t pid;
	char c;

	if (pipe(ready))
		return -errno;
	pid = child_fork();
	if (pid == 0) {
		ret = ring_chan_join(&own, rc) ?: attach(&ring, &own, side);
		if (!ret && side == IPCCHAN_CLAIM_PRODUCER)
			ret = ipcchan_mring_reserve(&ring, 4, &room);
		else if (!ret)
			ret = ipcchan_mring_peek(&ring, &msg) == 4 ? 0 : -EBADMSG;
		if (ret || write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ret = read(ready[0], &c, 1);
	close(ready[0]);
	return ret == 1 ? pid : -ECHILD;
}

FIXTURE(claim) {
	struct ring_chan rc;
	struct ipcchan_mring ring;
};

FIXTURE_SETUP(claim)
{
	self->ring.c.fd = -1;
	ASSERT_EQ(0, ring_chan_open(&self->rc));
	ASSERT_EQ(0, ipcchan_mring_format(self->rc.mem, self->rc.size, MAX_LEN, 0,
					  &self->rc.life));
}

FIXTURE_TEARDOWN(claim)
{
	ipcchan_mring_close(&self->ring);
	ipcchan_close(self->rc.chan);
}

/* What a producer had only claimed is stepped over, not before it is dead. */
TEST_F(claim, dead_producer)
{
	pid_t pid = start_claimer(&self->rc, IPCCHAN_CLAIM_PRODUCER);
	struct ipcchan_mring producer;

	ASSERT_LT(0, pid);
	ASSERT_EQ(0, attach(&self->ring, &self->rc, IPCCHAN_CLAIM_CONSUMER));
	ASSERT_EQ(0, attach(&producer, &self->rc, IPCCHAN_CLAIM_PRODUCER));
	ASSERT_EQ(0, send_u32(&producer, 5));
	EXPECT_EQ(0, ipcchan_mring_recover(&self->ring));
	EXPECT_EQ(-ETIMEDOUT, recv_u32(&self->ring, SECONDS / 20));
	child_kill(pid);
	EXPECT_EQ(5, recv_u32(&self->ring, 30 * SECONDS));
	ipcchan_mring_detach(&producer);
}

/* What a consumer had only looked at is given to another one, who is told. */
TEST_F(claim, dead_consumer)
{
	struct ipcchan_mring producer;
	pid_t pid;

	ASSERT_EQ(0, attach(&producer, &self->rc, IPCCHAN_CLAIM_PRODUCER));
	ASSERT_EQ(0, send_u32(&producer, 6));
	pid = start_claimer(&self->rc, IPCCHAN_CLAIM_CONSUMER);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, attach(&self->ring, &self->rc, IPCCHAN_CLAIM_CONSUMER));
	EXPECT_EQ(-ETIMEDOUT, recv_u32(&self->ring, SECONDS / 20));
	child_kill(pid);
	EXPECT_EQ(1, ipcchan_mring_recover(&self->ring));
	EXPECT_EQ(6, recv_u32(&self->ring, 30 * SECONDS));
	EXPECT_EQ(-ETIMEDOUT, recv_u32(&self->ring, NO_TIME));
	ipcchan_mring_detach(&producer);
}

/* Each waits on the doorbell, and is woken by the other. */
TEST_F(claim, to_and_fro)
{
	struct ipcchan_mring ring;
	struct ring_chan own;
	uint32_t i, rounds = test_scale(100);
	pid_t pid = child_fork();

	if (pid == 0) {
		int64_t value = 0;

		if (ring_chan_join(&own, &self->rc) ||
		    attach(&ring, &own, IPCCHAN_CLAIM_CONSUMER))
			_exit(1);
		for (i = 0; i < rounds && value == i; i++)
			value = recv_u32(&ring, 60 * SECONDS) + 1;
		_exit(value != rounds);
	}
	ASSERT_EQ(0, attach(&self->ring, &self->rc, IPCCHAN_CLAIM_PRODUCER));
	for (i = 0; i < rounds; i++)
		ASSERT_EQ(0, ipcchan_mring_send(&self->ring, &i, sizeof(i), 60 * SECONDS));
	EXPECT_EQ(0, child_wait(pid));
}

/*
 * A participant of another channel, of whatever network namespace, takes no place that is
 * free in this one: who has died here is still found.
 */
TEST_F(claim, of_another_channel)
{
	struct ipcchan_mring other_ring[3];
	struct ipcchan_info info, other_info;
	struct ring_chan other;
	pid_t pid;
	int i;

	/* Ids begin anew in each. */
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ipcchan_close(self->rc.chan);
	ASSERT_EQ(0, ring_chan_open(&self->rc));
	ASSERT_EQ(0, ipcchan_mring_format(self->rc.mem, self->rc.size, MAX_LEN, 0,
					  &self->rc.life));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, ring_chan_open(&other));
	ASSERT_EQ(0, ipcchan_get_info(self->rc.chan, &info));
	ASSERT_EQ(0, ipcchan_get_info(other.chan, &other_info));
	ASSERT_EQ(info.id, other_info.id);
	ASSERT_EQ(0, ipcchan_mring_format(other.mem, other.size, MAX_LEN, 0, &other.life));

	pid = start_claimer(&self->rc, IPCCHAN_CLAIM_PRODUCER);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, attach(&self->ring, &self->rc, IPCCHAN_CLAIM_CONSUMER));
	child_kill(pid);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, attach(&other_ring[i], &other, IPCCHAN_CLAIM_PRODUCER));
	EXPECT_EQ(1, ipcchan_mring_recover(&self->ring));
	for (i = 0; i < 3; i++)
		ipcchan_mring_detach(&other_ring[i]);
	ipcchan_close(other.chan);
}

/* The ring's offset in the buffer is part of which locks they are. */
TEST_F(claim, another_start)
{
	struct ring_chan rc = self->rc;

	rc.life.start++;
	EXPECT_EQ(-EXDEV, attach(&self->ring, &rc, IPCCHAN_CLAIM_CONSUMER));
}

/* So is the channel: all have one inode, and locks on another one prove nothing. */
TEST_F(claim, life_of_another_channel)
{
	struct ring_chan rc = self->rc, other;

	ASSERT_EQ(0, ring_chan_open(&other));
	rc.life.fd = other.life.fd;
	EXPECT_EQ(-EXDEV, attach(&self->ring, &rc, IPCCHAN_CLAIM_CONSUMER));
	ipcchan_close(other.chan);
}

/* A reader of a broadcast steps over what a dead producer had begun. */
TEST(broadcast)
{
	struct ipcchan_bring reader, producer;
	struct ring_chan rc;
	uint32_t value = 7;
	pid_t pid;
	void *room;

	ASSERT_EQ(0, ring_chan_open(&rc));
	ASSERT_EQ(0, ipcchan_bring_format(rc.mem, rc.size, MAX_LEN, 0, &rc.life));
	ASSERT_EQ(0, ipcchan_bring_attach_reader(&reader, rc.mem, rc.size, &rc.bell, &rc.life));
	pid = child_fork();
	if (pid == 0) {
		if (ipcchan_bring_attach_producer(&producer, rc.mem, rc.size, &rc.bell,
						  &rc.life) ||
		    ipcchan_bring_reserve(&producer, 4, &room))
			_exit(1);
		raise(SIGKILL);
	}
	ASSERT_EQ(CHILD_SIGNALED + SIGKILL, child_wait(pid));
	ASSERT_EQ(0, ipcchan_bring_attach_producer(&producer, rc.mem, rc.size, &rc.bell,
						   &rc.life));
	ASSERT_EQ(0, ipcchan_bring_send(&producer, &value, sizeof(value), NO_TIME));
	value = 0;
	ASSERT_EQ(sizeof(value), ipcchan_bring_recv(&reader, &value, sizeof(value), 30 * SECONDS,
						    NULL));
	EXPECT_EQ(7, value);
	ipcchan_bring_detach(&producer);
	ipcchan_bring_detach(&reader);
	ipcchan_close(rc.chan);
}

TEST_HARNESS_MAIN
