// SPDX-License-Identifier: GPL-2.0
/*
 * A pair of connected AF_UNIX sockets.  In a pair datagrams, too, wait for room, rather
 * than for net.unix.max_dgram_qlen, and none is lost.
 */
#include "unix.h"

#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "fd.h"
#include "socket.h"
#include "stream.h"

/* What af_unix keeps back of SO_SNDBUF, of a half of it in a stream, bytes */
#define KEPT_BACK	64

static void drain(const struct link *link, void *buf)
{
	const struct sockets *s = link->priv;

	while (recv(s->fd[1], buf, link->size, MSG_DONTWAIT) >= 0)
		;
}

/*
 * SO_SNDBUF counts what messages take in the kernel's memory, which of a small one
 * is many times its size, and a message is let in while anything is left.  So that
 * as many fit as in other transports, the memory of one is looked up first.
 */
static int set_depth(struct link *link, void *msg)
{
	size_t fit = link->depth / link->size * link->size;
	struct sockets *s = link->priv;
	int side, charged = 0;
	ssize_t n;

	n = socket_set_buffer(s->fd[0], SO_SNDBUF, 2 * (link->size + KEPT_BACK));
	if (n < 0)
		return (int)n;
	n = sockets_fill(link, msg, 1);
	if (n < 0)
		return (int)n;
	if (ioctl(s->fd[0], SIOCOUTQ, &charged))
		return -errno;
	drain(link, msg);
	if (charged <= 0 || !n)
		return -EINVAL;
	for (side = 0; side < SIDES; side++) {
		ssize_t bytes = socket_set_buffer(s->fd[side], SO_SNDBUF,
						  fit * (size_t)charged / (size_t)n);

		if (bytes < 0)
			return (int)bytes;
	}
	n = sockets_fill(link, msg, fit + 1);
	drain(link, msg);
	if (n < 0)
		return (int)n;
	link->depth = (size_t)n;
	return 0;
}

int unix_make(struct link *link, int type, size_t size)
{
	struct sockets *s = sockets_new(link, size);
	void *msg;
	int err;

	if (!s)
		return -ENOMEM;
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, s->fd))
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

static int stream_setup(struct link *link)
{
	return unix_make(link, SOCK_STREAM, sizeof(struct sockets));
}

static int dgram_setup(struct link *link)
{
	return unix_make(link, SOCK_DGRAM, sizeof(struct sockets));
}

static int seqpacket_setup(struct link *link)
{
	return unix_make(link, SOCK_SEQPACKET, sizeof(struct sockets));
}

#define SOCKETS_OPS						\
	.wait = WAIT_BLOCK,					\
	.waits = WAITS_ALL,					\
	.workloads = WORKLOADS_ALL,				\
	.attach = sockets_attach,				\
	.begin = fd_begin,					\
	.done = fd_done,					\
	.teardown = sockets_teardown

#define DATAGRAM_OPS						\
	.max_size = INT_MAX / 4,				\
	.copies = COPIES(2),					\
	.many = MANY_BOTH | EACH_LINKS,				\
	.send = datagram_send,					\
	.recv = datagram_recv,					\
	SOCKETS_OPS

const struct transport transport_unix_stream = {
	.name = "unix-stream",
	.about = "AF_UNIX socket pair, SOCK_STREAM",
	.max_size = INT_MAX,
	.copies = COPIES(2),
	.many = EACH_LINKS,
	.setup = stream_setup,
	.send = stream_send,
	.recv = stream_recv,
	SOCKETS_OPS,
};

const struct transport transport_unix_dgram = {
	.name = "unix-dgram",
	.about = "AF_UNIX socket pair, SOCK_DGRAM",
	.setup = dgram_setup,
	DATAGRAM_OPS,
};

const struct transport transport_unix_seqpacket = {
	.name = "unix-seqpacket",
	.about = "AF_UNIX socket pair, SOCK_SEQPACKET",
	.stages = true,
	.setup = seqpacket_setup,
	DATAGRAM_OPS,
};
