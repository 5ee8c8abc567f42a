// SPDX-License-Identifier: GPL-2.0
/* As nomem_copy.h says, of messages: sent and received, with all that they carry. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "nomem_copy.h"
#include "util.h"

#define MSGS	3	/* of a call */
#define LEN	6	/* bytes of each */
#define FDS	2

FIXTURE(copy) {
	struct memory mem;
	unsigned long cmd;		/* of an ioctl that is given the object itself */
	struct ipcchan_msghdr h[MSGS];	/* to be sent */
	char text[MSGS][LEN + 2];
	struct ipcchan_msghdr rooms[MSGS];
	char room[MSGS][LEN + 2];
	int got[FDS];			/* descriptors that came */
	int *got_fds;			/* where they are */
	int free;			/* the next descriptor before the call */
	int fd, peer;			/* a channel */
	int end[2];			/* a pipe */
};

FIXTURE_SETUP(copy)
{
	int i;

	memory_init(&self->mem);
	self->fd = -1;
	self->peer = -1;
	self->end[0] = -1;
	self->end[1] = -1;
	for (i = 0; i < MSGS; i++)
		snprintf(self->text[i], sizeof(self->text[i]), "text %d", i);
}

FIXTURE_TEARDOWN(copy)
{
	close(self->fd);
	close(self->peer);
}

/* A new queue, and messages for it. */
static void new_queue(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON };
	int i;

	close(self->peer);
	close(self->fd);
	close(self->end[0]);
	close(self->end[1]);
	self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
	self->peer = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	if (self->peer < 0 || pipe2(self->end, O_NONBLOCK | O_CLOEXEC))
		abort();
	for (i = 0; i < MSGS; i++) {
		self->h[i] = (struct ipcchan_msghdr) {
			.buf = (uintptr_t)self->text[i], .len = LEN, .cookie = i,
		};
	}
}

static void send_all(FIXTURE_DATA(copy) *self)
{
	self->h[0].fds = (uintptr_t)self->end;
	self->h[0].nr_fds = FDS;
	if (xfer_send(self->fd, self->h, MSGS, 0, 0) != MSGS)
		abort();
}

/* Are there just those from @first on, with all that they carry?  Takes them. */
static bool are_queued(FIXTURE_DATA(copy) *self, int first, int end)
{
	char text[LEN];
	int fd[FDS], i;

	if (chan_msgs(self->peer) != end - first)
		return false;
	for (i = first; i < end; i++) {
		struct ipcchan_msghdr h = {
			.buf = (uintptr_t)text, .len = LEN,
			.fds = (uintptr_t)fd, .nr_fds = FDS,
		};

		if (xfer_recv(self->peer, &h, 1, 0, 0) != 1 || h.cookie != (uint64_t)i ||
		    memcmp(text, self->text[i], LEN) || h.nr_fds != self->h[i].nr_fds)
			return false;
		while (h.nr_fds)
			close(fd[--h.nr_fds]);
	}
	return true;
}

/* What is sent is what it says. */
static int check_sent(FIXTURE_DATA(copy) *self, int ret)
{
	return !are_queued(self, 0, ret > 0 ? ret : 0);
}

static int call_ioctl(FIXTURE_DATA(copy) *self, char *at)
{
	return do_ioctl(self->fd, self->cmd, at);
}

static struct ipcchan_xfer xfer_of(struct ipcchan_msghdr *h)
{
	return (struct ipcchan_xfer) { .msgs = (uintptr_t)h, .count = MSGS };
}

static void prepare_send(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_xfer x = xfer_of(self->h);

	new_queue(self);
	self->cmd = IPCCHAN_IOC_SEND;
	memory_put(&self->mem, &x, sizeof(x));
}

static void prepare_send_headers(FIXTURE_DATA(copy) *self)
{
	new_queue(self);
	memory_put(&self->mem, self->h, sizeof(self->h));
}

static int call_send_headers(FIXTURE_DATA(copy) *self, char *at)
{
	return xfer_send(self->fd, (struct ipcchan_msghdr *)at, MSGS, 0, 0);
}

static void prepare_payload(FIXTURE_DATA(copy) *self)
{
	new_queue(self);
	memory_put(&self->mem, self->text[0], LEN);
}

static int call_send_payload(FIXTURE_DATA(copy) *self, char *at)
{
	self->h[0].buf = (uintptr_t)at;
	return xfer_send(self->fd, self->h, MSGS, 0, 0);
}

static int call_write(FIXTURE_DATA(copy) *self, char *at)
{
	ssize_t ret = msg_send(self->fd, at, LEN);

	return ret == LEN ? 1 : ret;
}

static void prepare_send_fds(FIXTURE_DATA(copy) *self)
{
	new_queue(self);
	self->h[0].nr_fds = FDS;
	memory_put(&self->mem, self->end, sizeof(self->end));
}

static int call_send_fds(FIXTURE_DATA(copy) *self, char *at)
{
	self->h[0].fds = (uintptr_t)at;
	return xfer_send(self->fd, self->h, MSGS, 0, 0);
}

static void put_halves(FIXTURE_DATA(copy) *self, char *buf)
{
	struct iovec v[2] = { { buf, 2 }, { buf + 2, LEN - 2 } };

	memory_put(&self->mem, v, sizeof(v));
}

static void prepare_writev(FIXTURE_DATA(copy) *self)
{
	new_queue(self);
	put_halves(self, self->text[0]);
}

static int call_writev(FIXTURE_DATA(copy) *self, char *at)
{
	ssize_t ret = writev(self->fd, (struct iovec *)at, 2);

	return ret < 0 ? -errno : ret == LEN;
}

TEST_F(copy, send)
{
	static const struct op ops[] = {
		{ "SEND", prepare_send, call_ioctl, check_sent },
		{ "SEND headers", prepare_send_headers, call_send_headers, check_sent },
		{ "SEND payload", prepare_payload, call_send_payload, check_sent },
		{ "SEND descriptors", prepare_send_fds, call_send_fds, check_sent },
		{ "write", prepare_payload, call_write, check_sent },
		{ "writev", prepare_writev, call_writev, check_sent },
	};

	every_op(_metadata, self, &self->mem, ops, ARRAY_SIZE(ops));
}

/* Room for what send_all() sends */
static void prepare_rooms(FIXTURE_DATA(copy) *self)
{
	int i;

	new_queue(self);
	send_all(self);
	for (i = 0; i < MSGS; i++) {
		self->rooms[i] = (struct ipcchan_msghdr) {
			.buf = (uintptr_t)self->room[i], .len = LEN,
			.fds = (uintptr_t)self->got, .nr_fds = FDS,
		};
	}
	self->got_fds = self->got;
	self->free = dup(STDIN_FILENO);
	close(self->free);
}

static void prepare_recv(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_xfer x = xfer_of(self->rooms);

	prepare_rooms(self);
	self->cmd = IPCCHAN_IOC_RECV;
	memory_put(&self->mem, &x, sizeof(x));
}

static void prepare_recv_headers(FIXTURE_DATA(copy) *self)
{
	prepare_rooms(self);
	memory_put(&self->mem, self->rooms, sizeof(self->rooms));
}

static int call_recv_headers(FIXTURE_DATA(copy) *self, char *at)
{
	return xfer_recv(self->fd, (struct ipcchan_msghdr *)at, MSGS, 0, 0);
}

static void prepare_room(FIXTURE_DATA(copy) *self)
{
	prepare_rooms(self);
	memory_put(&self->mem, self->room[0], LEN);
}

static int call_recv_payload(FIXTURE_DATA(copy) *self, char *at)
{
	self->rooms[0].buf = (uintptr_t)at;
	return xfer_recv(self->fd, self->rooms, MSGS, 0, 0);
}

static void prepare_recv_fds(FIXTURE_DATA(copy) *self)
{
	prepare_rooms(self);
	memory_put(&self->mem, self->got, sizeof(self->got));
}

static int call_recv_fds(FIXTURE_DATA(copy) *self, char *at)
{
	self->got_fds = (int *)at;
	self->rooms[0].fds = (uintptr_t)at;
	return xfer_recv(self->fd, self->rooms, MSGS, 0, 0);
}

/* The descriptors of the first one have come with it, and no others. */
static int check_received(FIXTURE_DATA(copy) *self, int ret)
{
	int i, next;

	for (i = 0; i < FDS && ret > 0; i++) {
		if (close(self->got_fds[i]))
			return 1;
	}
	next = dup(STDIN_FILENO);
	close(next);
	return next != self->free || !are_queued(self, ret > 0 ? ret : 0, MSGS);
}

/* Without a header they are closed. */
static int check_read(FIXTURE_DATA(copy) *self, int ret)
{
	return !are_queued(self, ret > 0 ? 1 : 0, MSGS);
}

static int call_read(FIXTURE_DATA(copy) *self, char *at)
{
	ssize_t ret = msg_recv(self->fd, at, LEN);

	return ret == LEN ? 1 : ret;
}

static void prepare_readv(FIXTURE_DATA(copy) *self)
{
	prepare_rooms(self);
	put_halves(self, self->room[0]);
}

static int call_readv(FIXTURE_DATA(copy) *self, char *at)
{
	ssize_t ret = readv(self->fd, (struct iovec *)at, 2);

	return ret < 0 ? -errno : ret == LEN;
}

static void prepare_next(FIXTURE_DATA(copy) *self)
{
	prepare_rooms(self);
	self->cmd = FIONREAD;
	memory_put(&self->mem, self->got, sizeof(int));
}

static int check_next(FIXTURE_DATA(copy) *self, int ret)
{
	(void)ret;
	return !are_queued(self, 0, MSGS);
}

TEST_F(copy, receive)
{
	static const struct op ops[] = {
		{ "RECV", prepare_recv, call_ioctl, check_received },
		{ "RECV headers", prepare_recv_headers, call_recv_headers, check_received },
		{ "RECV payload", prepare_room, call_recv_payload, check_received },
		{ "RECV descriptors", prepare_recv_fds, call_recv_fds, check_received },
		{ "read", prepare_room, call_read, check_read },
		{ "readv", prepare_readv, call_readv, check_read },
		{ "FIONREAD", prepare_next, call_ioctl, check_next },
	};

	every_op(_metadata, self, &self->mem, ops, ARRAY_SIZE(ops));
}

TEST_HARNESS_MAIN
