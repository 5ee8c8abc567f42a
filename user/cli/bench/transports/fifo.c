// SPDX-License-Identifier: GPL-2.0
/*
 * Two FIFOs, one a direction, in a folder of their own.  Each side opens them by their
 * paths, as processes do that are not related, and is told of the other one's death as
 * such are: by the end of the file.  Their names are gone once all have.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "pipe.h"
#include "stream.h"

struct fifos {
	_Atomic unsigned int *opened;	/* how many processes have both open; shared */
	char dir[PATH_MAX];
	char path[SIDES][PATH_MAX + 2];	/* by the side that sends */
};

static void remove_names(const struct fifos *f)
{
	unlink(f->path[0]);
	unlink(f->path[1]);
	rmdir(f->dir);
}

static void fifo_teardown(struct link *link)
{
	struct fifos *f = link->priv;

	if (!f)
		return;
	remove_names(f);
	if (f->opened)
		munmap((void *)f->opened, sizeof(*f->opened));
	free(f);
	link->priv = NULL;
}

static int make_names(struct fifos *f)
{
	const char *tmp = getenv("TMPDIR");
	int side, n;

	n = snprintf(f->dir, sizeof(f->dir), "%s/ipcchan-bench-XXXXXX",
		     tmp && *tmp ? tmp : P_tmpdir);
	if (n >= (int)sizeof(f->dir))
		return -ENAMETOOLONG;
	if (!mkdtemp(f->dir))
		return -errno;
	for (side = 0; side < SIDES; side++) {
		snprintf(f->path[side], sizeof(f->path[side]), "%s/%d", f->dir, side);
		if (mkfifo(f->path[side], 0600))
			return -errno;
	}
	return 0;
}

/* A FIFO that nobody has open forgets its depth: here it is only found out */
static ssize_t find_depth(const struct fifos *f, size_t depth)
{
	int fd = open(f->path[0], O_RDWR | O_CLOEXEC);
	ssize_t bytes;

	if (fd < 0)
		return -errno;
	bytes = pipe_set_depth(fd, depth);
	close(fd);
	return bytes;
}

static int fifo_setup(struct link *link)
{
	struct fifos *f = calloc(1, sizeof(*f));
	ssize_t bytes;
	int err;

	if (!f)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = f;
	f->opened = fd_memory(sizeof(*f->opened));
	if (!f->opened)
		return link_refuse(link, -errno, "memfd: %s", strerror(errno));
	err = make_names(f);
	if (err)
		return link_refuse(link, err, "a FIFO in %.64s: %s", f->dir, strerror(-err));
	bytes = find_depth(f, link->depth);
	if (bytes < 0)
		return link_refuse(link, (int)bytes, "F_SETPIPE_SZ: %s",
				   strerror((int)-bytes));
	link->depth = (size_t)bytes;
	return 0;
}

/* Each open() waits for the other side's: both go through the FIFOs in the same order */
static int open_both(const struct fifos *f, int side, int fd[SIDES])
{
	int i;

	for (i = 0; i < SIDES; i++) {
		fd[i] = open(f->path[i], (i == side ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
		if (fd[i] < 0)
			return -errno;
	}
	return 0;
}

static int fifo_attach(struct link *link, int side)
{
	struct fifos *f = link->priv;
	int fd[SIDES] = { -1, -1 }, err;

	err = open_both(f, side, fd);
	if (err)
		return link_refuse(link, err, "open a FIFO: %s", strerror(-err));
	if (atomic_fetch_add(f->opened, 1) + 1 == link->crew[0] + link->crew[1])
		remove_names(f);
	if (pipe_set_depth(fd[side], link->depth) < (ssize_t)link->depth)
		return link_refuse(link, -EPERM, "the pipes of this user are too deep by "
				   "now: see fs.pipe-user-pages-soft");
	err = fd_attach(link, fd[side], fd[!side]);
	return err ? err : fd_wait_init(link);
}

const struct transport transport_fifo = {
	.name = "fifo",
	.about = "FIFOs, opened by their paths",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = INT_MAX,
	.many = MANY_BOTH,
	.many_size = PIPE_BUF,
	.setup = fifo_setup,
	.attach = fifo_attach,
	.begin = fd_begin,
	.send = stream_send,
	.recv = stream_recv,
	.done = fd_done,
	.teardown = fifo_teardown,
};
