// SPDX-License-Identifier: GPL-2.0
/*
 * As nomem_test.c, of what is not copied twice: blocks and pools.  A call that
 * fails has no effect: each block is where it was before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nomem.h"
#include "param.h"
#include "place.h"
#include "util.h"

#define PAGES	8
#define POOL	4	/* pages */
#define BLOCKS	3
#define SUBS	2

FIXTURE(nomem) {
	struct ipcchan_msghdr h[BLOCKS];
	uint64_t at[BLOCKS];
	char text[64];
	uint32_t page;
	int nth;		/* of nomem_open() */
	int fd;			/* the owner's, that only sends in a broadcast */
	int other;		/* another user's */
	int sub[SUBS];		/* who receives; of a queue there is one */
	int nr_subs;
	char *map, *other_map;	/* the buffer */
	char *sub_map;		/* if the first of them may write */
	int end[2];		/* a pipe */
	int got;		/* descriptor that came */
	int count;		/* messages of a call */
	int next;		/* descriptor, before the call */
	uint32_t kind;
	uint32_t options;
};

FIXTURE_SETUP(nomem)
{
	self->nth = nomem_open();
	if (self->nth < 0)
		return;
	self->page = page_size();
	self->fd = -1;
	self->other = -1;
	self->got = -1;
	self->end[0] = -1;
	self->end[1] = -1;
}

FIXTURE_TEARDOWN(nomem)
{
	param_restore();
}

static int next_fd(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

/* Who holds what is left of the one before gives it back. */
static void forget_channel(FIXTURE_DATA(nomem) *self)
{
	int i;

	if (self->fd < 0)
		return;
	munmap(self->map, PAGES * self->page);
	munmap(self->other_map, PAGES * self->page);
	if (self->sub_map)
		munmap(self->sub_map, PAGES * self->page);
	for (i = 0; i < self->nr_subs; i++)
		close(self->sub[i]);
	close(self->other);
	close(self->fd);
	close(self->end[0]);
	close(self->end[1]);
}

/* A new channel, with all endpoints, and a pipe. */
static void new_channel(FIXTURE_DATA(nomem) *self)
{
	bool queue = self->kind == IPCCHAN_KIND_QUEUE;
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = self->kind, .mode = 0666,
		.buf_size = PAGES * self->page, .options = self->options,
	};
	int i;

	forget_channel(self);
	self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
	if (!queue) {
		a = (struct ipcchan_attach) {
			.flags = IPCCHAN_ATTACH_FD, .role = IPCCHAN_ROLE_SEND, .fd = self->fd,
		};
		i = self->fd;
		self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
		close(i);
	}
	a = (struct ipcchan_attach) {
		.flags = IPCCHAN_ATTACH_FD, .role = IPCCHAN_ROLE_SEND, .fd = self->fd,
	};
	self->other = chan_open(O_RDWR | O_NONBLOCK, &a);
	self->nr_subs = queue ? 1 : SUBS;
	for (i = 0; i < self->nr_subs; i++)
		self->sub[i] = chan_peer(self->fd, (queue ? O_RDWR : O_RDONLY) | O_NONBLOCK);
	self->map = map_buf(self->fd, PAGES);
	self->other_map = map_buf(self->other, PAGES);
	self->sub_map = queue ? map_buf(self->sub[0], PAGES) : NULL;
	if (self->sub[self->nr_subs - 1] < 0 || !self->map || !self->other_map ||
	    (queue && !self->sub_map) || pipe2(self->end, O_NONBLOCK | O_CLOEXEC))
		abort();
}

/* Is @byte, mapped by an endpoint that has its block, or has not, written as it should? */
static bool is_written(FIXTURE_DATA(nomem) *self, char *byte, bool has)
{
	return is_ours(byte) == (has || !(self->options & IPCCHAN_OPT_REVOKE));
}

/* Are exactly so many pages free? */
static bool pages_free(FIXTURE_DATA(nomem) *self, int nr)
{
	uint64_t at[PAGES];
	int i, got = loan_many(self->fd, 1, at, PAGES, IPCCHAN_XFER_NONBLOCK);

	for (i = 0; i < got; i++)
		give_back(self->fd, at[i]);
	return (got == -EAGAIN ? 0 : got) == nr;
}

static void each_kind_of_loan(struct __test_metadata *_metadata, FIXTURE_DATA(nomem) *self,
			      const struct op *op, int least)
{
	int i;

	for (i = 0; i < 2; i++) {
		self->options = IPCCHAN_OPT_LOANS | (i ? IPCCHAN_OPT_REVOKE : 0);
		every_failure(_metadata, self, self->nth, op, least);
	}
}

static void prepare_attach(FIXTURE_DATA(nomem) *self)
{
	(void)self;
	seteuid_or_abort(OTHER_ID);
}

static int call_attach(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .buf_size = PAGES * self->page,
		.options = self->options,
	};

	return chan_open(O_RDWR, &a);
}

/* Whose bytes are paid for until it is gone: that user may have no more. */
static int check_attach(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0)
		ret = call_attach(self);
	seteuid_or_abort(0);
	if (ret < 0)
		return 1;
	return close(ret);
}

TEST_F(nomem, attach)
{
	const struct op op = { prepare_attach, call_attach, check_attach };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	ASSERT_EQ(0, param_set("user_buffers", PAGES * self->page));
	each_kind_of_loan(_metadata, self, &op, PAGES + 4);
}

static void prepare_loan(FIXTURE_DATA(nomem) *self)
{
	new_channel(self);
	seteuid_or_abort(OTHER_ID);
}

static int call_loan(FIXTURE_DATA(nomem) *self)
{
	return loan_many(self->other, self->page, self->at, BLOCKS, 0);
}

/* As many as it says, and no more. */
static int check_loan(FIXTURE_DATA(nomem) *self, int ret)
{
	int i;

	seteuid_or_abort(0);
	if (!pages_free(self, PAGES - (ret > 0 ? ret : 0)))
		return 1;
	for (i = 0; i < ret; i++) {
		if (!is_written(self, self->other_map + self->at[i], true) ||
		    !is_written(self, self->map + self->at[i], false) ||
		    give_back(self->other, self->at[i]) != 1)
			return 2;
	}
	for (i = 0; i < PAGES; i++) {
		if (!is_written(self, self->other_map + i * self->page, false))
			return 3;
	}
	return !pages_free(self, PAGES);
}

TEST_F(nomem, loan)
{
	const struct op op = { prepare_loan, call_loan, check_loan };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	each_kind_of_loan(_metadata, self, &op, 1);
}

/* @fd has blocks, each with its number in it, in headers to be sent. */
static void fill_blocks(FIXTURE_DATA(nomem) *self, int fd, char *map)
{
	int i;

	if (loan_many(fd, self->page, self->at, self->count, 0) != self->count)
		abort();
	for (i = 0; i < self->count; i++) {
		map[self->at[i]] = 'a' + i;
		self->h[i] = (struct ipcchan_msghdr) {
			.buf = self->at[i], .len = 10 + i, .flags = IPCCHAN_MSG_PLACED,
		};
	}
	/* The last one carries a descriptor. */
	self->h[i - 1].fds = (uintptr_t)&self->end[1];
	self->h[i - 1].nr_fds = 1;
}

static void prepare_send(FIXTURE_DATA(nomem) *self)
{
	new_channel(self);
	seteuid_or_abort(OTHER_ID);
	fill_blocks(self, self->other, self->other_map);
}

static int call_send(FIXTURE_DATA(nomem) *self)
{
	return xfer_send(self->other, self->h, self->count, 0, IPCCHAN_WAIT_FOREVER);
}

/* All receivers get the blocks from @first to @end, and read them in place. */
static int receive_blocks(FIXTURE_DATA(nomem) *self, int first, int end)
{
	int i, k;

	for (i = first; i < end; i++) {
		for (k = 0; k < self->nr_subs; k++) {
			if (recv_block(self->sub[k]) != (int64_t)self->at[i])
				return 1;
		}
		if (self->sub_map && !is_written(self, self->sub_map + self->at[i], true))
			return 2;
		for (k = 0; k < self->nr_subs; k++) {
			if (give_back(self->sub[k], self->at[i]) != 1)
				return 3;
		}
	}
	return 0;
}

/* What is not sent is the sender's, as before, and nobody has the pipe's end. */
static int check_send(FIXTURE_DATA(nomem) *self, int ret)
{
	int i, sent = ret > 0 ? ret : 0;
	ssize_t len;
	char c;

	seteuid_or_abort(0);
	close(self->end[1]);
	self->end[1] = -1;
	len = read(self->end[0], &c, 1);
	if (len != (sent == self->count ? -1 : 0))
		return 1;
	for (i = 0; i < self->nr_subs; i++) {
		if (chan_msgs(self->sub[i]) != sent)
			return 2;
	}
	for (i = 0; i < self->count; i++) {
		if (!is_written(self, self->other_map + self->at[i], i >= sent) ||
		    give_back(self->other, self->at[i]) != (i < sent ? -ENOENT : 1))
			return 3;
	}
	if (receive_blocks(self, 0, sent))
		return 4;
	return !pages_free(self, PAGES);
}

static void each_kind_and_count(struct __test_metadata *_metadata, FIXTURE_DATA(nomem) *self,
				const struct op *op, int least)
{
	for (self->kind = 0; self->kind <= IPCCHAN_KIND_BROADCAST; self->kind++) {
		for (self->count = 1; self->count <= BLOCKS; self->count += BLOCKS - 1)
			each_kind_of_loan(_metadata, self, op, least);
	}
}

TEST_F(nomem, send)
{
	const struct op op = { prepare_send, call_send, check_send };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	each_kind_and_count(_metadata, self, &op, 2);
}

static void prepare_recv(FIXTURE_DATA(nomem) *self)
{
	int i;

	new_channel(self);
	fill_blocks(self, self->fd, self->map);
	if (xfer_send(self->fd, self->h, self->count, 0, 0) != self->count)
		abort();
	for (i = 0; i < self->count; i++) {
		self->h[i] = (struct ipcchan_msghdr) {
			.fds = (uintptr_t)&self->got, .nr_fds = i == self->count - 1,
		};
	}
	self->got = -1;
	self->next = next_fd();
	seteuid_or_abort(OTHER_ID);
}

static int call_recv(FIXTURE_DATA(nomem) *self)
{
	return xfer_recv(self->sub[0], self->h, self->count, IPCCHAN_XFER_PLACE, 0);
}

/* What is not received stays queued, with all that it carries, and is nobody's. */
static int check_recv(FIXTURE_DATA(nomem) *self, int ret)
{
	int i, got = ret > 0 ? ret : 0;

	seteuid_or_abort(0);
	if (chan_msgs(self->sub[0]) != self->count - got)
		return 1;
	if (got < self->count && next_fd() != self->next)
		return 2;
	for (i = 0; i < self->count; i++) {
		if (i < got && (self->h[i].buf != self->at[i] ||
				self->h[i].flags != IPCCHAN_MSG_PLACED))
			return 3;
		if (self->sub_map && !is_written(self, self->sub_map + self->at[i], i < got))
			return 4;
		if (give_back(self->sub[0], self->at[i]) != (i < got ? 1 : -ENOENT))
			return 5;
	}
	if (got == self->count && (write(self->got, "x", 1) != 1 || close(self->got)))
		return 6;
	for (i = 0; i < got && self->nr_subs > 1; i++) {
		if (give_back(self->sub[1], recv_block(self->sub[1])) != 1)
			return 7;
	}
	if (receive_blocks(self, got, self->count))
		return 8;
	return !pages_free(self, PAGES);
}

TEST_F(nomem, recv)
{
	const struct op op = { prepare_recv, call_recv, check_recv };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	each_kind_and_count(_metadata, self, &op, 2);
}

static void prepare_give_back(FIXTURE_DATA(nomem) *self)
{
	prepare_loan(self);
	if (call_loan(self) != BLOCKS)
		abort();
}

static int call_give_back(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_give_back g = { .offsets = (uintptr_t)self->at, .count = BLOCKS };

	return do_ioctl(self->other, IPCCHAN_IOC_GIVE_BACK, &g);
}

static int check_give_back(FIXTURE_DATA(nomem) *self, int ret)
{
	int i, back = ret > 0 ? ret : 0;

	seteuid_or_abort(0);
	if (!pages_free(self, PAGES - BLOCKS + back))
		return 1;
	for (i = 0; i < BLOCKS; i++) {
		if (!is_written(self, self->other_map + self->at[i], i >= back) ||
		    give_back(self->other, self->at[i]) != (i < back ? -ENOENT : 1))
			return 2;
	}
	return !pages_free(self, PAGES);
}

TEST_F(nomem, give_back)
{
	const struct op op = { prepare_give_back, call_give_back, check_give_back };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	each_kind_of_loan(_metadata, self, &op, 1);
}

static int call_pool(FIXTURE_DATA(nomem) *self)
{
	return pool(self->sub[0], POOL, IPCCHAN_POOL_FAIL, 1);
}

/* Does a message get its place in the pool? */
static bool is_pooled(FIXTURE_DATA(nomem) *self)
{
	char text[8];
	struct ipcchan_msghdr h = { .buf = (uintptr_t)text, .len = sizeof(text) };

	return msg_send(self->fd, "pooled?", 8) == 8 && recv_place(self->sub[0], &h) == 1 &&
	       h.flags == IPCCHAN_MSG_PLACED && give_back(self->sub[0], h.buf) == 1;
}

/* As of a channel: that user may have no more. */
static int check_pool(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0 && is_pooled(self))
		return 1;
	if (ret < 0)
		ret = call_pool(self);
	seteuid_or_abort(0);
	return ret || !is_pooled(self);
}

TEST_F(nomem, pool)
{
	const struct op op = { prepare_loan, call_pool, check_pool };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	ASSERT_EQ(0, param_set("user_buffers", POOL * self->page));
	every_failure(_metadata, self, self->nth, &op, POOL + 4);
	forget_channel(self);
}

/* All of it is free: so many messages of a page fit. */
static int check_pool_free(FIXTURE_DATA(nomem) *self)
{
	static char text[1 << 16];
	int i;

	for (i = 0; i < POOL; i++) {
		if (msg_send(self->fd, text, self->page) != (ssize_t)self->page)
			return 10 + i;
	}
	return msg_send(self->fd, text, 1) != -ENOBUFS;
}

static void prepare_send_to_pool(FIXTURE_DATA(nomem) *self)
{
	int i;

	new_channel(self);
	if (call_pool(self))
		abort();
	for (i = 0; i < 2; i++) {
		self->h[i] = (struct ipcchan_msghdr) {
			.buf = (uintptr_t)self->text, .len = sizeof(self->text),
		};
	}
	seteuid_or_abort(OTHER_ID);
}

static int call_send_to_pool(FIXTURE_DATA(nomem) *self)
{
	return xfer_send(self->other, self->h, self->count, 0, 0);
}

static int check_send_to_pool(FIXTURE_DATA(nomem) *self, int ret)
{
	int64_t at;
	int i;

	seteuid_or_abort(0);
	if (chan_msgs(self->fd) != (ret > 0 ? ret : 0))
		return 1;
	for (i = 0; i < ret; i++) {
		at = recv_block(self->sub[0]);
		if (at < (int64_t)IPCCHAN_POOL_OFFSET || give_back(self->sub[0], at) != 1)
			return 2;
	}
	return check_pool_free(self);
}

static int call_write_to_pool(FIXTURE_DATA(nomem) *self)
{
	ssize_t ret = msg_send(self->other, self->text, sizeof(self->text));

	return ret == sizeof(self->text) ? 1 : ret;
}

TEST_F(nomem, send_to_pool)
{
	const struct op op = { prepare_send_to_pool, call_send_to_pool, check_send_to_pool };
	const struct op by_write = {
		prepare_send_to_pool, call_write_to_pool, check_send_to_pool,
	};

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	for (self->count = 1; self->count <= 2; self->count++)
		every_failure(_metadata, self, self->nth, &op, 1);
	every_failure(_metadata, self, self->nth, &by_write, 1);
}

TEST_HARNESS_MAIN
