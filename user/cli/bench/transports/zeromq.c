// SPDX-License-Identifier: GPL-2.0
/*
 * ZeroMQ: a PAIR of sockets over ipc.  Messages are built in the library's memory and read
 * there.  What a direction holds lies in the queues of both sides, whose lengths are asked
 * for, and in the socket between their threads: it is found out by filling it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "fd.h"
#include "library.h"

/* Of zmq.h, whose numbers are those of libzmq.so.5 for good */
#define ZMQ_PAIR		0
#define ZMQ_FD			14
#define ZMQ_EVENTS		15
#define ZMQ_RECONNECT_IVL	18
#define ZMQ_SNDHWM		23
#define ZMQ_RCVHWM		24
#define ZMQ_POLLIN		1
#define ZMQ_POLLOUT		2
#define ZMQ_DONTWAIT		1

struct zmq_msg {
	_Alignas(8) unsigned char opaque[64];
};

/* In the order of @symbols */
static struct {
	void *(*ctx_new)(void);
	void *(*socket)(void *ctx, int type);
	int (*setsockopt)(void *socket, int option, const void *value, size_t size);
	int (*getsockopt)(void *socket, int option, void *value, size_t *size);
	int (*bind)(void *socket, const char *name);
	int (*connect)(void *socket, const char *name);
	int (*msg_init)(struct zmq_msg *msg);
	int (*msg_init_size)(struct zmq_msg *msg, size_t size);
	void *(*msg_data)(struct zmq_msg *msg);
	size_t (*msg_size)(const struct zmq_msg *msg);
	int (*msg_send)(struct zmq_msg *msg, void *socket, int flags);
	int (*msg_recv)(struct zmq_msg *msg, void *socket, int flags);
	int (*msg_close)(struct zmq_msg *msg);
} zmq;

static const char *const symbols[] = {
	"zmq_ctx_new", "zmq_socket", "zmq_setsockopt", "zmq_getsockopt", "zmq_bind",
	"zmq_connect", "zmq_msg_init", "zmq_msg_init_size", "zmq_msg_data", "zmq_msg_size",
	"zmq_msg_send", "zmq_msg_recv", "zmq_msg_close", NULL,
};

static const struct dynlib libzmq = {
	.file = "libzmq.so.5", .package = "libzmq5", .symbols = symbols,
};

struct zeromq {
	struct library_link link;	/* first: see library.h */
	void *socket;
	struct zmq_msg tx;
	struct zmq_msg rx;
};

static int set_options(void *socket, const int *queue)
{
	int soon_ms = 1;

	if (zmq.setsockopt(socket, ZMQ_SNDHWM, queue, sizeof(*queue)) ||
	    zmq.setsockopt(socket, ZMQ_RCVHWM, queue, sizeof(*queue)) ||
	    zmq.setsockopt(socket, ZMQ_RECONNECT_IVL, &soon_ms, sizeof(soon_ms)))
		return -errno;
	return 0;
}

/* Who connects tries again until the other one is bound */
static void *open_side(struct link *link, void *ctx, int side)
{
	const struct zeromq *z = link->priv;
	void *socket = ctx ? zmq.socket(ctx, ZMQ_PAIR) : NULL;
	char name[UNIQUE_NAME_SIZE + 16];

	snprintf(name, sizeof(name), "ipc://@%s", z->link.name);
	if (socket && !set_options(socket, &z->link.queue) &&
	    !(side ? zmq.bind : zmq.connect)(socket, name))
		return socket;
	link_refuse(link, -errno, "%s: %s", name, strerror(errno));
	return NULL;
}

static ssize_t zeromq_fill(struct link *link, size_t most)
{
	void *ctx, *socket;
	uint64_t since = 0;
	ssize_t sent = 0;
	struct zmq_msg msg;

	if (dynlib_load(&libzmq, &zmq, link->why, WHY_SIZE))
		return -ENOENT;
	ctx = zmq.ctx_new();
	socket = open_side(link, ctx, 0);
	if (!socket || !open_side(link, ctx, 1))
		return -EIO;
	while ((size_t)sent < most) {
		if (zmq.msg_init_size(&msg, link->size))
			return link_refuse(link, -ENOMEM, "no memory for its messages");
		memset(zmq.msg_data(&msg), 0, link->size);
		while (zmq.msg_send(&msg, socket, ZMQ_DONTWAIT) < 0) {
			if (errno != EAGAIN)
				return link_refuse(link, -errno, "zmq_msg_send: %s",
						   strerror(errno));
			if (sent && library_full(&since))
				return sent;
		}
		since = 0;
		sent++;
	}
	return sent;
}

static int zeromq_setup(struct link *link)
{
	return library_setup(link, sizeof(struct zeromq), zeromq_fill);
}

static int zeromq_attach(struct link *link, int side)
{
	struct zeromq *z = link->priv;
	size_t size = sizeof(int);
	int err, fd;

	err = dynlib_load(&libzmq, &zmq, link->why, WHY_SIZE);
	if (err)
		return err;
	z->socket = open_side(link, zmq.ctx_new(), side);
	if (!z->socket)
		return -EIO;
	if (zmq.getsockopt(z->socket, ZMQ_FD, &fd, &size))
		return link_refuse(link, -errno, "ZMQ_FD: %s", strerror(errno));
	err = fd_attach(link, fd, fd);
	return err ? err : fd_wait_init_reads(link);
}

static int zeromq_begin(struct link *link, void **msg)
{
	struct zeromq *z = link->priv;

	if (zmq.msg_init_size(&z->tx, link->size))
		return -errno;
	*msg = zmq.msg_data(&z->tx);
	return 0;
}

/*
 * Its descriptor tells that something has changed, not what: that is asked first, and what
 * has come until then does not come again.
 */
static bool zeromq_again(struct link *link, struct fd_wait *wait, bool sends)
{
	const struct zeromq *z = link->priv;
	size_t size = sizeof(int);
	int events;

	if (errno == EAGAIN) {
		if (zmq.getsockopt(z->socket, ZMQ_EVENTS, &events, &size))
			return false;
		if (events & (sends ? ZMQ_POLLOUT : ZMQ_POLLIN))
			return true;
		errno = EAGAIN;
	}
	return fd_again(link, wait, sends);
}

static int zeromq_send(struct link *link)
{
	int flags = link->wait == WAIT_BLOCK ? 0 : ZMQ_DONTWAIT;
	struct zeromq *z = link->priv;
	struct fd_wait wait = { 0 };

	while (zmq.msg_send(&z->tx, z->socket, flags) < 0)
		if (!zeromq_again(link, &wait, true))
			return -errno;
	return 0;
}

/* Several of a read lie one behind the other, whatever their lengths: such is copied */
static ssize_t zeromq_recv(struct link *link, const void **msg)
{
	int flags = link->wait == WAIT_BLOCK ? 0 : ZMQ_DONTWAIT;
	struct zeromq *z = link->priv;
	struct fd_wait wait = { 0 };
	size_t size;

	if (zmq.msg_init(&z->rx))
		return -errno;
	while (zmq.msg_recv(&z->rx, z->socket, flags) < 0)
		if (!zeromq_again(link, &wait, false))
			return -errno;
	size = zmq.msg_size(&z->rx);
	*msg = zmq.msg_data(&z->rx);
	if ((uintptr_t)*msg % sizeof(uint64_t) && size <= link->size)
		*msg = memcpy(link->rx_buf, *msg, size);
	return (ssize_t)size;
}

static int zeromq_done(struct link *link)
{
	struct zeromq *z = link->priv;

	return zmq.msg_close(&z->rx) ? -errno : 0;
}

const struct transport transport_zeromq = {
	.name = "zeromq",
	.about = "ZeroMQ, a PAIR over ipc, where libzmq.so.5 is installed",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = INT_MAX,
	.setup = zeromq_setup,
	.attach = zeromq_attach,
	.begin = zeromq_begin,
	.send = zeromq_send,
	.recv = zeromq_recv,
	.done = zeromq_done,
	.teardown = library_teardown,
};
