// SPDX-License-Identifier: GPL-2.0
/*
 * Two FIFOs, one a direction.  Each side opens them, as processes do that are not related,
 * and is told of the other one's death as such are: by the end of the file.  Their names
 * are gone as soon as they are there, so that nothing is left behind of whoever is killed:
 * what the sides open is a descriptor that names one, and neither reads nor writes.
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

/* By the side that sends */
struct fifos {
	int path[SIDES];
};

static void fifo_teardown(struct link *link)
{
	struct fifos *f = link->priv;

	if (!f)
		return;
	fd_close(&f->path[0]);
	fd_close(&f->path[1]);
	free(f);
	link->priv = NULL;
}

/* Return: O_PATH of a new FIFO, whose name is gone; negative errno */
static int make_fifo(const char *dir)
{
	char path[PATH_MAX + 8];
	int fd, err;

	snprintf(path, sizeof(path), "%s/fifo", dir);
	if (mkfifo(path, 0600))
		return -errno;
	fd = open(path, O_PATH | O_CLOEXEC);
	err = -errno;
	unlink(path);
	return fd < 0 ? err : fd;
}

static int make_both(struct fifos *f, char dir[PATH_MAX])
{
	const char *tmp = getenv("TMPDIR");
	int side, n, err = 0;

	n = snprintf(dir, PATH_MAX, "%s/ipcchan-bench-XXXXXX",
		     tmp && *tmp ? tmp : P_tmpdir);
	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!mkdtemp(dir))
		return -errno;
	for (side = 0; !err && side < SIDES; side++) {
		f->path[side] = make_fifo(dir);
		if (f->path[side] < 0)
			err = f->path[side];
	}
	rmdir(dir);
	return err;
}

/* As by its path, which open() waits for the other side with */
static int open_fifo(const struct fifos *f, int which, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", f->path[which]);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A FIFO that nobody has open forgets its depth: here it is only found out */
static ssize_t find_depth(const struct fifos *f, size_t depth)
{
	int fd = open_fifo(f, 0, O_RDWR);
	ssize_t bytes;

	if (fd < 0)
		return fd;
	bytes = pipe_set_depth(fd, depth);
	close(fd);
	return bytes;
}

static int fifo_setup(struct link *link)
{
	struct fifos *f = malloc(sizeof(*f));
	char dir[PATH_MAX];
	ssize_t bytes;
	int err;

	if (!f)
		return link_refuse(link, -ENOMEM, "no memory");
	*f = (struct fifos){ .path = { -1, -1 } };
	link->priv = f;
	err = make_both(f, dir);
	if (err)
		return link_refuse(link, err, "a FIFO in %.64s: %s", dir, strerror(-err));
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
		fd[i] = open_fifo(f, i, i == side ? O_WRONLY : O_RDONLY);
		if (fd[i] < 0)
			return fd[i];
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
	if (pipe_set_depth(fd[side], link->depth) < (ssize_t)link->depth)
		return link_refuse(link, -EPERM, "the pipes of this user are too deep by "
				   "now: see fs.pipe-user-pages-soft");
	err = fd_attach(link, fd[side], fd[!side]);
	return err ? err : fd_wait_init(link);
}

const struct transport transport_fifo = {
	.name = "fifo",
	.about = "FIFOs, each side opens them by itself",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = INT_MAX,
	.copies = COPIES(2),
	.many = MANY_BOTH | EACH_LINKS,
	.many_size = PIPE_BUF,
	.setup = fifo_setup,
	.attach = fifo_attach,
	.begin = fd_begin,
	.send = stream_send,
	.recv = stream_recv,
	.done = fd_done,
	.teardown = fifo_teardown,
};
