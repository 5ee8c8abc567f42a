// SPDX-License-Identifier: GPL-2.0
/*
 * Two System V message queues, one a direction.  They have no names, and would
 * outlive whoever made them: a process of their own makes them, and removes them when
 * its pipe from the benchmark ends, however that ends.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "sysctl.h"

/* mtype is just before the payload, which begins a cache line */
#define LEAD	64
#define TYPE	1L

struct sysv {
	int id[SIDES];	/* by the side that sends; negative errno */
	pid_t keeper;
	int life;	/* the keeper's pipe: it ends with this */
	int tx;
	int rx;
};

static void sysv_teardown(struct link *link)
{
	struct sysv *s = link->priv;

	if (!s)
		return;
	fd_close(&s->life);
	if (s->keeper > 0)
		while (waitpid(s->keeper, NULL, 0) < 0 && errno == EINTR)
			;
	free(s);
	link->priv = NULL;
}

static _Noreturn void keep(int answer, int life)
{
	int id[SIDES], side;
	char byte;

	/* What ends the benchmark does not end this one before. */
	setsid();
	for (side = 0; side < SIDES; side++) {
		id[side] = msgget(IPC_PRIVATE, 0600);
		if (id[side] < 0)
			id[side] = -errno;
	}
	if (write(answer, id, sizeof(id)) == (ssize_t)sizeof(id))
		while (read(life, &byte, 1) < 0 && errno == EINTR)
			;
	for (side = 0; side < SIDES; side++)
		if (id[side] >= 0)
			msgctl(id[side], IPC_RMID, NULL);
	_exit(0);
}

static int start_keeper(struct sysv *s)
{
	int life[2], answer[2], err = 0;

	if (pipe(life))
		return -errno;
	if (pipe(answer)) {
		err = -errno;
		close(life[0]);
		close(life[1]);
		return err;
	}
	s->keeper = fork();
	if (s->keeper < 0)
		err = -errno;
	if (!s->keeper) {
		close(life[1]);
		keep(answer[1], life[0]);
	}
	close(life[0]);
	close(answer[1]);
	s->life = life[1];
	if (!err && read(answer[0], s->id, sizeof(s->id)) != (ssize_t)sizeof(s->id))
		err = -EIO;
	close(answer[0]);
	if (!err && s->id[0] < 0)
		err = s->id[0];
	if (!err && s->id[1] < 0)
		err = s->id[1];
	return err;
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
	s->life = -1;
	if (most >= 0 && link->size > (size_t)most)
		return link_refuse(link, -EMSGSIZE, "a message has at most %ld bytes: raise "
				   "kernel.msgmax", most);
	err = start_keeper(s);
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

	fd_close(&s->life);
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
	.setup = sysv_setup,
	.attach = sysv_attach,
	.begin = sysv_begin,
	.send = sysv_send,
	.recv = sysv_recv,
	.done = fd_done,
	.teardown = sysv_teardown,
};
