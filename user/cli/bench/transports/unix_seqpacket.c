// SPDX-License-Identifier: GPL-2.0
/* A pair of connected AF_UNIX sockets of type SOCK_SEQPACKET. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"

/* What af_unix keeps back of SO_SNDBUF, bytes */
#define KEPT_BACK	32

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
static int set_depth(int fd, size_t depth)
{
	int want = depth > INT_MAX / 2 ? INT_MAX / 2 : (int)depth;

	if (!setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &want, sizeof(want)))
		return 0;
	if (!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &want, sizeof(want)))
		return 0;
	return -errno;
}

static int seqpacket_setup(struct link *link)
{
	struct sockets *s = malloc(sizeof(*s));
	int side, err, given = 0;
	socklen_t len = sizeof(given);

	if (!s)
		return link_refuse(link, -ENOMEM, "no memory");
	memset(s, 0xff, sizeof(*s));
	link->priv = s;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s->fd))
		return link_refuse(link, -errno, "socketpair: %s", strerror(errno));
	for (side = 0; side < SIDES; side++) {
		err = set_depth(s->fd[side], link->depth);
		if (err)
			return link_refuse(link, err, "SO_SNDBUF: %s", strerror(-err));
	}
	if (getsockopt(s->fd[0], SOL_SOCKET, SO_SNDBUF, &given, &len))
		return link_refuse(link, -errno, "SO_SNDBUF: %s", strerror(errno));
	link->depth = (size_t)given;
	if (link->size + KEPT_BACK > link->depth)
		return link_refuse(link, -EMSGSIZE,
				   "SO_SNDBUF is %zu bytes: raise net.core.wmem_max",
				   link->depth);
	return 0;
}

static int seqpacket_attach(struct link *link, int side)
{
	struct sockets *s = link->priv;

	fd_close(&s->fd[!side]);
	return fd_attach(link, s->fd[side], s->fd[side]);
}

static int seqpacket_send(struct link *link)
{
	ssize_t n;

	do {
		n = send(link->tx_fd, link->tx_buf, link->size, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == link->size ? 0 : -EMSGSIZE;
}

/* MSG_TRUNC: the length of the message, not of the part that had room */
static ssize_t seqpacket_recv(struct link *link, const void **msg)
{
	ssize_t n;

	do {
		n = recv(link->rx_fd, link->rx_buf, link->size, MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*msg = link->rx_buf;
	return n ? n : -EPIPE;
}

const struct transport transport_unix_seqpacket = {
	.name = "unix-seqpacket",
	.about = "AF_UNIX socket pair, SOCK_SEQPACKET",
	.wait = WAIT_BLOCK,
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
