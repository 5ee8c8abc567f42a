// SPDX-License-Identifier: GPL-2.0
/*
 * nng: a pair of sockets over ipc.  Messages are built in the library's memory and read
 * there.  What a direction holds lies in the queues of both sides, whose lengths are asked
 * for, and in the socket between their threads: it is found out by filling it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "fd.h"
#include "library.h"

/* Of nng.h, whose numbers are those of libnng.so.1 for good */
#define NNG_FLAG_NONBLOCK	2
#define NNG_EINTR		1
#define NNG_ENOMEM		2
#define NNG_EAGAIN		8
#define NNG_ESYSERR		0x10000000

/* Of its queues, which it does not make longer */
#define QUEUE_MOST		8192

struct nng_socket {
	uint32_t id;
};

struct nng_msg;

/* In the order of @symbols */
static struct {
	int (*pair_open)(struct nng_socket *socket);
	int (*set_int)(struct nng_socket socket, const char *option, int value);
	int (*set_size)(struct nng_socket socket, const char *option, size_t value);
	int (*set_ms)(struct nng_socket socket, const char *option, int32_t value);
	int (*get_int)(struct nng_socket socket, const char *option, int *value);
	int (*listen)(struct nng_socket socket, const char *name, void *listener, int flags);
	int (*dial)(struct nng_socket socket, const char *name, void *dialer, int flags);
	int (*msg_alloc)(struct nng_msg **msg, size_t size);
	void (*msg_free)(struct nng_msg *msg);
	void *(*msg_body)(struct nng_msg *msg);
	size_t (*msg_len)(const struct nng_msg *msg);
	int (*sendmsg)(struct nng_socket socket, struct nng_msg *msg, int flags);
	int (*recvmsg)(struct nng_socket socket, struct nng_msg **msg, int flags);
	const char *(*strerror)(int error);
} nng;

static const char *const symbols[] = {
	"nng_pair0_open", "nng_socket_set_int", "nng_socket_set_size", "nng_socket_set_ms",
	"nng_socket_get_int", "nng_listen", "nng_dial", "nng_msg_alloc", "nng_msg_free",
	"nng_msg_body", "nng_msg_len", "nng_sendmsg", "nng_recvmsg", "nng_strerror", NULL,
};

static const struct dynlib libnng = {
	.file = "libnng.so.1", .package = "libnng1", .symbols = symbols,
};

struct nng {
	struct library_link link;	/* first: see library.h */
	struct nng_socket socket;
	struct nng_msg *tx;
	struct nng_msg *rx;
};

/* What of its own it tells is none of errno's numbers */
static int nng_errno(int error)
{
	switch (error) {
	case NNG_EINTR:
		return -EINTR;
	case NNG_ENOMEM:
		return -ENOMEM;
	case NNG_EAGAIN:
		return -EAGAIN;
	default:
		return error & NNG_ESYSERR ? -(error & ~NNG_ESYSERR) : -EIO;
	}
}

static int set_options(struct nng_socket socket, int queue)
{
	int err;

	if (queue > QUEUE_MOST)
		queue = QUEUE_MOST;
	err = nng.set_int(socket, "send-buffer", queue);
	if (!err)
		err = nng.set_int(socket, "recv-buffer", queue);
	if (!err)
		err = nng.set_size(socket, "recv-size-max", 0);
	return err ? err : nng.set_ms(socket, "reconnect-time-min", 1);
}

/* Who dials tries again until the other one listens */
static int open_side(struct link *link, struct nng_socket *socket, int side)
{
	const struct nng *n = link->priv;
	char name[UNIQUE_NAME_SIZE + 16];
	int err;

	snprintf(name, sizeof(name), "abstract://%s", n->link.name);
	err = nng.pair_open(socket);
	if (!err)
		err = set_options(*socket, n->link.queue);
	if (!err)
		err = side ? nng.listen(*socket, name, NULL, 0) :
			     nng.dial(*socket, name, NULL, NNG_FLAG_NONBLOCK);
	if (!err)
		return 0;
	return link_refuse(link, nng_errno(err), "%s: %s", name, nng.strerror(err));
}

static ssize_t nng_fill(struct link *link, size_t most)
{
	struct nng_socket socket[SIDES];
	uint64_t since = 0;
	ssize_t sent = 0;
	struct nng_msg *msg;
	int err;

	err = dynlib_load(&libnng, &nng, link->why, WHY_SIZE);
	if (!err)
		err = open_side(link, &socket[1], 1);
	if (!err)
		err = open_side(link, &socket[0], 0);
	if (err)
		return err;
	while ((size_t)sent < most) {
		if (nng.msg_alloc(&msg, link->size))
			return link_refuse(link, -ENOMEM, "no memory for its messages");
		while ((err = nng.sendmsg(socket[0], msg, NNG_FLAG_NONBLOCK))) {
			if (err != NNG_EAGAIN)
				return link_refuse(link, nng_errno(err), "nng_sendmsg: %s",
						   nng.strerror(err));
			if (library_full(&since) && sent)
				return sent;
		}
		since = 0;
		sent++;
	}
	return sent;
}

static int nng_setup(struct link *link)
{
	return library_setup(link, sizeof(struct nng), nng_fill);
}

static int nng_attach(struct link *link, int side)
{
	struct nng *n = link->priv;
	int tx, rx, err;

	err = dynlib_load(&libnng, &nng, link->why, WHY_SIZE);
	if (!err)
		err = open_side(link, &n->socket, side);
	if (err)
		return err;
	err = nng.get_int(n->socket, "send-fd", &tx);
	if (!err)
		err = nng.get_int(n->socket, "recv-fd", &rx);
	if (err)
		return link_refuse(link, nng_errno(err), "its descriptors: %s",
				   nng.strerror(err));
	err = fd_attach(link, tx, rx);
	return err ? err : fd_wait_init_reads(link);
}

static int nng_begin(struct link *link, void **msg)
{
	struct nng *n = link->priv;

	if (nng.msg_alloc(&n->tx, link->size))
		return -ENOMEM;
	*msg = nng.msg_body(n->tx);
	return 0;
}

static int nng_send(struct link *link)
{
	int flags = link->wait == WAIT_BLOCK ? 0 : NNG_FLAG_NONBLOCK, err;
	struct nng *n = link->priv;
	struct fd_wait wait = { 0 };

	while ((err = nng.sendmsg(n->socket, n->tx, flags))) {
		errno = -nng_errno(err);
		if (!fd_again(link, &wait, true))
			return -errno;
	}
	return 0;
}

static ssize_t nng_recv(struct link *link, const void **msg)
{
	int flags = link->wait == WAIT_BLOCK ? 0 : NNG_FLAG_NONBLOCK, err;
	struct nng *n = link->priv;
	struct fd_wait wait = { 0 };

	while ((err = nng.recvmsg(n->socket, &n->rx, flags))) {
		errno = -nng_errno(err);
		if (!fd_again(link, &wait, false))
			return -errno;
	}
	*msg = nng.msg_body(n->rx);
	return (ssize_t)nng.msg_len(n->rx);
}

static int nng_done(struct link *link)
{
	struct nng *n = link->priv;

	nng.msg_free(n->rx);
	return 0;
}

const struct transport transport_nng = {
	.name = "nng",
	.about = "nng, a pair over ipc, where libnng.so.1 is installed",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = INT_MAX,
	.copies = COPIES(2),
	.setup = nng_setup,
	.attach = nng_attach,
	.begin = nng_begin,
	.send = nng_send,
	.recv = nng_recv,
	.done = nng_done,
	.teardown = library_teardown,
};
