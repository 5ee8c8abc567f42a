// SPDX-License-Identifier: GPL-2.0
/* How the messages of storms go: one send and one receive of each way. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "place.h"
#include "storm.h"
#include "util.h"

#define PAGES		12	/* of a buffer, or a pool */
#define SPIN_NS		200000

static uint32_t some_len(struct storm_actor *a)
{
	return storm_rand(a, 2) ? sizeof(struct storm_msg) : STORM_SHORT;
}

static struct storm_desk *desk_of(const struct storm_actor *a)
{
	return &a->s->desk[a->nr];
}

static struct ipcchan_msghdr room(struct storm_actor *a, int i)
{
	struct storm_msg *m = &desk_of(a)->msg[i];

	return (struct ipcchan_msghdr) { .buf = (uintptr_t)m, .len = sizeof(*m) };
}

/* Its tail is as long as it likes. */
static struct ipcchan_msghdr header(struct storm_actor *a, struct storm_msg *m)
{
	storm_number(a, m);
	return (struct ipcchan_msghdr) {
		.buf = (uintptr_t)m, .len = some_len(a), .cookie = STORM_COOKIE(a->nr, m->seq),
	};
}

static int words_send(struct storm_actor *a)
{
	struct storm_msg m;
	ssize_t ret;

	storm_number(a, &m);
	ret = msg_send(a->fd, &m, some_len(a));
	storm_told(a, &m, ret < 0 ? STORM_FAILED : STORM_SENT);
	return ret < 0 ? ret : 0;
}

static int words_recv(struct storm_actor *a)
{
	struct storm_msg *m = desk_of(a)->msg;
	ssize_t ret = msg_recv(a->fd, m, sizeof(*m));

	if (ret < 0)
		return ret;
	storm_got(a, 0, m, ret);
	return 0;
}

const struct storm_way storm_words = {
	.name = "words", .chan = { .max_msgs = 6 }, .send = words_send, .recv = words_recv,
};

const struct storm_way storm_spin = {
	.name = "spin", .chan = { .max_msgs = 2, .spin_ns = SPIN_NS },
	.send = words_send, .recv = words_recv,
};

static int batch_send(struct storm_actor *a)
{
	int nr = 1 + storm_rand(a, STORM_BATCH), ret, i;
	struct ipcchan_msghdr h[STORM_BATCH];
	struct storm_msg m[STORM_BATCH];
	uint32_t flags;
	int64_t timeout_ns;

	for (i = 0; i < nr; i++)
		h[i] = header(a, &m[i]);
	timeout_ns = storm_time(a, &flags);
	ret = xfer_send(a->fd, h, nr, flags, timeout_ns);
	for (i = 0; i < nr; i++)
		storm_told(a, &m[i], i < ret ? STORM_SENT : STORM_FAILED);
	return ret < 0 ? ret : 0;
}

static int batch_recv(struct storm_actor *a)
{
	struct storm_desk *desk = desk_of(a);
	int nr = 1 + storm_rand(a, STORM_BATCH), ret, i;
	uint32_t flags;
	int64_t timeout_ns = storm_time(a, &flags);

	for (i = 0; i < nr; i++)
		desk->h[i] = room(a, i);
	ret = xfer_recv(a->fd, desk->h, nr, flags, timeout_ns);
	for (i = 0; i < ret; i++) {
		const struct storm_msg *m = &desk->msg[i];

		if (desk->h[i].cookie != STORM_COOKIE(m->sender, m->seq))
			STORM_FAULT(a->s, -EBADMSG);
		storm_got(a, i, m, desk->h[i].len);
	}
	return ret < 0 ? ret : ret ? 0 : -ENODATA;
}

const struct storm_way storm_batch = {
	.name = "batch", .chan = { .max_msgs = 6 }, .send = batch_send, .recv = batch_recv,
};

const struct storm_way storm_broadcast = {
	.name = "broadcast", .chan = { .kind = IPCCHAN_KIND_BROADCAST, .max_msgs = 6 },
	.all = true, .send = batch_send, .recv = batch_recv,
};

/* An eventfd that knows which message it belongs to. */
static int fds_send(struct storm_actor *a)
{
	struct storm_msg m;
	struct ipcchan_msghdr h = header(a, &m);
	int32_t fd = eventfd(m.seq + 1, EFD_CLOEXEC);
	uint32_t flags;
	int64_t timeout_ns = storm_time(a, &flags);
	int ret = fd < 0 ? -errno : 0;

	if (fd >= 0) {
		h.fds = (uintptr_t)&fd;
		h.nr_fds = 1;
		ret = xfer_send(a->fd, &h, 1, flags, timeout_ns);
		close(fd);
	}
	storm_told(a, &m, ret == 1 ? STORM_SENT : STORM_FAILED);
	return ret < 0 ? ret : 0;
}

static int fds_recv(struct storm_actor *a)
{
	struct storm_desk *desk = desk_of(a);
	uint64_t value = 0;
	uint32_t flags;
	int64_t timeout_ns = storm_time(a, &flags);
	int ret;

	desk->h[0] = room(a, 0);
	desk->h[0].fds = (uintptr_t)desk->fds;
	desk->h[0].nr_fds = 1;
	ret = xfer_recv(a->fd, desk->h, 1, flags, timeout_ns);
	if (ret != 1)
		return ret ? ret : -ENODATA;
	if (desk->h[0].nr_fds != 1 ||
	    read(desk->fds[0], &value, sizeof(value)) != sizeof(value) ||
	    value != desk->msg[0].seq + 1ull)
		STORM_FAULT(a->s, -EBADF);
	close(desk->fds[0]);
	storm_got(a, 0, desk->msg, desk->h[0].len);
	return 0;
}

const struct storm_way storm_fds = {
	.name = "fds", .chan = { .max_msgs = 6 }, .send = fds_send, .recv = fds_recv,
};

/* What may have been carried out stays under way. */
static int rpc_send(struct storm_actor *a)
{
	struct storm_msg m, reply = { 0 };
	struct ipcchan_call c = { .request = header(a, &m), .reply = {
		.buf = (uintptr_t)&reply, .len = sizeof(reply),
	} };
	int ret;

	c.timeout_ns = storm_time(a, &c.flags);
	ret = do_ioctl(a->fd, IPCCHAN_IOC_CALL, &c);
	/* Its tail may have been left away on the way there. */
	if (!ret && memcmp(&reply, &m, STORM_SHORT))
		STORM_FAULT(a->s, -EBADMSG);
	if (!ret || ret == -EAGAIN)
		storm_told(a, &m, ret ? STORM_FAILED : STORM_SENT);
	/* The server was killed, or has never come. */
	return ret == -EOWNERDEAD || ret == -EPIPE ? 0 : ret;
}

/* Reply to the last one, and take the next. */
static int rpc_recv(struct storm_actor *a)
{
	struct storm_desk *desk = desk_of(a);
	struct ipcchan_serve s = {
		.flags = IPCCHAN_SERVE_NEXT | (a->call ? IPCCHAN_SERVE_REPLY : 0),
		.call = a->call, .request = room(a, 0),
		.reply = { .buf = (uintptr_t)&a->owed, .len = some_len(a) },
	};
	uint32_t flags;
	int ret;

	s.timeout_ns = storm_time(a, &flags);
	if (flags)
		s.flags |= IPCCHAN_SERVE_ABSTIME;
	ret = do_ioctl(a->fd, IPCCHAN_IOC_SERVE, &s);
	if (ret == -ENOMEM && !s.replied)
		return ret;
	if (a->call && !s.replied)
		STORM_FAULT(a->s, ret);
	a->call = 0;
	if (ret == 1) {
		a->call = s.call;
		a->owed = desk->msg[0];
		storm_got(a, 0, desk->msg, s.request.len);
	}
	/* Its client has given up. */
	return ret == 1 || ret == -ECANCELED ? 0 : ret ? ret : -ENODATA;
}

const struct storm_way storm_rpc = {
	.name = "rpc", .chan = { .kind = IPCCHAN_KIND_RPC, .max_msgs = 2 },
	.unknown = true, .send = rpc_send, .recv = rpc_recv,
};

static int loans_open(struct storm_actor *a, bool sends)
{
	a->map = map_buf(a->fd, PAGES);
	(void)sends;
	return a->map ? 0 : -errno;
}

static int loans_send(struct storm_actor *a)
{
	struct ipcchan_msghdr h;
	struct storm_msg m;
	uint32_t flags;
	int64_t timeout_ns = storm_time(a, &flags);
	int64_t at = loan(a->fd, 1, flags, timeout_ns);
	int ret;

	if (at < 0)
		return at;
	h = header(a, &m);
	memcpy(a->map + at, &m, sizeof(m));
	h.buf = at;
	h.flags = IPCCHAN_MSG_PLACED;
	timeout_ns = storm_time(a, &flags);
	ret = xfer_send(a->fd, &h, 1, flags, timeout_ns);
	storm_told(a, &m, ret == 1 ? STORM_SENT : STORM_FAILED);
	if (ret < 0 && give_back(a->fd, at) != 1)
		STORM_FAULT(a->s, -ENOENT);
	return ret < 0 ? ret : 0;
}

/* Where it is, or copied. */
static int place_recv(struct storm_actor *a, uint64_t base)
{
	struct storm_desk *desk = desk_of(a);
	const struct storm_msg *m = desk->msg;
	uint32_t flags;
	int64_t timeout_ns = storm_time(a, &flags);
	uint64_t at;
	int ret;

	desk->h[0] = room(a, 0);
	ret = xfer_recv(a->fd, desk->h, 1, flags | IPCCHAN_XFER_PLACE, timeout_ns);
	if (ret != 1)
		return ret ? ret : -ENODATA;
	if (!(desk->h[0].flags & IPCCHAN_MSG_PLACED)) {
		storm_got(a, 0, m, desk->h[0].len);
		return 0;
	}
	at = desk->h[0].buf;
	m = (void *)(a->map + at - base);
	if (desk->h[0].cookie != STORM_COOKIE(m->sender, m->seq))
		STORM_FAULT(a->s, -EBADMSG);
	storm_got(a, 0, m, desk->h[0].len);
	if (give_back(a->fd, at) != 1)
		STORM_FAULT(a->s, -ENOENT);
	return 0;
}

static int loans_recv(struct storm_actor *a)
{
	return place_recv(a, 0);
}

const struct storm_way storm_loans = {
	.name = "loans",
	.chan = { .max_msgs = 6, .options = IPCCHAN_OPT_LOANS, .buf_size = PAGES * 4096 },
	.both = true, .open = loans_open, .send = loans_send, .recv = loans_recv,
};

/* The first receiver has one, until it is killed: then it may be another. */
static int pool_open(struct storm_actor *a, bool sends)
{
	int err = sends ? 0 : pool(a->fd, PAGES, IPCCHAN_POOL_BLOCK, 1);

	if (sends || err == -EBUSY)
		return 0;
	if (!err)
		a->map = (char *)map_pool(a->fd, PAGES);
	return err ? err : a->map ? 0 : -ENOMEM;
}

static int pool_recv(struct storm_actor *a)
{
	return place_recv(a, IPCCHAN_POOL_OFFSET);
}

const struct storm_way storm_pool = {
	.name = "pool", .chan = { .max_msgs = 20 },
	.open = pool_open, .send = batch_send, .recv = pool_recv,
};

static int uring_ready(struct storm_actor *a, bool sends)
{
	(void)sends;
	return uring_open(&a->ring);
}

#define REQUEST	1
#define CANCEL	2

/* One request, perhaps cancelled.  Return: its outcome. */
static int uring_do(struct storm_actor *a, uint8_t op, void *buf, uint32_t len)
{
	struct io_uring_sqe request = {
		.opcode = op, .fd = a->fd, .addr = (uintptr_t)buf, .len = len,
		.user_data = REQUEST,
	}, cancel = {
		.opcode = IORING_OP_ASYNC_CANCEL, .fd = -1, .addr = REQUEST, .user_data = CANCEL,
	};
	int left = 1 + (!a->s->patient && !storm_rand(a, 4)), err, ret = 0;
	bool cancels = left == 2;
	struct io_uring_cqe cqe;

	err = uring_submit(&a->ring, &request);
	if (!err && cancels)
		err = uring_submit(&a->ring, &cancel);
	while (!err && left--) {
		err = uring_wait(&a->ring, &cqe);
		if (cqe.user_data == REQUEST)
			ret = cqe.res;
	}
	if (err)
		STORM_FAULT(a->s, err);
	if (cancels && ret == -EINTR)
		ret = -ECANCELED;
	return err ? err : ret;
}

static int uring_send(struct storm_actor *a)
{
	struct storm_msg m;
	int ret;

	storm_number(a, &m);
	ret = uring_do(a, IORING_OP_WRITE, &m, some_len(a));
	storm_told(a, &m, ret < 0 ? STORM_FAILED : STORM_SENT);
	return ret < 0 && ret != -ECANCELED ? ret : 0;
}

static int uring_recv(struct storm_actor *a)
{
	struct storm_msg *m = desk_of(a)->msg;
	int ret = uring_do(a, IORING_OP_READ, m, sizeof(*m));

	if (ret < 0)
		return ret == -ECANCELED ? 0 : ret;
	storm_got(a, 0, m, ret);
	return 0;
}

const struct storm_way storm_uring = {
	.name = "uring", .chan = { .max_msgs = 6 },
	.open = uring_ready, .send = uring_send, .recv = uring_recv,
};
