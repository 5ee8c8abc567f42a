// SPDX-License-Identifier: GPL-2.0
/*
 * As nomem_test.c, of what a program does with a file: open, write, read, splice, close.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "nomem.h"
#include "place.h"
#include "util.h"

#define LARGE	60000	/* bytes of a message that the kernel has no single piece for */

FIXTURE(nomem) {
	char sent[LARGE], got[LARGE];
	size_t len;	/* of a message */
	int nth;	/* of nomem_open() */
	int fd;		/* a channel */
	int made;	/* by the last call */
	int free;	/* the next descriptor before it */
	int end[2];	/* a pipe */
};

FIXTURE_SETUP(nomem)
{
	int i;

	self->nth = nomem_open();
	self->fd = -1;
	self->end[0] = -1;
	self->end[1] = -1;
	if (self->nth < 0)
		return;
	/* The channel `default` is of this test alone. */
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	for (i = 0; i < LARGE; i++)
		self->sent[i] = i * 7 >> 3;
}

FIXTURE_TEARDOWN(nomem)
{
	close(self->fd);
	close(self->nth);
}

static int next_fd(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

static void prepare_open(FIXTURE_DATA(nomem) *self)
{
	self->free = next_fd();
}

static int call_open(FIXTURE_DATA(nomem) *self)
{
	(void)self;
	return dev_open(O_RDWR);
}

static int check_open(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret >= 0)
		close(ret);
	return next_fd() != self->free;
}

TEST_F(nomem, opening)
{
	const struct op op = { prepare_open, call_open, check_open };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 3);
}

/* A new queue, which has no slots yet. */
static void prepare_queue(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON };

	close(self->fd);
	self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
	memset(self->got, 0, self->len);
}

/* Is that message, and no other, there?  Take it. */
static bool takes_it(FIXTURE_DATA(nomem) *self)
{
	return chan_msgs(self->fd) == 1 && chan_next(self->fd) == (int)self->len &&
	       msg_recv(self->fd, self->got, LARGE) == (ssize_t)self->len &&
	       !memcmp(self->got, self->sent, self->len) && chan_msgs(self->fd) == 0;
}

static int call_write(FIXTURE_DATA(nomem) *self)
{
	return msg_send(self->fd, self->sent, self->len);
}

static struct iovec *halves(char *buf, size_t len)
{
	static struct iovec v[2];

	v[0] = (struct iovec) { buf, len / 2 };
	v[1] = (struct iovec) { buf + len / 2, len - len / 2 };
	return v;
}

static int call_writev(FIXTURE_DATA(nomem) *self)
{
	ssize_t ret = writev(self->fd, halves(self->sent, self->len), 2);

	return ret < 0 ? -errno : ret;
}

static int check_write(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0 && (chan_msgs(self->fd) || call_write(self) != (int)self->len))
		return 1;
	return !takes_it(self);
}

static const size_t lengths[] = { 4, 2000, LARGE };

TEST_F(nomem, write)
{
	const struct op op = { prepare_queue, call_write, check_write };
	const struct op of_two = { prepare_queue, call_writev, check_write };
	unsigned int i;

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		self->len = lengths[i];
		/* The slots of small ones are allocated otherwise where many cannot be. */
		every_failure(_metadata, self, self->nth, &op, i ? 2 : 0);
		every_failure(_metadata, self, self->nth, &of_two, 3);
	}
}

static void prepare_read(FIXTURE_DATA(nomem) *self)
{
	prepare_queue(self);
	if (call_write(self) != (int)self->len)
		abort();
}

static int call_read(FIXTURE_DATA(nomem) *self)
{
	return msg_recv(self->fd, self->got, self->len);
}

static int call_readv(FIXTURE_DATA(nomem) *self)
{
	ssize_t ret = readv(self->fd, halves(self->got, self->len), 2);

	return ret < 0 ? -errno : ret;
}

/* It stays where it is, whole. */
static int check_read(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0)
		return !takes_it(self);
	return ret != (int)self->len || memcmp(self->got, self->sent, self->len) ||
	       chan_msgs(self->fd);
}

TEST_F(nomem, read)
{
	const struct op op = { prepare_read, call_read, check_read };
	const struct op of_two = { prepare_read, call_readv, check_read };
	unsigned int i;

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		self->len = lengths[i];
		every_failure(_metadata, self, self->nth, &op, i ? 1 : 0);
		every_failure(_metadata, self, self->nth, &of_two, 2);
	}
}

static void prepare_splice(FIXTURE_DATA(nomem) *self)
{
	prepare_read(self);
	close(self->end[0]);
	close(self->end[1]);
	if (pipe2(self->end, O_NONBLOCK | O_CLOEXEC))
		abort();
}

static int call_splice(FIXTURE_DATA(nomem) *self)
{
	ssize_t ret = splice(self->fd, NULL, self->end[1], NULL, self->len, 0);

	return ret < 0 ? -errno : ret;
}

/* It is in the channel or in the pipe, and nowhere in part. */
static int check_splice(FIXTURE_DATA(nomem) *self, int ret)
{
	ssize_t got = 0, some;
	int there = 0;

	if (ioctl(self->end[0], FIONREAD, &there) || there != (ret < 0 ? 0 : (int)self->len))
		return 1;
	if (ret < 0)
		return !takes_it(self);
	do {
		some = read(self->end[0], self->got + got, self->len - got);
		got += some > 0 ? some : 0;
	} while (some > 0);
	return got != (ssize_t)self->len || memcmp(self->got, self->sent, self->len) ||
	       chan_msgs(self->fd);
}

TEST_F(nomem, splice)
{
	const struct op op = { prepare_splice, call_splice, check_splice };
	unsigned int i;

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		self->len = lengths[i];
		/* That is what splice() says of a pipe that nothing could be put into. */
		every_failure_or(_metadata, self, self->nth, &op, 1, -EAGAIN);
	}
}

/* A file that is not attached, and no channel `default`. */
static void prepare_default(FIXTURE_DATA(nomem) *self)
{
	close(self->fd);
	chan_unlink(IPCCHAN_DEFAULT_NAME);
	self->fd = dev_open(O_RDWR | O_NONBLOCK);
}

/* It is attached, and then the channel is there, or neither. */
static int check_default(FIXTURE_DATA(nomem) *self, int ret)
{
	struct ipcchan_info info;
	int attached = chan_info(self->fd, &info);
	int other = chan_named(IPCCHAN_DEFAULT_NAME, O_WRONLY, 0);

	if (other >= 0)
		close(other);
	if (attached ? attached != -ENOTCONN || other != -ENOENT || ret >= 0 : other < 0)
		return 1;
	if (ret < 0 && ((!attached && chan_msgs(self->fd)) ||
			call_write(self) != (int)self->len))
		return 2;
	return !takes_it(self);
}

TEST_F(nomem, write_to_default)
{
	const struct op op = { prepare_default, call_write, check_default };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	self->len = 4;
	every_failure(_metadata, self, self->nth, &op, 2);
	chan_unlink(IPCCHAN_DEFAULT_NAME);
}

/* An endpoint that has all that one may have, and is the last of its channel. */
static void prepare_close(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .buf_size = 8 * page_size(),
		.options = IPCCHAN_OPT_LOANS,
	};
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)self->sent, .len = 9, .prio = 3,
		.fds = (uintptr_t)&self->nth, .nr_fds = 1,
	};
	struct ipcchan_watch w = { .offset = 8 };

	self->made = chan_open(O_RDWR | O_NONBLOCK, &a);
	if (xfer_send(self->made, &h, 1, 0, 0) != 1 || loan(self->made, 1, 0, 0) < 0 ||
	    send_block(self->made, loan(self->made, 1, 0, 0), 5) != 1 ||
	    pool(self->made, 2, IPCCHAN_POOL_COPY, 1) ||
	    do_ioctl(self->made, IPCCHAN_IOC_WATCH, &w))
		abort();
}

static int call_close(FIXTURE_DATA(nomem) *self)
{
	return close(self->made) ? -errno : 0;
}

/* Nothing of it is left: see every_failure(). */
static int check_close(FIXTURE_DATA(nomem) *self, int ret)
{
	return ret || fcntl(self->made, F_GETFD) >= 0;
}

TEST_F(nomem, close)
{
	const struct op op = { prepare_close, call_close, check_close };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 0);
}

TEST_HARNESS_MAIN
