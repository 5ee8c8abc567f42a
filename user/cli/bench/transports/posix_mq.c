// SPDX-License-Identifier: GPL-2.0
/* Two POSIX message queues, one a direction.  Their names are gone once they are open. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "fd.h"
#include "sysctl.h"
#include "unique.h"

struct queues {
	mqd_t mq[SIDES];	/* by the side that sends */
};

static void mq_teardown(struct link *link)
{
	struct queues *q = link->priv;

	if (!q)
		return;
	fd_close(&q->mq[0]);
	fd_close(&q->mq[1]);
	free(q);
	link->priv = NULL;
}

static mqd_t open_queue(long msgs, long size)
{
	struct mq_attr attr = { .mq_maxmsg = msgs, .mq_msgsize = size };
	char name[UNIQUE_NAME_SIZE];
	mqd_t mq;

	if (unique_name(name))
		return -1;
	mq = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attr);
	if (mq >= 0)
		mq_unlink(name);
	return mq;
}

/* Queues count from their making, as a whole: as many bytes as may be had */
static void raise_rlimit(void)
{
	struct rlimit all = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };

	if (!setrlimit(RLIMIT_MSGQUEUE, &all) || getrlimit(RLIMIT_MSGQUEUE, &all))
		return;
	all.rlim_cur = all.rlim_max;
	setrlimit(RLIMIT_MSGQUEUE, &all);
}

/* What the kernel allows who may go beyond fs.mqueue.msg_max */
#define MSGS_MOST	65536

/*
 * As many messages as were asked for, or as near as can be had: what the kernel
 * allows root, then what it allows everybody, then what there is memory for.
 */
static int open_queues(struct queues *q, long *msgs, long size)
{
	long most = sysctl_number("fs/mqueue/msg_max");
	int err;

	for (;;) {
		q->mq[0] = open_queue(*msgs, size);
		q->mq[1] = q->mq[0] < 0 ? -1 : open_queue(*msgs, size);
		if (q->mq[1] >= 0)
			return 0;
		err = -errno;
		fd_close(&q->mq[0]);
		if (err == -EINVAL && *msgs > MSGS_MOST)
			*msgs = MSGS_MOST;
		else if (err == -EINVAL && *msgs > most && most > 0)
			*msgs = most;
		else if ((err == -EMFILE || err == -ENOMEM) && *msgs > 1)
			*msgs /= 2;
		else
			return err;
	}
}

static int mq_setup(struct link *link)
{
	struct queues *q = malloc(sizeof(*q));
	long msgs = (long)(link->depth / link->size);
	int err;

	if (!q)
		return link_refuse(link, -ENOMEM, "no memory");
	memset(q, 0xff, sizeof(*q));
	link->priv = q;
	raise_rlimit();
	err = open_queues(q, &msgs, (long)link->size);
	if (err == -EINVAL)
		return link_refuse(link, err, "a message has at most %ld bytes: raise "
				   "fs.mqueue.msgsize_max",
				   sysctl_number("fs/mqueue/msgsize_max"));
	if (err)
		return link_refuse(link, err, "mq_open: %s%s", strerror(-err),
				   err == -EMFILE ? ", or bytes beyond ulimit -q" : "");
	link->depth = (size_t)msgs * link->size;
	return 0;
}

static int mq_attach(struct link *link, int side)
{
	struct queues *q = link->priv;
	int err = fd_attach(link, q->mq[side], q->mq[!side]);

	return err ? err : fd_wait_init(link);
}

static int mq_send_one(struct link *link)
{
	struct fd_wait wait = { 0 };
	int err;

	do {
		err = mq_send(link->tx_fd, link->tx_buf, link->size, 0);
	} while (err && fd_again(link, &wait, true));
	return err ? -errno : 0;
}

static ssize_t mq_recv_one(struct link *link, const void **msg)
{
	struct fd_wait wait = { 0 };
	ssize_t n;

	do {
		n = mq_receive(link->rx_fd, link->rx_buf, link->size, NULL);
	} while (n < 0 && fd_again(link, &wait, false));
	*msg = link->rx_buf;
	return n < 0 ? -errno : n;
}

const struct transport transport_posix_mq = {
	.name = "posix-mq",
	.about = "POSIX message queues, mq_send and mq_receive",
	.stages = true,
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = 1 << 24,
	.copies = COPIES(2),
	.many = MANY_BOTH | EACH_LINKS,
	.setup = mq_setup,
	.attach = mq_attach,
	.begin = fd_begin,
	.send = mq_send_one,
	.recv = mq_recv_one,
	.done = fd_done,
	.teardown = mq_teardown,
};
