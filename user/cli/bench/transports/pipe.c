// SPDX-License-Identifier: GPL-2.0
/*
 * Two pipes, one a direction.  A pipe is a stream of bytes: what is larger than
 * it has room for goes in parts, and is put together by the receiver.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"

struct pipes {
	int fd[SIDES][2];	/* by the side that sends; read end, write end */
};

static void pipe_teardown(struct link *link)
{
	struct pipes *p = link->priv;
	int side;

	if (!p)
		return;
	for (side = 0; side < SIDES; side++) {
		fd_close(&p->fd[side][0]);
		fd_close(&p->fd[side][1]);
	}
	free(p);
	link->priv = NULL;
}

/* More than fs.pipe-max-size needs a privilege: then take what can be had */
static int set_depth(int fd, size_t depth)
{
	for (; depth >= PIPE_BUF; depth /= 2) {
		if (depth <= INT_MAX && fcntl(fd, F_SETPIPE_SZ, (int)depth) >= 0)
			return 0;
		if (errno != EPERM && errno != EINVAL)
			return -errno;
	}
	return 0;
}

static int pipe_setup(struct link *link)
{
	struct pipes *p = malloc(sizeof(*p));
	int side, err;

	if (!p)
		return link_refuse(link, -ENOMEM, "no memory");
	memset(p, 0xff, sizeof(*p));
	link->priv = p;
	for (side = 0; side < SIDES; side++) {
		if (pipe2(p->fd[side], O_CLOEXEC))
			return link_refuse(link, -errno, "pipe: %s", strerror(errno));
		err = set_depth(p->fd[side][1], link->depth);
		if (err)
			return link_refuse(link, err, "F_SETPIPE_SZ: %s", strerror(-err));
	}
	link->depth = (size_t)fcntl(p->fd[0][1], F_GETPIPE_SZ);
	return 0;
}

/*
 * Each side keeps its own ends only.  The parent keeps all until the teardown, so
 * that a death is no end of file to the other side: the parent looks for deaths.
 */
static int pipe_attach(struct link *link, int side)
{
	struct pipes *p = link->priv;
	int err;

	fd_close(&p->fd[side][0]);
	fd_close(&p->fd[!side][1]);
	err = fd_attach(link, p->fd[side][1], p->fd[!side][0]);
	return err ? err : fd_wait_init(link);
}

static int pipe_send(struct link *link)
{
	const char *msg = link->tx_buf;
	struct fd_wait wait = { 0 };
	size_t sent = 0;

	while (sent < link->size) {
		ssize_t n = write(link->tx_fd, msg + sent, link->size - sent);

		if (n >= 0)
			sent += (size_t)n;
		else if (!fd_again(link, &wait, true))
			return -errno;
	}
	return 0;
}

static ssize_t pipe_recv(struct link *link, const void **msg)
{
	struct fd_wait wait = { 0 };
	char *buf = link->rx_buf;
	size_t got = 0;

	while (got < link->size) {
		ssize_t n = read(link->rx_fd, buf + got, link->size - got);

		if (n > 0)
			got += (size_t)n;
		else if (n == 0)
			return -EPIPE;
		else if (!fd_again(link, &wait, false))
			return -errno;
	}
	*msg = buf;
	return (ssize_t)got;
}

const struct transport transport_pipe = {
	.name = "pipe",
	.about = "pipe(2), write and read",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = INT_MAX,
	.setup = pipe_setup,
	.attach = pipe_attach,
	.begin = fd_begin,
	.send = pipe_send,
	.recv = pipe_recv,
	.done = fd_done,
	.teardown = pipe_teardown,
};
