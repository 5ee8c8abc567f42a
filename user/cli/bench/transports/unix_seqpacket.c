// SPDX-License-Identifier: GPL-2.0
/* A pair of connected AF_UNIX sockets of type SOCK_SEQPACKET. */
#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"

/* What af_unix keeps back of SO_SNDBUF, bytes */
#define KEPT_BACK	32

/* Of the kernel's memory for each direction, bytes, however deep it is to be */
#define SNDBUF_MOST	(256u << 20)

struct sockets {
	int fd[SIDES];
};

static void seqpacket_teardown(struct link *link)
{
	struct sockets *s = link->priv;

	if (!s)
		return;
	fd_close(&s->fd[0]);
	fd_close(&s->fd[1]);
	free(s);
	link->priv = NULL;
}

/* SO_SNDBUFFORCE, for the privileged, goes beyond net.core.wmem_max */
static int set_sndbuf(int fd, size_t bytes)
{
	int half = (int)((bytes < SNDBUF_MOST ? bytes + 1 : SNDBUF_MOST) / 2);

	if (!setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &half, sizeof(half)))
		return 0;
	if (!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &half, sizeof(half)))
		return 0;
	return -errno;
}

/* Send @most messages or as many as there is room for; -errno when there is for none */
static ssize_t fill(const struct link *link, const void *msg, size_t most)
{
	const struct sockets *s = link->priv;
	size_t n;

	for (n = 0; n < most; n++)
		if (send(s->fd[0], msg, link->size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			break;
	return n || !most ? (ssize_t)n : -errno;
}

static void drain(const struct link *link)
{
	const struct sockets *s = link->priv;
	char byte;

	while (recv(s->fd[1], &byte, sizeof(byte), MSG_DONTWAIT) >= 0)
		;
}

/*
 * SO_SNDBUF counts what messages take in the kernel's memory, which of a small one
 * is many times its size, and a message is let in while anything is left.  So that
 * as many fit as in other transports, the memory of one is looked up first.
 */
static int set_depth(struct link *link, const void *msg)
{
	struct sockets *s = link->priv;
	int side, err, charged = 0;
	ssize_t n;

	err = set_sndbuf(s->fd[0], 2 * (link->size + KEPT_BACK));
	if (err)
		return err;
	n = fill(link, msg, 1);
	if (n < 0)
		return (int)n;
	if (ioctl(s->fd[0], SIOCOUTQ, &charged))
		return -errno;
	drain(link);
	if (charged <= 0)
		return -EINVAL;
	for (side = 0; side < SIDES; side++) {
		err = set_sndbuf(s->fd[side], link->depth / link->size * (size_t)charged);
		if (err)
			return err;
	}
	n = fill(link, msg, link->depth / link->size + 1);
	drain(link);
	if (n < 0)
		return (int)n;
	link->depth = (size_t)n * link->size;
	return 0;
}

static int seqpacket_setup(struct link *link)
{
	struct sockets *s = malloc(sizeof(*s));
	void *msg;
	int err;

	if (!s)
		return link_refuse(link, -ENOMEM, "no memory");
	memset(s, 0xff, sizeof(*s));
	link->priv = s;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s->fd))
		return link_refuse(link, -errno, "socketpair: %s", strerror(errno));
	msg = calloc(1, link->size);
	if (!msg)
		return link_refuse(link, -ENOMEM, "no memory for a message");
	err = set_depth(link, msg);
	free(msg);
	if (err == -EMSGSIZE)
		return link_refuse(link, err, "SO_SNDBUF is too small for a message of "
				   "%zu bytes: raise net.core.wmem_max", link->size);
	if (err)
		return link_refuse(link, err, "a first message: %s", strerror(-err));
	return 0;
}

static int seqpacket_attach(struct link *link, int side)
{
	struct sockets *s = link->priv;
	int err;

	fd_close(&s->fd[!side]);
	err = fd_attach(link, s->fd[side], s->fd[side]);
	return err ? err : fd_wait_init(link);
}

static int seqpacket_send(struct link *link)
{
	struct fd_wait wait = { 0 };
	ssize_t n;

	do {
		n = send(link->tx_fd, link->tx_buf, link->size, MSG_NOSIGNAL);
	} while (n < 0 && fd_again(link, &wait, true));
	if (n < 0)
		return -errno;
	return (size_t)n == link->size ? 0 : -EMSGSIZE;
}

/* MSG_TRUNC: the length of the message, not of the part that had room */
static ssize_t seqpacket_recv(struct link *link, const void **msg)
{
	struct fd_wait wait = { 0 };
	ssize_t n;

	do {
		n = recv(link->rx_fd, link->rx_buf, link->size, MSG_TRUNC);
	} while (n < 0 && fd_again(link, &wait, false));
	if (n < 0)
		return -errno;
	*msg = link->rx_buf;
	return n ? n : -EPIPE;
}

const struct transport transport_unix_seqpacket = {
	.name = "unix-seqpacket",
	.about = "AF_UNIX socket pair, SOCK_SEQPACKET",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = INT_MAX / 4,
	.setup = seqpacket_setup,
	.attach = seqpacket_attach,
	.begin = fd_begin,
	.send = seqpacket_send,
	.recv = seqpacket_recv,
	.done = fd_done,
	.teardown = seqpacket_teardown,
};
