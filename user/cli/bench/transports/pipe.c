// SPDX-License-Identifier: GPL-2.0
/* Two pipes, one a direction. */
#include "pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "stream.h"

void pipes_teardown(struct link *link)
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
ssize_t pipe_set_depth(int fd, size_t depth)
{
	int bytes;

	if (depth > INT_MAX)
		depth = INT_MAX;
	for (; depth >= PIPE_BUF; depth /= 2) {
		if (fcntl(fd, F_SETPIPE_SZ, (int)depth) >= 0)
			break;
		if (errno != EPERM && errno != EINVAL)
			return -errno;
	}
	bytes = fcntl(fd, F_GETPIPE_SZ);
	return bytes < 0 ? -errno : bytes;
}

int pipes_make(struct link *link, size_t size)
{
	struct pipes *p = malloc(size);
	size_t depth = link->depth;
	ssize_t bytes;
	int side;

	if (!p)
		return link_refuse(link, -ENOMEM, "no memory");
	memset(p, 0xff, size);
	link->priv = p;
	for (side = 0; side < SIDES; side++) {
		if (pipe2(p->fd[side], O_CLOEXEC))
			return link_refuse(link, -errno, "pipe: %s", strerror(errno));
		bytes = pipe_set_depth(p->fd[side][1], depth);
		if (bytes < 0)
			return link_refuse(link, (int)bytes, "F_SETPIPE_SZ: %s",
					   strerror((int)-bytes));
		if (!side || (size_t)bytes < link->depth)
			link->depth = (size_t)bytes;
	}
	return 0;
}

int pipes_attach(struct link *link, int side)
{
	struct pipes *p = link->priv;
	int err;

	fd_close(&p->fd[side][0]);
	fd_close(&p->fd[!side][1]);
	err = fd_attach(link, p->fd[side][1], p->fd[!side][0]);
	return err ? err : fd_wait_init(link);
}

static int pipe_setup(struct link *link)
{
	return pipes_make(link, sizeof(struct pipes));
}

const struct transport transport_pipe = {
	.name = "pipe",
	.about = "pipe(2), write and read",
	.stages = true,
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = INT_MAX,
	.copies = COPIES(2),
	.many = MANY_BOTH | EACH_LINKS,
	.many_size = PIPE_BUF,
	.setup = pipe_setup,
	.attach = pipes_attach,
	.begin = fd_begin,
	.send = stream_send,
	.recv = stream_recv,
	.done = fd_done,
	.teardown = pipes_teardown,
};
