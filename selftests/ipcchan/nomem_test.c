// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation, and each copy from and to the caller, on the way of a call fails
 * once: a call that fails has no effect.  On kernels that can be told so; what is left
 * behind is for their checkers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bell.h"
#include "nomem.h"
#include "param.h"
#include "rpc.h"
#include "util.h"

#define MSGS	40
#define SUBS	3
#define LARGE	2000

FIXTURE(nomem) {
	struct ipcchan_msghdr h[MSGS];
	char buf[LARGE];
	char name[IPCCHAN_NAME_SIZE];
	int nth;	/* of nomem_open() */
	int fd;		/* a channel */
	int end[2];	/* a pipe */
	int sub[SUBS];
	int made;	/* by the last call */
	int free;	/* the next descriptor before it */
	pid_t peer;
	uint64_t call;
	uint32_t kind;
};

FIXTURE_SETUP(nomem)
{
	int i;

	self->nth = nomem_open();
	self->fd = -1;
	self->made = -1;
	if (self->nth < 0)
		return;
	unique_name(self->name);
	ASSERT_EQ(0, pipe2(self->end, O_NONBLOCK | O_CLOEXEC));
	for (i = 0; i < MSGS; i++) {
		self->h[i] = (struct ipcchan_msghdr) {
			.buf = (uintptr_t)self->buf, .len = i % 8 ? 4 : LARGE,
		};
	}
}

FIXTURE_TEARDOWN(nomem)
{
	close(self->fd);
	close(self->nth);
}

static int create(uint32_t kind, int oflags)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = kind, .mode = 0666,
	};

	return chan_open(oflags | O_NONBLOCK, &a);
}

static void prepare_nothing(FIXTURE_DATA(nomem) *self)
{
	(void)self;
}

static int call_attach(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .kind = self->kind, .buf_size = 5 * 4096,
	};

	strcpy(a.name, self->name);
	self->made = chan_open(O_RDWR, &a);
	return self->made;
}

/* Only the copy of its id comes after the fact. */
static int check_attach(FIXTURE_DATA(nomem) *self, int ret)
{
	int there = chan_named(self->name, O_WRONLY, 0);

	if (ret >= 0 && there < 0)
		return 1;
	if (ret == -ENOMEM && there != -ENOENT)
		return 2;
	if (there >= 0)
		close(there);
	if (ret >= 0)
		close(ret);
	chan_unlink(self->name);
	return 0;
}

TEST_F(nomem, attach)
{
	const struct op op = { prepare_nothing, call_attach, check_attach };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	for (self->kind = 0; self->kind <= IPCCHAN_KIND_RPC; self->kind++)
		every_failure(_metadata, self, self->nth, &op, 8);
}

static int call_subscribe(FIXTURE_DATA(nomem) *self)
{
	self->made = chan_peer(self->fd, O_RDONLY);
	return self->made;
}

static int check_subscribe(FIXTURE_DATA(nomem) *self, int ret)
{
	struct ipcchan_info info;

	if (chan_info(self->fd, &info) || info.endpoints != (ret >= 0 ? 2 : 1))
		return 1;
	if (ret >= 0 && (msg_send_u32(self->fd, 5) || msg_recv_u32(ret) != 5))
		return 2;
	if (ret >= 0)
		close(ret);
	return 0;
}

TEST_F(nomem, subscribe)
{
	const struct op op = { prepare_nothing, call_subscribe, check_subscribe };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	self->fd = create(IPCCHAN_KIND_BROADCAST, O_WRONLY);
	ASSERT_LE(0, self->fd);
	every_failure(_metadata, self, self->nth, &op, 3);
}

/* A new queue, which has no slots and no levels yet. */
static void prepare_queue(FIXTURE_DATA(nomem) *self)
{
	close(self->fd);
	self->fd = create(IPCCHAN_KIND_QUEUE, O_RDWR);
}

static int call_send(FIXTURE_DATA(nomem) *self)
{
	return xfer_send(self->fd, self->h, MSGS, 0, -1);
}

/* As many as it says, and no more. */
static int check_send(FIXTURE_DATA(nomem) *self, int ret)
{
	char got[LARGE];
	int i;

	if (chan_msgs(self->fd) != (ret > 0 ? ret : 0))
		return 1;
	for (i = 0; i < ret; i++) {
		if (msg_recv(self->fd, got, LARGE) < 4)
			return 2;
	}
	return chan_msgs(self->fd) || msg_send_u32(self->fd, 3) || msg_recv_u32(self->fd) != 3;
}

TEST_F(nomem, send)
{
	const struct op op = { prepare_queue, call_send, check_send };
	int i;

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 1);
	for (i = 0; i < MSGS; i++)
		self->h[i].prio = i % 3;
	every_failure(_metadata, self, self->nth, &op, 1);
}

/* Into another user's queue, where it has a share. */
static int call_send_as_other(FIXTURE_DATA(nomem) *self)
{
	return xfer_send(self->made, self->h, 3, 0, -1);
}

static void prepare_other(FIXTURE_DATA(nomem) *self)
{
	prepare_queue(self);
	close(self->made);
	self->made = chan_peer(self->fd, O_WRONLY);
	seteuid_or_abort(OTHER_ID);
}

static int check_other(FIXTURE_DATA(nomem) *self, int ret)
{
	seteuid_or_abort(0);
	return check_send(self, ret);
}

TEST_F(nomem, send_as_other)
{
	const struct op op = { prepare_other, call_send_as_other, check_other };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 1);
	close(self->made);
}

static void prepare_fds(FIXTURE_DATA(nomem) *self)
{
	prepare_queue(self);
	close(self->end[0]);
	close(self->end[1]);
	if (pipe2(self->end, O_NONBLOCK | O_CLOEXEC))
		abort();
	self->h[0].fds = (uintptr_t)&self->end[1];
	self->h[0].nr_fds = 1;
}

static int call_send_fds(FIXTURE_DATA(nomem) *self)
{
	return xfer_send(self->fd, self->h, 1, 0, -1);
}

/* Nobody else has the pipe's end if the message is not sent. */
static int check_send_fds(FIXTURE_DATA(nomem) *self, int ret)
{
	ssize_t len;
	char c;

	close(self->end[1]);
	self->end[1] = -1;
	len = read(self->end[0], &c, 1);
	if (ret < 0)
		return len ? 1 : chan_msgs(self->fd);
	return len != -1 || errno != EAGAIN || check_send(self, ret);
}

TEST_F(nomem, send_descriptors)
{
	const struct op op = { prepare_fds, call_send_fds, check_send_fds };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 2);
}

static int next_fd(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

static void prepare_recv(FIXTURE_DATA(nomem) *self)
{
	prepare_fds(self);
	if (call_send_fds(self) != 1)
		abort();
	self->free = next_fd();
}

static int call_recv(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)self->buf, .len = LARGE,
		.fds = (uintptr_t)&self->made, .nr_fds = 1,
	};

	return xfer_recv(self->fd, &h, 1, 0, -1);
}

/* It stays queued with all that it carries, and no descriptor has come of it. */
static int check_recv(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0) {
		if (chan_msgs(self->fd) != 1 || next_fd() != self->free)
			return 1;
		ret = call_recv(self);
	}
	if (ret != 1 || chan_msgs(self->fd) || write(self->made, "x", 1) != 1)
		return 2;
	close(self->made);
	return read(self->end[0], self->buf, 1) != 1;
}

TEST_F(nomem, recv)
{
	const struct op op = { prepare_recv, call_recv, check_recv };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 1);
}

static void prepare_publish(FIXTURE_DATA(nomem) *self)
{
	int i;

	close(self->fd);
	self->fd = create(IPCCHAN_KIND_BROADCAST, O_WRONLY);
	for (i = 0; i < SUBS; i++) {
		self->sub[i] = chan_peer(self->fd, O_RDONLY | O_NONBLOCK);
		if (self->sub[i] < 0)
			abort();
	}
	self->h[0].prio = 4;
}

static int call_publish(FIXTURE_DATA(nomem) *self)
{
	return xfer_send(self->fd, self->h, 2, 0, -1);
}

/* To all of them or to none. */
static int check_publish(FIXTURE_DATA(nomem) *self, int ret)
{
	int i;

	for (i = 0; i < SUBS; i++) {
		if (chan_msgs(self->sub[i]) != (ret > 0 ? ret : 0))
			return 1;
		close(self->sub[i]);
	}
	return 0;
}

TEST_F(nomem, publish)
{
	const struct op op = { prepare_publish, call_publish, check_publish };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 3);
}

/* A new channel, whose server answers each request with its value and 1. */
static void prepare_call(FIXTURE_DATA(nomem) *self)
{
	close(self->fd);
	self->fd = create(IPCCHAN_KIND_RPC, O_RDWR);
	if (set_nonblock(self->fd, false))
		abort();
	self->peer = start_adder(self->fd);
}

/* With all that a request may have. */
static int call_call(FIXTURE_DATA(nomem) *self)
{
	uint32_t value = 8, reply = 0;
	struct ipcchan_call c = {
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
		.request = {
			.buf = (uintptr_t)&value, .len = 4, .prio = 2,
			.fds = (uintptr_t)&self->end[1], .nr_fds = 1,
		},
		.reply = { .buf = (uintptr_t)&reply, .len = 4 },
	};
	int ret = do_ioctl(self->fd, IPCCHAN_IOC_CALL, &c);

	return ret ? ret : reply != 9;
}

static int check_call(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret > 0 || chan_msgs(self->fd) || rpc_call(self->fd, 1, -1) != 2)
		return 1;
	child_kill(self->peer);
	return 0;
}

TEST_F(nomem, call)
{
	const struct op op = { prepare_call, call_call, check_call };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 1);
}

/* A child that calls with a large request, and exits with the reply's first byte. */
static void prepare_serve(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_call c = {
		.timeout_ns = IPCCHAN_WAIT_FOREVER, .request = self->h[0], .reply = self->h[0],
	};

	self->buf[0] = 0;
	self->peer = child_fork();
	if (self->peer == 0)
		_exit(do_ioctl(self->fd, IPCCHAN_IOC_CALL, &c) ? CHILD_ERROR : self->buf[0]);
	if (!wait_blocked(self->peer, SYS_ioctl))
		abort();
}

static int call_serve(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_serve s = {
		.flags = IPCCHAN_SERVE_NEXT | IPCCHAN_SERVE_NONBLOCK, .request = self->h[0],
	};
	int ret = do_ioctl(self->fd, IPCCHAN_IOC_SERVE, &s);

	self->call = s.call;
	return ret;
}

static int call_reply(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_serve s = {
		.flags = IPCCHAN_SERVE_REPLY, .call = self->call, .reply = self->h[0],
	};

	self->buf[0] = 21;
	return do_ioctl(self->fd, IPCCHAN_IOC_SERVE, &s);
}

/* What cannot be given to the server waits for the next. */
static int check_serve(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0) {
		if (chan_msgs(self->fd) != 1)
			return 1;
		ret = call_serve(self);
	}
	if (ret != 1 || chan_msgs(self->fd) || call_reply(self))
		return 2;
	return child_wait(self->peer) != 21;
}

static void prepare_reply(FIXTURE_DATA(nomem) *self)
{
	prepare_serve(self);
	if (call_serve(self) != 1)
		abort();
}

/* The call is open until it has its reply. */
static int check_reply(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0 && call_reply(self))
		return 1;
	return child_wait(self->peer) != 21;
}

TEST_F(nomem, serve)
{
	const struct op op = { prepare_serve, call_serve, check_serve };
	const struct op reply = { prepare_reply, call_reply, check_reply };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	self->fd = create(IPCCHAN_KIND_RPC, O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, set_nonblock(self->fd, false));
	every_failure(_metadata, self, self->nth, &op, 1);
	every_failure(_metadata, self, self->nth, &reply, 1);
}

static void prepare_ears(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .mode = 0666, .buf_size = 4096,
	};

	close(self->fd);
	self->fd = chan_open(O_RDWR, &a);
	seteuid_or_abort(OTHER_ID);
}

static int call_watch(FIXTURE_DATA(nomem) *self)
{
	return watch(self->fd, 8, 1);
}

/* The word is 0.  One ear is all that this user may have. */
static int check_watch(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0 && (is_rung(self->fd) || call_watch(self)))
		return 1;
	seteuid_or_abort(0);
	return !is_rung(self->fd);
}

static int call_bell_fd(FIXTURE_DATA(nomem) *self)
{
	return bell_fd(self->fd, 8, self->end[1], 0);
}

static bool is_signalled(FIXTURE_DATA(nomem) *self)
{
	uint64_t n;

	return wake(self->fd, 8, 1) == 0 && read(self->end[1], &n, sizeof(n)) == sizeof(n);
}

static int check_bell_fd(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0 && (is_signalled(self) || call_bell_fd(self)))
		return 1;
	seteuid_or_abort(0);
	return !is_signalled(self);
}

TEST_F(nomem, ears)
{
	const struct op by_poll = { prepare_ears, call_watch, check_watch };
	const struct op by_eventfd = { prepare_ears, call_bell_fd, check_bell_fd };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	ASSERT_EQ(0, param_set("user_ears", 1));
	every_failure(_metadata, self, self->nth, &by_poll, 2);
	self->end[1] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ASSERT_LE(0, self->end[1]);
	every_failure(_metadata, self, self->nth, &by_eventfd, 3);
	param_restore();
}

TEST_HARNESS_MAIN
