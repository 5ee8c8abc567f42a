// SPDX-License-Identifier: GPL-2.0
/*
 * As nomem_test.c, of the ioctls that little can fail in, and of receivers and servers that
 * wait while it does.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bell.h"
#include "nomem.h"
#include "rpc.h"

#define LARGE	2000
#define HUGE	((2u << 20) + 4 * 4096)	/* bytes of a buffer with a huge page, and small ones */

FIXTURE(nomem) {
	char name[IPCCHAN_NAME_SIZE];
	char buf[LARGE];
	struct ipcchan_query query;
	struct ipcchan_info info;
	int nth;		/* of nomem_open() */
	int fd;			/* a channel with a buffer, or of calls */
	int peer;		/* another endpoint of it */
	int bare;		/* not attached */
	int event;		/* an eventfd */
	int end[2];		/* a pipe */
	int got;		/* descriptor that came */
	uint32_t *words;	/* the buffer */
	uint32_t kind;
	uint32_t buf_flags;
	uint64_t call;
	pid_t child;
	pid_t waiting;		/* another one */
};

FIXTURE_SETUP(nomem)
{
	self->nth = nomem_open();
	self->fd = -1;
	self->peer = -1;
	self->got = -1;
	if (self->nth < 0)
		return;
	unique_name(self->name);
	self->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ASSERT_LE(0, self->event);
	ASSERT_EQ(0, pipe2(self->end, O_NONBLOCK | O_CLOEXEC));
}

FIXTURE_TEARDOWN(nomem)
{
	chan_unlink(self->name);
}

/* A new queue of that name, with a buffer and two endpoints; it has one message. */
static void prepare(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_CREATE, .buf_size = 4096 };

	close(self->peer);
	close(self->fd);
	if (self->words)
		munmap(self->words, 4096);
	chan_unlink(self->name);
	strcpy(a.name, self->name);
	self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
	self->peer = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	self->words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	if (self->words == MAP_FAILED || label_send(self->fd, 1, 3, 8, 0))
		abort();
}

static int call_query(FIXTURE_DATA(nomem) *self)
{
	memset(&self->query, 0, sizeof(self->query));
	return do_ioctl(self->fd, IPCCHAN_IOC_QUERY, &self->query);
}

static int check_query(FIXTURE_DATA(nomem) *self, int ret)
{
	return (ret && call_query(self)) || self->query.abi_version != IPCCHAN_ABI_VERSION;
}

static int call_info(FIXTURE_DATA(nomem) *self)
{
	return chan_info(self->fd, &self->info);
}

static int check_info(FIXTURE_DATA(nomem) *self, int ret)
{
	return (ret && call_info(self)) || strcmp(self->info.name, self->name) ||
	       self->info.msgs != 1;
}

TEST_F(nomem, query_and_info)
{
	const struct op query = { prepare, call_query, check_query };
	const struct op info = { prepare, call_info, check_info };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &query, 2);
	every_failure(_metadata, self, self->nth, &info, 2);
}

static int call_unlink(FIXTURE_DATA(nomem) *self)
{
	return chan_unlink(self->name);
}

static int check_unlink(FIXTURE_DATA(nomem) *self, int ret)
{
	int other = chan_named(self->name, O_RDWR, 0);

	if (other >= 0)
		close(other);
	return (ret ? other < 0 : other != -ENOENT) || chan_msgs(self->fd) != 1;
}

TEST_F(nomem, unlink)
{
	const struct op op = { prepare, call_unlink, check_unlink };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 1);
}

static int call_filter(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_filter f = {
		.flags = IPCCHAN_FILTER_TYPE, .type = 9, .min_prio = 5, .low_msgs = 2,
	};

	return do_ioctl(self->fd, IPCCHAN_IOC_FILTER, &f);
}

/* The message that waits is of another type. */
static int check_filter(FIXTURE_DATA(nomem) *self, int ret)
{
	bool seen = poll_now(self->fd, POLLIN) == POLLIN;

	return seen != !!ret || msg_recv_u32(self->fd) != (ret ? 1 : -EAGAIN);
}

TEST_F(nomem, filter)
{
	const struct op op = { prepare, call_filter, check_filter };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 1);
}

/* A child waits for a word. */
static void prepare_wake(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_wait w = { .offset = 8, .timeout_ns = IPCCHAN_WAIT_FOREVER };

	prepare(self);
	self->child = child_fork();
	if (self->child == 0)
		_exit(do_ioctl(self->fd, IPCCHAN_IOC_WAIT, &w) ? 1 : 0);
	if (!wait_blocked(self->child, SYS_ioctl))
		abort();
}

static int call_wake(FIXTURE_DATA(nomem) *self)
{
	return wake(self->fd, 8, 2);
}

static int check_wake(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0 && (!is_blocked(self->child, SYS_ioctl) || call_wake(self) != 1))
		return 1;
	return child_wait(self->child);
}

/* Nobody rings: its time is over. */
static int call_wait(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_wait w = { .offset = 8, .timeout_ns = 1 };
	int ret = do_ioctl(self->fd, IPCCHAN_IOC_WAIT, &w);

	return ret == -ETIMEDOUT ? 0 : ret ? ret : 1;
}

static int check_wait(FIXTURE_DATA(nomem) *self, int ret)
{
	return ret > 0 || wake(self->peer, 8, 1) != 0;
}

TEST_F(nomem, doorbell)
{
	const struct op ring = { prepare_wake, call_wake, check_wake };
	const struct op sleep = { prepare, call_wait, check_wait };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &ring, 1);
	every_failure(_metadata, self, self->nth, &sleep, 1);
}

static void prepare_ears(FIXTURE_DATA(nomem) *self)
{
	uint64_t n;

	prepare(self);
	if (read(self->event, &n, sizeof(n)) < 0 && errno != EAGAIN)
		abort();
	if (bell_fd(self->fd, 8, self->event, 0) || watch(self->fd, 8, 1))
		abort();
}

static bool is_signalled(FIXTURE_DATA(nomem) *self)
{
	uint64_t n;

	return wake(self->fd, 8, 1) == 0 && read(self->event, &n, sizeof(n)) == sizeof(n);
}

static int call_remove(FIXTURE_DATA(nomem) *self)
{
	return bell_fd(self->fd, 8, self->event, IPCCHAN_BELL_FD_REMOVE);
}

/* Either way it can be again. */
static int check_remove(FIXTURE_DATA(nomem) *self, int ret)
{
	if (is_signalled(self) == !ret)
		return 1;
	return bell_fd(self->fd, 8, self->event, 0) != (ret ? -EEXIST : 0);
}

static int call_watch_off(FIXTURE_DATA(nomem) *self)
{
	return watch_off(self->fd);
}

static int check_watch_off(FIXTURE_DATA(nomem) *self, int ret)
{
	return is_rung(self->fd) == !ret || watch(self->fd, 8, 1);
}

/* Another word takes the place of the first, which is 0; it is what is waited for. */
static int call_watch_other(FIXTURE_DATA(nomem) *self)
{
	return watch(self->fd, 12, 0);
}

static int check_watch_other(FIXTURE_DATA(nomem) *self, int ret)
{
	if (is_rung(self->fd) == !ret)
		return 1;
	put(self->words + 3, 1);
	return !is_rung(self->fd);
}

TEST_F(nomem, ears)
{
	const struct op remove = { prepare_ears, call_remove, check_remove };
	const struct op off = { prepare_ears, call_watch_off, check_watch_off };
	const struct op other = { prepare_ears, call_watch_other, check_watch_other };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &remove, 1);
	every_failure(_metadata, self, self->nth, &off, 1);
	every_failure(_metadata, self, self->nth, &other, 1);
}

static int call_attach(FIXTURE_DATA(nomem) *self)
{
	return chan_named(self->name, O_RDWR, 0);
}

static int check_attach(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret >= 0)
		close(ret);
	return chan_info(self->fd, &self->info) || self->info.endpoints != 2;
}

/* A file that is not attached */
static void prepare_bare(FIXTURE_DATA(nomem) *self)
{
	self->bare = dev_open(O_RDWR | O_NONBLOCK);
}

static int call_attach_anon(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = self->kind, .buf_size = 4096,
		.role = IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV,
		.options = self->kind == IPCCHAN_KIND_RPC ? 0 : IPCCHAN_OPT_LOANS,
	};

	return do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, &a);
}

/* One that could not be attached can be, and then has all that it needs. */
static int check_attach_anon(FIXTURE_DATA(nomem) *self, int ret)
{
	int attached = chan_info(self->bare, &self->info);

	if (attached ? attached != -ENOTCONN || ret >= 0 : ret == -ENOMEM)
		return 1;
	if (attached && call_attach_anon(self))
		return 2;
	if (self->kind != IPCCHAN_KIND_RPC &&
	    (msg_send_u32(self->bare, 5) || msg_recv_u32(self->bare) != 5))
		return 3;
	return close(self->bare);
}

static int call_attach_huge(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .buf_size = HUGE, .buf_flags = self->buf_flags,
	};

	return chan_open(O_RDWR, &a);
}

/* Where there is no huge page there are small ones. */
static int check_attach_huge(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0)
		return 0;
	if (chan_info(ret, &self->info) || self->info.buf_size < HUGE)
		return 1;
	return close(ret);
}

TEST_F(nomem, attach)
{
	const struct op op = { prepare, call_attach, check_attach };
	const struct op anon = { prepare_bare, call_attach_anon, check_attach_anon };
	const struct op huge = { prepare, call_attach_huge, check_attach_huge };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 4);
	for (self->kind = 0; self->kind <= IPCCHAN_KIND_RPC; self->kind++)
		every_failure(_metadata, self, self->nth, &anon, 6);
	self->buf_flags = IPCCHAN_BUF_HUGE;
	every_failure(_metadata, self, self->nth, &huge, 8);
}

/* A child that sends once this process waits, a message with a descriptor. */
static void prepare_recv(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)self->buf, .len = LARGE,
		.fds = (uintptr_t)&self->end[1], .nr_fds = 1,
	};
	pid_t parent = getpid();

	prepare(self);
	if (msg_recv_u32(self->fd) != 1 || set_nonblock(self->fd, false))
		abort();
	self->child = child_fork();
	if (self->child)
		return;
	while (!is_blocked(parent, SYS_ioctl))
		sleep_ms(1);
	_exit(xfer_send(self->peer, &h, 1, 0, 0) == 1 ? 0 : 1);
}

static int recv_with(FIXTURE_DATA(nomem) *self, uint32_t flags)
{
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)self->buf, .len = LARGE,
		.fds = (uintptr_t)&self->got, .nr_fds = 1,
	};

	return xfer_recv(self->fd, &h, 1, flags, 5000000000LL);
}

static int call_recv(FIXTURE_DATA(nomem) *self)
{
	return recv_with(self, 0);
}

/* What was handed over, and could not be delivered, is queued; if it was sent at all. */
static int check_recv(FIXTURE_DATA(nomem) *self, int ret)
{
	bool sent = ret == 1 || chan_msgs(self->fd) == 1;

	if (sent && child_wait(self->child))
		return 1;
	if (!sent)
		child_kill(self->child);
	else if (ret < 0 && recv_with(self, IPCCHAN_XFER_NONBLOCK) != 1)
		return 2;
	if (sent && (write(self->got, "x", 1) != 1 || close(self->got) ||
		     read(self->end[0], self->buf, 1) != 1))
		return 3;
	return chan_msgs(self->fd);
}

TEST_F(nomem, handover)
{
	const struct op op = { prepare_recv, call_recv, check_recv };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 2);
}

/* A server has the call of a child, and that of another one waits. */
static void prepare_serve(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC };
	struct taken t = { 0 };

	close(self->fd);
	self->fd = chan_open(O_RDWR, &a);
	self->child = start_call(self->fd, 3, 0);
	self->waiting = start_call(self->fd, 4, 0);
	if (rpc_take(self->fd, &t, 0) != 1 || t.value != 3)
		abort();
	self->call = t.call;
}

/* Reply, and take the next one; the reply is given first. */
static int call_serve(FIXTURE_DATA(nomem) *self)
{
	struct taken t = { .call = self->call };
	int ret = rpc_reply_take(self->fd, &t, 33, IPCCHAN_SERVE_NONBLOCK);

	if (ret == 1)
		self->call = t.call;
	else if (t.replied)
		self->call = 0;
	return ret;
}

static int check_serve(FIXTURE_DATA(nomem) *self, int ret)
{
	struct taken t = { 0 };

	if (ret < 0) {
		/* @replied says which half of it is to be done again. */
		if (chan_msgs(self->fd) != 1 ||
		    (self->call && rpc_reply(self->fd, self->call, 33)) ||
		    rpc_take(self->fd, &t, IPCCHAN_SERVE_NONBLOCK) != 1 || t.value != 4)
			return 1;
		self->call = t.call;
	}
	if (child_wait(self->child) != 33 || !is_blocked(self->waiting, SYS_ioctl))
		return 2;
	return rpc_reply(self->fd, self->call, 44) || child_wait(self->waiting) != 44;
}

static int call_error(FIXTURE_DATA(nomem) *self)
{
	return rpc_error(self->fd, self->call, EXDEV);
}

static int check_error(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0 && (!is_blocked(self->child, SYS_ioctl) || call_error(self)))
		return 1;
	child_kill(self->waiting);
	return child_wait(self->child) != CHILD_ERROR + EXDEV || chan_msgs(self->fd);
}

TEST_F(nomem, serve)
{
	const struct op both = { prepare_serve, call_serve, check_serve };
	const struct op error = { prepare_serve, call_error, check_error };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &both, 1);
	every_failure(_metadata, self, self->nth, &error, 0);
}

static void prepare_call(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC };

	close(self->fd);
	self->fd = chan_open(O_RDWR, &a);
	self->got = -1;
	self->child = child_fork();
	if (self->child == 0) {
		struct ipcchan_serve s = {
			.flags = IPCCHAN_SERVE_NEXT,
			.timeout_ns = IPCCHAN_WAIT_FOREVER,
			.request = { .buf = (uintptr_t)self->buf, .len = LARGE },
			.reply = {
				.buf = (uintptr_t)self->buf, .len = LARGE,
				.fds = (uintptr_t)&self->end[1], .nr_fds = 1,
			},
		};

		while (do_ioctl(self->fd, IPCCHAN_IOC_SERVE, &s) == 1)
			s.flags |= IPCCHAN_SERVE_REPLY;
		_exit(1);
	}
}

/* The reply is large, and carries a descriptor. */
static int call_call(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_call c = {
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
		.request = { .buf = (uintptr_t)self->buf, .len = 4 },
		.reply = {
			.buf = (uintptr_t)self->buf, .len = LARGE,
			.fds = (uintptr_t)&self->got, .nr_fds = 1,
		},
	};

	return do_ioctl(self->fd, IPCCHAN_IOC_CALL, &c);
}

/* A reply that cannot be delivered is gone, with what it carries. */
static int check_call(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0 && (chan_msgs(self->fd) || call_call(self)))
		return 1;
	child_kill(self->child);
	if (write(self->got, "x", 1) != 1 || close(self->got))
		return 2;
	return read(self->end[0], self->buf, 1) != 1;
}

TEST_F(nomem, call)
{
	const struct op op = { prepare_call, call_call, check_call };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 0);
}

TEST_HARNESS_MAIN
