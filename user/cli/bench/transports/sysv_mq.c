// SPDX-License-Identifier: GPL-2.0
/* Two System V message queues, one a direction.  They have no names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "fd.h"
#include "keeper.h"
#include "sysctl.h"

/* mtype is just before the payload, which begins a cache line */
#define LEAD	64
#define TYPE	1L

struct sysv {
	int id[SIDES];	/* by the side that sends */
	struct keeper keeper;
	int tx;
	int rx;
};

static int make_queue(size_t size)
{
	(void)size;
	return msgget(IPC_PRIVATE, 0600);
}

static void remove_queue(int id)
{
	msgctl(id, IPC_RMID, NULL);
}

static const struct keeper_kind queue_kind = { .make = make_queue, .remove = remove_queue };

static void sysv_teardown(struct link *link)
{
	struct sysv *s = link->priv;

	if (!s)
		return;
	keeper_stop(&s->keeper);
	free(s);
	link->priv = NULL;
}

/* More than kernel.msgmnb needs a privilege: then it is what there is */
static int set_depth(struct link *link, const struct sysv *s)
{
	struct msqid_ds ds;
	int side;

	for (side = 0; side < SIDES; side++) {
		if (msgctl(s->id[side], IPC_STAT, &ds))
			return -errno;
		ds.msg_qbytes = link->depth;
		if (msgctl(s->id[side], IPC_SET, &ds) && errno != EPERM)
			return -errno;
	}
	if (msgctl(s->id[0], IPC_STAT, &ds))
		return -errno;
	if (ds.msg_qbytes < link->depth)
		link->depth = ds.msg_qbytes;
	return 0;
}

static int sysv_setup(struct link *link)
{
	long most = sysctl_number("kernel/msgmax");
	struct sysv *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = s;
	s->keeper = KEEPER_NONE;
	if (most >= 0 && link->size > (size_t)most)
		return link_refuse(link, -EMSGSIZE, "a message has at most %ld bytes: raise "
				   "kernel.msgmax", most);
	err = keeper_start(&s->keeper, &queue_kind, 0, s->id, SIDES);
	if (err)
		return link_refuse(link, err, "msgget: %s", strerror(-err));
	err = set_depth(link, s);
	if (err)
		return link_refuse(link, err, "msgctl: %s", strerror(-err));
	if (link->size > link->depth)
		return link_refuse(link, -EMSGSIZE, "a queue has at most %zu bytes: raise "
				   "kernel.msgmnb", link->depth);
	return 0;
}

static int sysv_attach(struct link *link, int side)
{
	struct sysv *s = link->priv;

	keeper_leave(&s->keeper);
	s->tx = s->id[side];
	s->rx = s->id[!side];
	link->tx_buf = fd_buffer(LEAD + link->size);
	link->rx_buf = fd_buffer(LEAD + link->size);
	if (!link->tx_buf || !link->rx_buf)
		return link_refuse(link, -ENOMEM, "no memory for a message");
	return 0;
}

static void *sysv_msg(void *buf)
{
	return (char *)buf + LEAD - sizeof(long);
}

static int sysv_begin(struct link *link, void **msg)
{
	*msg = (char *)link->tx_buf + LEAD;
	return 0;
}

/* A queue is no descriptor: who looks on does so by calls that do not wait */
static int sysv_flags(const struct link *link, struct fd_wait *wait)
{
	return fd_looks(link, wait) ? IPC_NOWAIT : 0;
}

static int sysv_send(struct link *link)
{
	const struct sysv *s = link->priv;
	long *msg = sysv_msg(link->tx_buf);
	struct fd_wait wait = { 0 };
	int err;

	*msg = TYPE;
	do {
		err = msgsnd(s->tx, msg, link->size, sysv_flags(link, &wait));
	} while (err && (errno == EINTR || errno == EAGAIN));
	return err ? -errno : 0;
}

static ssize_t sysv_recv(struct link *link, const void **msg)
{
	const struct sysv *s = link->priv;
	struct fd_wait wait = { 0 };
	ssize_t n;

	do {
		n = msgrcv(s->rx, sysv_msg(link->rx_buf), link->size, 0,
			   sysv_flags(link, &wait));
	} while (n < 0 && (errno == EINTR || errno == ENOMSG));
	*msg = (char *)link->rx_buf + LEAD;
	return n < 0 ? -errno : n;
}

const struct transport transport_sysv_mq = {
	.name = "sysv-mq",
	.about = "System V message queues, msgsnd and msgrcv",
	.wait = WAIT_BLOCK,
	.waits = WAITS_SLEEP | 1u << WAIT_SPIN,
	.workloads = WORKLOADS_ALL,
	.max_size = INT32_MAX,
	.copies = COPIES(2),
	.many = MANY_BOTH | EACH_LINKS,
	.setup = sysv_setup,
	.attach = sysv_attach,
	.begin = sysv_begin,
	.send = sysv_send,
	.recv = sysv_recv,
	.done = fd_done,
	.teardown = sysv_teardown,
};
