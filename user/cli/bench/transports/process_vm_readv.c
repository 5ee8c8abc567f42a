// SPDX-License-Identifier: GPL-2.0
/*
 * process_vm_readv(2), or "cross memory attach": a message is copied once, out of the
 * sender's memory, by the receiver.  A pipe tells where it is, another one how many were
 * read, which is when their memory can be used again: many a call, as blocks of a channel
 * are given back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fd.h"
#include "window.h"

/* What the sender writes into the pipe. */
struct note {
	uint64_t addr;
	pid_t pid;
	uint32_t len;
};

struct cma {
	int note[SIDES][2];	/* by the side that sends; read end, write end */
	int ack[SIDES][2];	/* by the side that receives; a byte a message */
	int tx_ack;
	int rx_ack;
	char *room;		/* of a sender */
	pid_t pid;		/* its own */
	unsigned int slots;
	unsigned int next;
	struct window window;
};

static void cma_teardown(struct link *link)
{
	struct cma *c = link->priv;
	int side, end;

	if (!c)
		return;
	for (side = 0; side < SIDES; side++) {
		for (end = 0; end < 2; end++) {
			fd_close(&c->note[side][end]);
			fd_close(&c->ack[side][end]);
		}
	}
	free(c);
	link->priv = NULL;
}

static int cma_setup(struct link *link)
{
	struct cma *c = malloc(sizeof(*c));
	int side;

	if (!c)
		return link_refuse(link, -ENOMEM, "no memory");
	memset(c, 0xff, sizeof(*c));
	link->priv = c;
	for (side = 0; side < SIDES; side++) {
		if (pipe(c->note[side]) || pipe(c->ack[side]))
			return link_refuse(link, -errno, "pipe: %s", strerror(errno));
	}
	c->slots = (unsigned int)(link->depth / link->size);
	/* no more than the pipe of notes holds */
	if (c->slots > 1024)
		c->slots = 1024;
	window_init(&c->window, c->slots);
	link->depth = c->slots * link->size;
	return 0;
}

static int cma_attach(struct link *link, int side)
{
	struct cma *c = link->priv;
	int err;

	err = fd_attach(link, c->note[side][1], c->note[!side][0]);
	if (err)
		return err;
	c->tx_ack = c->ack[!side][0];
	c->rx_ack = c->ack[side][1];
	c->next = 0;
	c->pid = getpid();
	c->room = fd_buffer(c->slots * fd_room(link->size));
	if (!c->room)
		return link_refuse(link, -ENOMEM, "no memory for the messages");
	/* where Yama lets nobody but a parent do so */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	return 0;
}

/* The room of a message is free: half of all is, at the latest, once all have been read */
static int cma_begin(struct link *link, void **msg)
{
	struct cma *c = link->priv;
	char acks[1024];
	ssize_t n;

	*msg = c->room + c->next * fd_room(link->size);
	while (!c->window.free) {
		n = read(c->tx_ack, acks, sizeof(acks));
		if (n == 0)
			return -EPIPE;
		if (n < 0 && errno != EINTR)
			return -errno;
		c->window.free += n > 0 ? (unsigned int)n : 0;
	}
	return 0;
}

static int cma_send(struct link *link)
{
	struct cma *c = link->priv;
	struct note note = {
		.addr = (uintptr_t)(c->room + c->next * fd_room(link->size)),
		.pid = c->pid,
		.len = (uint32_t)link->size,
	};
	ssize_t n;

	do {
		n = write(link->tx_fd, &note, sizeof(note));
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(note))
		return n < 0 ? -errno : -EIO;
	c->next = (c->next + 1) % c->slots;
	c->window.free--;
	return 0;
}

static int cma_ack(const struct cma *c, unsigned int nr)
{
	static const char acks[WINDOW_BACK];
	ssize_t n = write(c->rx_ack, acks, nr);

	if (n != (ssize_t)nr)
		return n < 0 ? -errno : -EIO;
	return 0;
}

static ssize_t cma_recv(struct link *link, const void **msg)
{
	struct cma *c = link->priv;
	struct iovec local, remote;
	struct note note;
	unsigned int nr;
	int err = 0;
	ssize_t n;

	do {
		n = read(link->rx_fd, &note, sizeof(note));
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(note))
		return n < 0 ? -errno : -EPIPE;
	if (note.len > link->size)
		return -EMSGSIZE;
	local = (struct iovec){ .iov_base = link->rx_buf, .iov_len = note.len };
	remote = (struct iovec){ .iov_base = (void *)(uintptr_t)note.addr,
				 .iov_len = note.len };
	n = process_vm_readv(note.pid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return -errno;
	*msg = link->rx_buf;
	nr = window_back(&c->window);
	if (nr)
		err = cma_ack(c, nr);
	return err ? err : n;
}

const struct transport transport_process_vm_readv = {
	.name = "process-vm-readv",
	.about = "process_vm_readv(2), with pipes that tell of the messages: one copy",
	.wait = WAIT_BLOCK,
	.workloads = WORKLOADS_ALL,
	.max_size = UINT32_MAX,
	.copies = COPIES(1),
	.setup = cma_setup,
	.attach = cma_attach,
	.begin = cma_begin,
	.send = cma_send,
	.recv = cma_recv,
	.done = fd_done,
	.teardown = cma_teardown,
};
