// SPDX-License-Identifier: GPL-2.0
/*
 * A pair of sockets as of unix-seqpacket, which io_uring sends to and receives from: many
 * messages a system call.  Each direction has one row of linked requests at a time, which
 * keeps the messages in order.
 */
#include <errno.h>
#include <liburing.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fd.h"
#include "socket.h"
#include "unix.h"

/* user_data: of a request to send, to receive */
enum { TX, RX };

/**
 * struct uring - the socket pair, and in a child its ring
 * @ring: both directions'
 * @fd: the child's socket
 * @len: what was received, or negative errno, by the place in the row
 * @built: messages that are not asked to be sent yet
 * @sending: that are
 * @asked: of the row that is to be received
 * @got: of these received
 * @at: of these the next one to be read
 * @err: of a request to send
 */
struct uring {
	struct sockets sockets;	/* first: see socket.h */
	struct io_uring ring;
	int fd;
	int *len;
	unsigned int built;
	unsigned int sending;
	unsigned int asked;
	unsigned int got;
	unsigned int at;
	int err;
};

static int uring_setup(struct link *link)
{
	int err = unix_make(link, SOCK_SEQPACKET, sizeof(struct uring));
	struct uring *u = link->priv;
	size_t most;

	if (err)
		return err;
	*u = (struct uring){ .sockets = u->sockets };
	most = link->depth / link->size;
	link->per_call = link->batch < most ? link->batch : (unsigned int)most;
	link->step = fd_room(link->size);
	return 0;
}

/* Who sleeps in the call itself lets the kernel do there what is left to be done */
static int make_ring(struct link *link, struct io_uring *ring)
{
	unsigned int entries = SIDES * link->per_call;
	int err = -EINVAL;

	if (link->wait == WAIT_BLOCK)
		err = io_uring_queue_init(entries, ring, IORING_SETUP_SINGLE_ISSUER |
					  IORING_SETUP_DEFER_TASKRUN);
	if (err == -EINVAL)
		err = io_uring_queue_init(entries, ring, 0);
	if (err == -EPERM)
		return link_refuse(link, err, "io_uring is not allowed here: see "
				   "kernel.io_uring_disabled, and filters of system calls");
	return err ? link_refuse(link, err, "io_uring: %s", strerror(-err)) : 0;
}

static int uring_attach(struct link *link, int side)
{
	struct uring *u = link->priv;
	int err;

	fd_close(&u->sockets.fd[!side]);
	u->fd = u->sockets.fd[side];
	err = make_ring(link, &u->ring);
	if (err)
		return err;
	link->tx_fd = u->ring.ring_fd;
	link->rx_fd = u->ring.ring_fd;
	link->tx_buf = fd_buffer(link->per_call * link->step);
	link->rx_buf = fd_buffer(link->per_call * link->step);
	u->len = calloc(link->per_call, sizeof(*u->len));
	if (!link->tx_buf || !link->rx_buf || !u->len)
		return link_refuse(link, -ENOMEM, "no memory for the messages");
	return fd_wait_init(link);
}

static void *place(const struct link *link, void *buf, unsigned int i)
{
	return (char *)buf + i * link->step;
}

static void ask_to_send(const struct link *link, struct uring *u)
{
	struct io_uring_sqe *sqe;
	unsigned int i;

	for (i = 0; i < u->built; i++) {
		sqe = io_uring_get_sqe(&u->ring);
		io_uring_prep_send(sqe, u->fd, place(link, link->tx_buf, i), link->size,
				   MSG_NOSIGNAL);
		sqe->flags |= i + 1 < u->built ? IOSQE_IO_LINK : 0;
		sqe->user_data = TX;
	}
	u->sending = u->built;
	u->built = 0;
}

/* MSG_TRUNC: the length of the message, not of the part that had room */
static void ask_to_receive(const struct link *link, struct uring *u)
{
	struct io_uring_sqe *sqe;
	unsigned int i;

	for (i = 0; i < link->per_call; i++) {
		sqe = io_uring_get_sqe(&u->ring);
		io_uring_prep_recv(sqe, u->fd, place(link, link->rx_buf, i), link->size,
				   MSG_TRUNC);
		sqe->flags |= i + 1 < link->per_call ? IOSQE_IO_LINK : 0;
		sqe->user_data = RX;
	}
	u->asked = link->per_call;
	u->got = 0;
	u->at = 0;
}

static void take_results(const struct link *link, struct uring *u)
{
	struct io_uring_cqe *cqe;
	unsigned int head, n = 0;

	io_uring_for_each_cqe(&u->ring, head, cqe) {
		n++;
		if (cqe->user_data == RX) {
			u->len[u->got++] = cqe->res;
			continue;
		}
		u->sending--;
		if (!u->err && cqe->res != (int)link->size)
			u->err = cqe->res < 0 ? cqe->res : -EMSGSIZE;
	}
	io_uring_cq_advance(&u->ring, n);
}

/* Ask for what is to be asked for; until there are @results, or one if that is less work */
static int wait_for(struct link *link, struct uring *u, unsigned int results)
{
	struct fd_wait wait = { 0 };
	int n;

	do {
		n = link->wait == WAIT_BLOCK ? io_uring_submit_and_wait(&u->ring, results) :
					       io_uring_submit(&u->ring);
	} while (n == -EINTR);
	if (n < 0)
		return n;
	while (!io_uring_cq_ready(&u->ring)) {
		errno = EAGAIN;
		if (!fd_again(link, &wait, false))
			return -errno;
	}
	return 0;
}

/* Until all has been sent, and if it @receives a message is there */
static int wait_until(struct link *link, struct uring *u, bool receives)
{
	int err;

	for (;;) {
		bool more = receives && u->at == u->got;

		if (u->err || (!u->sending && !more))
			return u->err;
		err = wait_for(link, u, u->sending + more);
		if (err)
			return err;
		take_results(link, u);
	}
}

static int uring_begin(struct link *link, void **msg)
{
	const struct uring *u = link->priv;

	*msg = place(link, link->tx_buf, u->built);
	link->tx_nr = link->per_call - u->built;
	return 0;
}

static int uring_flush(struct link *link)
{
	struct uring *u = link->priv;

	ask_to_send(link, u);
	return wait_until(link, u, false);
}

static int uring_send(struct link *link)
{
	struct uring *u = link->priv;

	u->built += link->tx_nr;
	return u->built < link->per_call ? 0 : uring_flush(link);
}

static ssize_t uring_recv(struct link *link, const void **msg)
{
	struct uring *u = link->priv;
	unsigned int i;
	int err;

	ask_to_send(link, u);
	if (u->at == u->asked)
		ask_to_receive(link, u);
	err = wait_until(link, u, true);
	if (err)
		return err;
	for (i = u->at + 1; i < u->got && u->len[i] == u->len[u->at]; i++)
		;
	link->rx_nr = i - u->at;
	*msg = place(link, link->rx_buf, u->at);
	return u->len[u->at] ? u->len[u->at] : -EPIPE;
}

static int uring_done(struct link *link)
{
	struct uring *u = link->priv;

	u->at += link->rx_nr;
	return 0;
}

const struct transport transport_io_uring = {
	.name = "io-uring",
	.about = "io_uring over a socket pair as of unix-seqpacket, many messages a call",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = INT_MAX / 4,
	.copies = COPIES(2),
	.many = MANY_SENDERS,
	.setup = uring_setup,
	.attach = uring_attach,
	.begin = uring_begin,
	.send = uring_send,
	.recv = uring_recv,
	.done = uring_done,
	.flush = uring_flush,
	.teardown = sockets_teardown,
};
