// SPDX-License-Identifier: GPL-2.0
/*
 * As nomem_test.c, of io_uring: what a request says is what has become of it, whether it is
 * done at once or after it has waited.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#include "nomem.h"
#include "uring.h"
#include "util.h"

#define MSGS	3

FIXTURE(nomem) {
	struct uring ring;
	struct io_uring_sqe sqe;
	struct ipcchan_msghdr h[MSGS];
	struct ipcchan_xfer xfer;
	uint32_t value[MSGS];
	int nth;	/* of nomem_open() */
	bool has_ring, has_cmd;
	int fd;
	int peer;
	int before;	/* messages that are there before the call */
};

FIXTURE_SETUP(nomem)
{
	struct ipcchan_query q = { 0 };
	int i, fd;

	self->nth = nomem_open();
	if (self->nth < 0)
		return;
	self->fd = -1;
	self->peer = -1;
	for (i = 0; i < MSGS; i++)
		self->h[i] = (struct ipcchan_msghdr) {
			.buf = (uintptr_t)&self->value[i], .len = 4,
		};
	fd = dev_open(O_RDWR);
	ASSERT_EQ(0, do_ioctl(fd, IPCCHAN_IOC_QUERY, &q));
	close(fd);
	self->has_ring = uring_open(&self->ring) == 0;
	self->has_cmd = self->has_ring && q.features & IPCCHAN_FEAT_URING_CMD;
	if (self->has_ring)
		uring_close(&self->ring);
}

FIXTURE_TEARDOWN(nomem)
{
	close(self->nth);
}

#define NO_RING	"no io_uring on this kernel"
#define NO_CMD	"no IORING_OP_URING_CMD on this kernel"

/* A new channel, with so many messages in it, and a new ring. */
static void prepare(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .max_msgs = 8 };
	int i;

	close(self->peer);
	close(self->fd);
	self->fd = chan_open(O_RDWR, &a);
	self->peer = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	if (self->peer < 0 || uring_open(&self->ring))
		abort();
	for (i = 0; i < self->before; i++)
		if (msg_send_u32(self->peer, 10 + i))
			abort();
	for (i = 0; i < MSGS; i++)
		self->value[i] = 20 + i;
}

static void prepare_cmd(FIXTURE_DATA(nomem) *self, uint32_t cmd)
{
	prepare(self);
	self->xfer = (struct ipcchan_xfer) {
		.msgs = (uintptr_t)self->h, .count = MSGS, .timeout_ns = IPCCHAN_WAIT_FOREVER,
	};
	self->sqe = uring_cmd(self->fd, cmd, &self->xfer);
}

static void prepare_send(FIXTURE_DATA(nomem) *self)
{
	prepare_cmd(self, IPCCHAN_IOC_SEND);
}

static void prepare_recv(FIXTURE_DATA(nomem) *self)
{
	prepare_cmd(self, IPCCHAN_IOC_RECV);
}

static void prepare_rw(FIXTURE_DATA(nomem) *self, uint8_t op)
{
	prepare(self);
	self->sqe = (struct io_uring_sqe) {
		.opcode = op, .fd = self->fd, .addr = (uintptr_t)self->value, .len = 4,
	};
}

static void prepare_read(FIXTURE_DATA(nomem) *self)
{
	prepare_rw(self, IORING_OP_READ);
}

static void prepare_write(FIXTURE_DATA(nomem) *self)
{
	prepare_rw(self, IORING_OP_WRITE);
}

/*
 * What is not taken at once waits for a message, which then comes.  What fails to be sent, or
 * to be waited for, fails once.
 */
static int call(FIXTURE_DATA(nomem) *self)
{
	struct io_uring_cqe cqe;
	int ret = uring_submit(&self->ring, &self->sqe);

	if (ret)
		return ret;
	while (!self->before && self->sqe.opcode == IORING_OP_READ &&
	       msg_send_u32(self->peer, 10))
		;
	while (uring_wait(&self->ring, &cqe))
		;
	return cqe.res;
}

/* As many are queued as it says, and no more. */
static int check_sent(FIXTURE_DATA(nomem) *self, int ret)
{
	int i, sent = self->sqe.opcode == IORING_OP_WRITE ? ret == 4 : ret > 0 ? ret : 0;

	uring_close(&self->ring);
	if (chan_msgs(self->peer) != sent)
		return 1;
	for (i = 0; i < sent; i++) {
		if (msg_recv_u32(self->peer) != 20 + i)
			return 2;
	}
	return 0;
}

/* Those that it has are not queued any more, the others are. */
static int check_received(FIXTURE_DATA(nomem) *self, int ret)
{
	int i, got = self->sqe.opcode == IORING_OP_READ ? ret == 4 : ret > 0 ? ret : 0;
	int all = self->before ? self->before : 1;

	uring_close(&self->ring);
	for (i = 0; i < got; i++) {
		if (self->value[i] != 10u + i)
			return 1;
	}
	/* The one that it is to wait for is not sent where it has not begun to. */
	if (ret < 0 && !self->before)
		return chan_msgs(self->peer) > 1;
	if (chan_msgs(self->peer) != all - got)
		return 2;
	for (; i < all; i++) {
		if (msg_recv_u32(self->peer) != 10 + i)
			return 3;
	}
	return 0;
}

TEST_F(nomem, commands)
{
	const struct op send = { prepare_send, call, check_sent };
	const struct op recv = { prepare_recv, call, check_received };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	if (!self->has_cmd)
		SKIP(return, NO_CMD);
	every_failure_or(_metadata, self, self->nth, &send, 0, -EAGAIN);
	self->before = MSGS;
	every_failure_or(_metadata, self, self->nth, &recv, 0, -EAGAIN);
}

TEST_F(nomem, read_and_write)
{
	const struct op write = { prepare_write, call, check_sent };
	const struct op read = { prepare_read, call, check_received };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	if (!self->has_ring)
		SKIP(return, NO_RING);
	every_failure_or(_metadata, self, self->nth, &write, 0, -EAGAIN);
	self->before = 1;
	every_failure_or(_metadata, self, self->nth, &read, 0, -EAGAIN);
	/* One that waits: what cannot be done at once is done later. */
	self->before = 0;
	every_failure_or(_metadata, self, self->nth, &read, 0, -EAGAIN);
}

TEST_HARNESS_MAIN
