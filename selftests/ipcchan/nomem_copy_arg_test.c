// SPDX-License-Identifier: GPL-2.0
/* As nomem_copy.h says, of all but messages: calls, blocks, doorbells, channels. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bell.h"
#include "nomem_copy.h"
#include "rpc.h"

#define PAGES	4	/* of the buffer */
#define BLOCKS	2	/* of a call */
#define LEN	6	/* bytes of a request */

FIXTURE(copy) {
	struct memory mem;
	char name[IPCCHAN_NAME_SIZE];
	unsigned long cmd;	/* of an ioctl that is given the memory itself */
	char *arg;		/* what it was given */
	char text[2][LEN];	/* a request and its reply */
	uint64_t at[PAGES];	/* blocks */
	uint64_t call;
	int fd, peer;		/* a channel */
	int free;		/* not attached */
	int event;		/* an eventfd */
	pid_t child;
};

FIXTURE_SETUP(copy)
{
	memory_init(&self->mem);
	self->fd = -1;
	self->peer = -1;
	self->free = -1;
	self->event = eventfd(0, EFD_CLOEXEC);
	ASSERT_LE(0, self->event);
	unique_name(self->name);
}

FIXTURE_TEARDOWN(copy)
{
	if (self->child)
		child_kill(self->child);
	chan_unlink(self->name);
}

static int call_ioctl(FIXTURE_DATA(copy) *self, char *at)
{
	self->arg = at;
	return do_ioctl(self->fd, self->cmd, at);
}

static void put_arg(FIXTURE_DATA(copy) *self, unsigned long cmd, const void *arg, size_t size)
{
	self->cmd = cmd;
	memory_put(&self->mem, arg, size);
}

/* A new queue of that name, with a buffer to lend, and a message. */
static void new_queue(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .buf_size = PAGES * page_size(),
		.options = IPCCHAN_OPT_LOANS,
	};

	close(self->free);
	close(self->peer);
	close(self->fd);
	chan_unlink(self->name);
	strcpy(a.name, self->name);
	self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
	self->peer = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	self->free = dev_open(O_RDWR);
	if (self->peer < 0 || self->free < 0 || label_send(self->fd, 1, 3, 8, 0))
		abort();
}

static void prepare_query(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_query q = { 0 };

	new_queue(self);
	put_arg(self, IPCCHAN_IOC_QUERY, &q, sizeof(q));
}

static void prepare_info(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_info info = { 0 };

	new_queue(self);
	put_arg(self, IPCCHAN_IOC_INFO, &info, sizeof(info));
}

static int check_nothing(FIXTURE_DATA(copy) *self, int ret)
{
	(void)ret;
	return chan_msgs(self->peer) != 1;
}

static void prepare_attach(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_FD, .role = IPCCHAN_ROLE_SEND,
	};

	new_queue(self);
	a.fd = self->fd;
	put_arg(self, IPCCHAN_IOC_ATTACH, &a, sizeof(a));
}

static int call_attach(FIXTURE_DATA(copy) *self, char *at)
{
	return do_ioctl(self->free, IPCCHAN_IOC_ATTACH, at);
}

static int check_attach(FIXTURE_DATA(copy) *self, int ret)
{
	struct ipcchan_info info;

	if (chan_info(self->free, &info) != (ret ? -ENOTCONN : 0))
		return 1;
	close(self->free);
	self->free = -1;
	return 0;
}

static void prepare_unlink(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_unlink u = { 0 };

	new_queue(self);
	strcpy(u.name, self->name);
	put_arg(self, IPCCHAN_IOC_UNLINK, &u, sizeof(u));
}

static int check_unlink(FIXTURE_DATA(copy) *self, int ret)
{
	int other = chan_named(self->name, O_RDWR, 0);

	if (other >= 0)
		close(other);
	return ret ? other < 0 : other != -ENOENT;
}

static void prepare_filter(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_filter f = {
		.flags = IPCCHAN_FILTER_TYPE, .type = 9, .min_prio = 5, .low_msgs = 2,
	};

	new_queue(self);
	put_arg(self, IPCCHAN_IOC_FILTER, &f, sizeof(f));
}

static int check_filter(FIXTURE_DATA(copy) *self, int ret)
{
	return msg_recv_u32(self->fd) != (ret ? 1 : -EAGAIN);
}

TEST_F(copy, channel)
{
	static const struct op ops[] = {
		{ "QUERY", prepare_query, call_ioctl, check_nothing },
		{ "INFO", prepare_info, call_ioctl, check_nothing },
		{ "ATTACH", prepare_attach, call_attach, check_attach },
		{ "UNLINK", prepare_unlink, call_ioctl, check_unlink },
		{ "FILTER", prepare_filter, call_ioctl, check_filter },
	};

	every_op(_metadata, self, &self->mem, ops, ARRAY_SIZE(ops));
}

static void prepare_wait(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_wait w = { .offset = 8, .timeout_ns = 1 };

	new_queue(self);
	put_arg(self, IPCCHAN_IOC_WAIT, &w, sizeof(w));
}

static int call_wait(FIXTURE_DATA(copy) *self, char *at)
{
	int ret = call_ioctl(self, at);

	return ret == -ETIMEDOUT ? 0 : ret ? ret : 1;
}

static int check_wait(FIXTURE_DATA(copy) *self, int ret)
{
	return ret > 0 || wake(self->peer, 8, 1);
}

static void prepare_wake(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_wake w = { .offset = 8, .count = 1 };

	new_queue(self);
	if (bell_fd(self->peer, 8, self->event, 0))
		abort();
	put_arg(self, IPCCHAN_IOC_WAKE, &w, sizeof(w));
}

static int check_wake(FIXTURE_DATA(copy) *self, int ret)
{
	bool rung = poll_now(self->event, POLLIN) == POLLIN;
	uint64_t n;

	if (rung && read(self->event, &n, sizeof(n)) != sizeof(n))
		return 1;
	return rung == !!ret;
}

static void prepare_bell_fd(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_bell_fd b = { .offset = 8, .fd = self->event };

	new_queue(self);
	put_arg(self, IPCCHAN_IOC_BELL_FD, &b, sizeof(b));
}

static int check_bell_fd(FIXTURE_DATA(copy) *self, int ret)
{
	return bell_fd(self->fd, 8, self->event, IPCCHAN_BELL_FD_REMOVE) != (ret ? -ENOENT : 0);
}

static void prepare_watch(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_watch w = { .offset = 8, .expected = 1 };

	new_queue(self);
	put_arg(self, IPCCHAN_IOC_WATCH, &w, sizeof(w));
}

static int check_watch(FIXTURE_DATA(copy) *self, int ret)
{
	return is_rung(self->fd) == !!ret || watch_off(self->fd);
}

static void prepare_report(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_report r = { .offset = 8 };

	new_queue(self);
	put_arg(self, IPCCHAN_IOC_REPORT, &r, sizeof(r));
}

TEST_F(copy, doorbell)
{
	static const struct op ops[] = {
		{ "WAIT", prepare_wait, call_wait, check_wait },
		{ "WAKE", prepare_wake, call_ioctl, check_wake },
		{ "BELL_FD", prepare_bell_fd, call_ioctl, check_bell_fd },
		{ "WATCH", prepare_watch, call_ioctl, check_watch },
		{ "REPORT", prepare_report, call_ioctl, check_nothing },
	};

	every_op(_metadata, self, &self->mem, ops, ARRAY_SIZE(ops));
}

/* Are so many pages free?  They are taken. */
static bool pages_free(FIXTURE_DATA(copy) *self, int nr)
{
	int got = loan_many(self->fd, 1, self->at, PAGES, IPCCHAN_XFER_NONBLOCK);

	return (got == -EAGAIN ? 0 : got) == nr;
}

static void prepare_loan(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_loan l = {
		.len = 1, .offsets = (uintptr_t)self->at, .count = BLOCKS,
		.flags = IPCCHAN_XFER_NONBLOCK,
	};

	new_queue(self);
	put_arg(self, IPCCHAN_IOC_LOAN, &l, sizeof(l));
}

static int check_loan(FIXTURE_DATA(copy) *self, int ret)
{
	return !pages_free(self, PAGES - (ret > 0 ? ret : 0));
}

static void prepare_offsets(FIXTURE_DATA(copy) *self)
{
	new_queue(self);
	put_arg(self, 0, self->at, BLOCKS * sizeof(self->at[0]));
}

static int call_loan(FIXTURE_DATA(copy) *self, char *at)
{
	return loan_many(self->fd, 1, (uint64_t *)at, BLOCKS, 0);
}

/* The endpoint has blocks. */
static void prepare_blocks(FIXTURE_DATA(copy) *self)
{
	new_queue(self);
	if (loan_many(self->fd, 1, self->at, BLOCKS, 0) != BLOCKS)
		abort();
	put_arg(self, 0, self->at, BLOCKS * sizeof(self->at[0]));
}

static int call_give_back(FIXTURE_DATA(copy) *self, char *at)
{
	struct ipcchan_give_back g = { .offsets = (uintptr_t)at, .count = BLOCKS };

	return do_ioctl(self->fd, IPCCHAN_IOC_GIVE_BACK, &g);
}

static void prepare_give_back(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_give_back g = { .offsets = (uintptr_t)self->at, .count = BLOCKS };

	prepare_blocks(self);
	put_arg(self, IPCCHAN_IOC_GIVE_BACK, &g, sizeof(g));
}

static int check_give_back(FIXTURE_DATA(copy) *self, int ret)
{
	return !pages_free(self, PAGES - BLOCKS + (ret > 0 ? ret : 0));
}

static void prepare_pool(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_pool p = { .size = 1, .full = IPCCHAN_POOL_FAIL, .min_len = 1 };

	new_queue(self);
	put_arg(self, IPCCHAN_IOC_POOL, &p, sizeof(p));
}

/* Either way it has one afterwards, which is its first where there was none. */
static int check_pool(FIXTURE_DATA(copy) *self, int ret)
{
	return pool(self->fd, 1, IPCCHAN_POOL_FAIL, 1) != (ret ? 0 : -EBUSY);
}

TEST_F(copy, blocks)
{
	static const struct op ops[] = {
		{ "LOAN", prepare_loan, call_ioctl, check_loan },
		{ "LOAN offsets", prepare_offsets, call_loan, check_loan },
		{ "GIVE_BACK", prepare_give_back, call_ioctl, check_give_back },
		{ "GIVE_BACK offsets", prepare_blocks, call_give_back, check_give_back },
		{ "POOL", prepare_pool, call_ioctl, check_pool },
	};

	every_op(_metadata, self, &self->mem, ops, ARRAY_SIZE(ops));
}

static int new_rpc(void)
{
	struct ipcchan_attach a = { .kind = IPCCHAN_KIND_RPC };

	return chan_anon(&a);
}

/* A child answers each request with its value and 1. */
static struct ipcchan_call call_of(FIXTURE_DATA(copy) *self)
{
	if (!self->child) {
		self->fd = new_rpc();
		self->child = start_adder(self->fd);
	}
	return (struct ipcchan_call) {
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
		.request = { .buf = (uintptr_t)self->text[0], .len = 4 },
		.reply = { .buf = (uintptr_t)self->text[1], .len = 4 },
	};
}

static void prepare_call(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_call c = call_of(self);

	put_arg(self, IPCCHAN_IOC_CALL, &c, sizeof(c));
}

static void prepare_text(FIXTURE_DATA(copy) *self)
{
	memory_put(&self->mem, self->text[0], 4);
}

static int call_request(FIXTURE_DATA(copy) *self, char *at)
{
	struct ipcchan_call c = call_of(self);

	c.request.buf = (uintptr_t)at;
	return do_ioctl(self->fd, IPCCHAN_IOC_CALL, &c);
}

static int call_reply(FIXTURE_DATA(copy) *self, char *at)
{
	struct ipcchan_call c = call_of(self);

	c.reply.buf = (uintptr_t)at;
	return do_ioctl(self->fd, IPCCHAN_IOC_CALL, &c);
}

/* Nothing of it is left. */
static int check_call(FIXTURE_DATA(copy) *self, int ret)
{
	return ret > 0 || chan_msgs(self->fd) || rpc_call(self->fd, 5, -1) != 6;
}

TEST_F(copy, call)
{
	static const struct op ops[] = {
		{ "CALL", prepare_call, call_ioctl, check_call },
		{ "CALL request", prepare_text, call_request, check_call },
		{ "CALL reply", prepare_text, call_reply, check_call },
	};

	every_op(_metadata, self, &self->mem, ops, ARRAY_SIZE(ops));
}

static struct ipcchan_serve serve_of(FIXTURE_DATA(copy) *self)
{
	return (struct ipcchan_serve) {
		.flags = IPCCHAN_SERVE_NEXT | IPCCHAN_SERVE_NONBLOCK,
		.request = { .buf = (uintptr_t)self->text[0], .len = 4 },
	};
}

/* A child calls, and exits with the reply. */
static void prepare_client(FIXTURE_DATA(copy) *self)
{
	close(self->fd);
	self->fd = new_rpc();
	self->child = start_call(self->fd, 5, 0);
	memory_put(&self->mem, self->text[0], 4);
}

static void prepare_serve(FIXTURE_DATA(copy) *self)
{
	struct ipcchan_serve s = serve_of(self);

	prepare_client(self);
	put_arg(self, IPCCHAN_IOC_SERVE, &s, sizeof(s));
}

static int call_serve(FIXTURE_DATA(copy) *self, char *at)
{
	int ret = call_ioctl(self, at);

	if (ret == 1)
		self->call = ((struct ipcchan_serve *)at)->call;
	return ret;
}

static int call_serve_request(FIXTURE_DATA(copy) *self, char *at)
{
	struct ipcchan_serve s = serve_of(self);
	int ret;

	s.request.buf = (uintptr_t)at;
	ret = do_ioctl(self->fd, IPCCHAN_IOC_SERVE, &s);
	self->call = s.call;
	return ret;
}

/* What could not be delivered waits for the next. */
static int check_serve(FIXTURE_DATA(copy) *self, int ret)
{
	struct taken t = { .call = self->call };

	if (chan_msgs(self->fd) != (ret == 1 ? 0 : 1))
		return 1;
	if (ret < 0 && rpc_take(self->fd, &t, IPCCHAN_SERVE_NONBLOCK) != 1)
		return 2;
	if (rpc_reply(self->fd, t.call, 9) || child_wait(self->child) != 9)
		return 3;
	self->child = 0;
	return 0;
}

static void prepare_reply(FIXTURE_DATA(copy) *self)
{
	struct taken t;

	prepare_client(self);
	if (rpc_take(self->fd, &t, 0) != 1)
		abort();
	self->call = t.call;
	memory_put(&self->mem, &(uint32_t) { 9 }, 4);
}

static int call_serve_reply(FIXTURE_DATA(copy) *self, char *at)
{
	struct ipcchan_serve s = {
		.flags = IPCCHAN_SERVE_REPLY, .call = self->call,
		.reply = { .buf = (uintptr_t)at, .len = 4 },
	};

	return do_ioctl(self->fd, IPCCHAN_IOC_SERVE, &s);
}

/* The call is open until it has its reply. */
static int check_reply(FIXTURE_DATA(copy) *self, int ret)
{
	if (ret < 0 && (!is_blocked(self->child, SYS_ioctl) || rpc_reply(self->fd, self->call, 9)))
		return 1;
	ret = child_wait(self->child);
	self->child = 0;
	return ret != 9;
}

TEST_F(copy, serve)
{
	static const struct op ops[] = {
		{ "SERVE", prepare_serve, call_serve, check_serve },
		{ "SERVE request", prepare_client, call_serve_request, check_serve },
		{ "SERVE reply", prepare_reply, call_serve_reply, check_reply },
	};

	every_op(_metadata, self, &self->mem, ops, ARRAY_SIZE(ops));
}

TEST_HARNESS_MAIN
