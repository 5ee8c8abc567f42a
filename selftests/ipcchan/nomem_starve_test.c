// SPDX-License-Identifier: GPL-2.0
/*
 * As nomem_test.c, where from some allocation on there is no memory at all: what is tried
 * again, or otherwise, fails as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nomem.h"
#include "util.h"

#define TIMES	"/sys/kernel/debug/failslab/times"
#define MANY	1000000	/* failures, more than there are */
#define STEP	64	/* bytes: of a small allocation */
#define MOST	65536	/* more than any of these calls takes */
#define MSGS	40

FIXTURE(nomem) {
	struct ipcchan_msghdr h[MSGS];
	char name[IPCCHAN_NAME_SIZE];
	char text[2000];
	int fails;	/* /proc/self/make-it-fail */
	int fd;
	int peer;	/* another endpoint */
	uint32_t kind;
	uint32_t flags;	/* IPCCHAN_ATTACH_* */
};

/* Of no process but this. */
static void starve(const char *probability)
{
	nomem_configure("failslab", "task-filter", "Y");
	nomem_configure("failslab", "probability", probability);
}

static bool can_starve(FIXTURE_DATA(nomem) *self)
{
	return self->fails >= 0 && access(TIMES, F_OK) == 0;
}

FIXTURE_SETUP(nomem)
{
	int i, nth = nomem_open();

	self->fd = -1;
	self->peer = -1;
	self->fails = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC);
	unique_name(self->name);
	close(nth);
	if (!can_starve(self))
		return;
	starve("100");
	for (i = 0; i < MSGS; i++)
		self->h[i] = (struct ipcchan_msghdr) {
			.buf = (uintptr_t)self->text, .len = 4, .prio = i % 3,
		};
}

FIXTURE_TEARDOWN(nomem)
{
	if (can_starve(self))
		starve("0");
	chan_unlink(self->name);
}

/* How often there was not enough */
static int failures(void)
{
	int left = 0;
	FILE *f = fopen(TIMES, "re");

	if (!f || fscanf(f, "%d", &left) != 1)
		abort();
	fclose(f);
	return MANY - left;
}

/* There are @bytes, and no more, to @op's call. */
static int call_with(FIXTURE_DATA(nomem) *self, const struct op *op, int bytes)
{
	char text[16];
	int ret;

	snprintf(text, sizeof(text), "%d", MANY);
	nomem_configure("failslab", "times", text);
	snprintf(text, sizeof(text), "%d", bytes);
	nomem_configure("failslab", "space", text);
	if (pwrite(self->fails, "1", 1, 0) != 1)
		abort();
	ret = op->call(self);
	while (pwrite(self->fails, "0", 1, 0) != 1)
		;
	return ret;
}

/* More and more, until there is enough. */
static void every_shortage(struct __test_metadata *_metadata, FIXTURE_DATA(nomem) *self,
			   const struct op *op, int least)
{
	struct usage_trend usage = { 0 };
	int bytes, ret, refused = 0;
	bool enough = false;

	for (bytes = 0; (!enough || usage.changes) && bytes < MOST;
	     bytes += usage.changes ? 0 : STEP) {
		op->prepare(self);
		ret = call_with(self, op, bytes);
		enough = failures() == 0;
		ASSERT_TRUE(ret >= 0 || ret == -ENOMEM) TH_LOG("%d: %d", bytes, ret);
		ASSERT_TRUE(ret >= 0 || !enough) TH_LOG("%d: %d", bytes, ret);
		refused += ret < 0;
		ASSERT_EQ(0, op->check(self, ret)) TH_LOG("after %d with %d", ret, bytes);
		ASSERT_EQ(0, usage_look(&usage)) TH_LOG("after %d with %d", ret, bytes);
	}
	TH_LOG("up to %d bytes, %d refused", bytes, refused);
	EXPECT_TRUE(enough);
	EXPECT_LE(least, refused);
}

/* A file that is not attached, and a channel for it, or none. */
static void prepare_attach(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .kind = self->kind };

	if (self->flags == IPCCHAN_ATTACH_FD)
		self->peer = chan_open(O_RDWR, &a);
	self->fd = dev_open(O_RDWR | O_NONBLOCK);
	if (self->fd < 0)
		abort();
}

static int call_attach(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = {
		.flags = self->flags, .role = IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV,
	};

	if (self->flags == IPCCHAN_ATTACH_FD) {
		a.fd = self->peer;
	} else {
		a.kind = self->kind;
		a.buf_size = 4096;
		strcpy(a.name, self->name);
	}
	return do_ioctl(self->fd, IPCCHAN_IOC_ATTACH, &a);
}

/* What could not be attached can be, and no channel has come of it before. */
static int check_attach(FIXTURE_DATA(nomem) *self, int ret)
{
	struct ipcchan_info info;
	int other = chan_named(self->name, O_WRONLY, 0);

	if (other >= 0)
		close(other);
	if (chan_info(self->fd, &info) != (ret ? -ENOTCONN : 0))
		return 1;
	if (self->flags != IPCCHAN_ATTACH_FD && (ret ? other != -ENOENT : other < 0))
		return 2;
	if (ret && call_attach(self))
		return 3;
	if (self->kind != IPCCHAN_KIND_RPC &&
	    (msg_send_u32(self->fd, 5) || msg_recv_u32(self->fd) != 5))
		return 4;
	chan_unlink(self->name);
	close(self->fd);
	close(self->peer);
	return 0;
}

TEST_F(nomem, attach)
{
	const struct op op = { prepare_attach, call_attach, check_attach };

	if (!can_starve(self))
		SKIP(return, NO_NTH);
	for (self->kind = 0; self->kind <= IPCCHAN_KIND_RPC; self->kind++) {
		self->flags = IPCCHAN_ATTACH_CREATE;
		every_shortage(_metadata, self, &op, 8);
		self->flags = IPCCHAN_ATTACH_FD;
		/* A queue has all that it needs. */
		every_shortage(_metadata, self, &op, self->kind ? 1 : 0);
	}
}

/* A new queue, which has no slots and no levels yet. */
static void prepare_send(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON };

	close(self->peer);
	close(self->fd);
	self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
	self->peer = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	if (self->peer < 0)
		abort();
}

static int call_send(FIXTURE_DATA(nomem) *self)
{
	return xfer_send(self->fd, self->h, MSGS, 0, 0);
}

static int call_write(FIXTURE_DATA(nomem) *self)
{
	ssize_t ret = msg_send(self->fd, self->text, sizeof(self->text));

	return ret == sizeof(self->text) ? 1 : ret;
}

/* As many as it says, and no more. */
static int check_send(FIXTURE_DATA(nomem) *self, int ret)
{
	int i, sent = ret > 0 ? ret : 0;

	if (chan_msgs(self->peer) != sent)
		return 1;
	for (i = 0; i < sent; i++) {
		if (msg_recv(self->peer, self->text, sizeof(self->text)) < 4)
			return 2;
	}
	return msg_send_u32(self->fd, 3) || msg_recv_u32(self->peer) != 3;
}

TEST_F(nomem, send)
{
	const struct op batch = { prepare_send, call_send, check_send };
	const struct op one = { prepare_send, call_write, check_send };

	if (!can_starve(self))
		SKIP(return, NO_NTH);
	every_shortage(_metadata, self, &batch, 2);
	every_shortage(_metadata, self, &one, 1);
}

TEST_HARNESS_MAIN
