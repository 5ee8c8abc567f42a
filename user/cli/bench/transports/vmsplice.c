// SPDX-License-Identifier: GPL-2.0
/*
 * vmsplice(2): the sender's pages become the pipe's, uncopied, and the receiver copies
 * out of them by read(2).  Not as a gift, SPLICE_F_GIFT: what is given away may never be
 * written to again, and only who moves the pages on, not who reads, has anything of it.
 * So the sender keeps its memory, and must know when all of a message has been read: the
 * pipe has so many slots, each with a part of one page, and when as many have been taken
 * by later messages its own are free.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fd.h"
#include "pipe.h"
#include "stream.h"

struct vmsplice {
	struct pipes pipes;	/* first: see pipe.h */
	char *room;		/* of a sender: for so many messages, that far apart */
	size_t messages;
	size_t step;
	size_t next;
};

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Slots that a message takes */
static size_t message_slots(const struct link *link)
{
	return (link->size + page_size() - 1) / page_size();
}

/* From one message to the next, so that none begins in one page and ends in another */
static size_t message_step(const struct link *link)
{
	size_t step = 64;

	if (link->size > page_size())
		return message_slots(link) * page_size();
	while (step < link->size)
		step *= 2;
	return step;
}

/*
 * A slot is asked for as a page, of which a small message only takes a part.  The kernel
 * goes up to the next power of two: from here to the nearest.
 */
static int vmsplice_setup(struct link *link)
{
	size_t slots = message_slots(link), messages = link->depth / link->size, all;
	struct vmsplice *v;
	int err;

	link->depth = messages * slots * page_size() / 4 * 3;
	err = pipes_make(link, sizeof(*v));
	if (err)
		return err;
	v = link->priv;
	all = link->depth / page_size();
	v->step = message_step(link);
	v->messages = (all + slots - 1) / slots + 1;
	v->next = 0;
	if (slots <= all)
		link->depth = all / slots * link->size;
	return 0;
}

static int vmsplice_attach(struct link *link, int side)
{
	struct vmsplice *v = link->priv;
	size_t room = v->messages * v->step;
	int err = pipes_attach(link, side);

	if (err)
		return err;
	room = (room + page_size() - 1) / page_size() * page_size();
	v->room = aligned_alloc(page_size(), room);
	if (!v->room)
		return link_refuse(link, -ENOMEM, "no memory for the messages");
	memset(v->room, 0xff, room);
	return 0;
}

static int vmsplice_begin(struct link *link, void **msg)
{
	const struct vmsplice *v = link->priv;

	*msg = v->room + v->next * v->step;
	return 0;
}

/* For vmsplice() it is the flag that counts, not that of the pipe */
static int vmsplice_send(struct link *link)
{
	unsigned int flags = link->wait == WAIT_BLOCK ? 0 : SPLICE_F_NONBLOCK;
	struct vmsplice *v = link->priv;
	struct fd_wait wait = { 0 };
	struct iovec part = { .iov_base = v->room + v->next * v->step,
			      .iov_len = link->size };

	while (part.iov_len) {
		ssize_t n = vmsplice(link->tx_fd, &part, 1, flags);

		if (n < 0 && !fd_again(link, &wait, true))
			return -errno;
		if (n <= 0)
			continue;
		part.iov_base = (char *)part.iov_base + n;
		part.iov_len -= (size_t)n;
		wait = (struct fd_wait){ 0 };
	}
	v->next = (v->next + 1) % v->messages;
	return 0;
}

const struct transport transport_vmsplice = {
	.name = "vmsplice",
	.about = "vmsplice(2) into a pipe, and read: one copy",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = INT_MAX / 2,
	.copies = COPIES(1),
	.setup = vmsplice_setup,
	.attach = vmsplice_attach,
	.begin = vmsplice_begin,
	.send = vmsplice_send,
	.recv = stream_recv,
	.done = fd_done,
	.teardown = pipes_teardown,
};
