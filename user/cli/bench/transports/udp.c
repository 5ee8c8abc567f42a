// SPDX-License-Identifier: GPL-2.0
/*
 * Two UDP sockets over the loopback interface, connected to each other.  What there is
 * no room for at the receiver is lost, and nobody is told: the sender of a stream keeps
 * to a window of messages that there is room for, and the receiver tells, by datagrams
 * too, that it has read half of it.  Round trips need none of this.
 */
#include <errno.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"
#include "inet.h"
#include "socket.h"

/* Of an IP packet without its headers and that of UDP, bytes */
#define MESSAGE_MOST	65507

/* A datagram over the loopback interface that takes longer has been lost */
#define LOST_MS		1000

/* The kernel may go on to count what has been read: so much more buffer than needed */
#define SPARE		2

struct udp {
	struct sockets sockets;	/* first: see socket.h */
	unsigned int window;	/* messages that there is room for */
	unsigned int free;	/* of these, at the sender */
	unsigned int unread;	/* until the sender is told, at the receiver */
};

static int connect_both(struct link *link, struct sockets *s)
{
	struct sockaddr_in addr[SIDES];
	int side;

	for (side = 0; side < SIDES; side++) {
		s->fd[side] = inet_open(link, SOCK_DGRAM, &addr[side]);
		if (s->fd[side] < 0)
			return s->fd[side];
	}
	for (side = 0; side < SIDES; side++)
		if (connect(s->fd[side], (struct sockaddr *)&addr[!side], sizeof(addr[0])))
			return inet_refuse(link, -errno);
	return 0;
}

/* Return: datagrams of @size bytes that were there */
static unsigned int drain(int fd, size_t size)
{
	unsigned int n = 0;
	char byte;
	ssize_t len;

	while ((len = recv(fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_TRUNC)) >= 0)
		n += (size_t)len == size;
	return n;
}

/* Bytes of the receiver's buffer that a message takes; negative errno */
static ssize_t charge(const struct link *link, const void *msg)
{
	const struct sockets *s = link->priv;
	struct pollfd come = { .fd = s->fd[1], .events = POLLIN };
	uint32_t mem[SK_MEMINFO_VARS];
	socklen_t len = sizeof(mem);
	ssize_t n;

	n = sockets_fill(link, msg, 1);
	if (n < 0)
		return n;
	if (poll(&come, 1, LOST_MS) != 1)
		return -ENOBUFS;
	if (getsockopt(s->fd[1], SOL_SOCKET, SO_MEMINFO, mem, &len))
		return -errno;
	drain(s->fd[1], link->size);
	return mem[SK_MEMINFO_RMEM_ALLOC] ? (ssize_t)mem[SK_MEMINFO_RMEM_ALLOC] : -EINVAL;
}

/* Are so many there to be read after they have been sent? */
static bool holds(const struct link *link, const void *msg, unsigned int messages)
{
	const struct sockets *s = link->priv;

	sockets_fill(link, msg, messages * link->size);
	return drain(s->fd[1], link->size) == messages;
}

static int set_window(struct link *link, const void *msg)
{
	struct udp *u = link->priv;
	size_t messages = link->depth / link->size;
	ssize_t each, bytes;
	int side;

	each = charge(link, msg);
	if (each < 0)
		return (int)each;
	for (side = 0; side < SIDES; side++) {
		bytes = socket_set_buffer(u->sockets.fd[side], SO_RCVBUF,
					  messages * (size_t)each * SPARE);
		if (bytes < 0)
			return (int)bytes;
		if ((size_t)bytes / SPARE / (size_t)each < messages)
			messages = (size_t)bytes / SPARE / (size_t)each;
	}
	/* the kernel's memory for all of UDP has a limit, too */
	while (messages && !holds(link, msg, (unsigned int)messages))
		messages /= 2;
	if (!messages)
		return -ENOBUFS;
	u->window = (unsigned int)messages;
	u->free = u->window;
	u->unread = 0;
	link->depth = messages * link->size;
	return 0;
}

static int udp_setup(struct link *link)
{
	struct udp *u = sockets_new(link, sizeof(*u));
	void *msg;
	int err;

	if (!u)
		return -ENOMEM;
	err = connect_both(link, &u->sockets);
	if (err)
		return err;
	/* before it was connected anybody could send to it */
	drain(u->sockets.fd[0], 0);
	drain(u->sockets.fd[1], 0);
	msg = calloc(1, link->size);
	if (!msg)
		return link_refuse(link, -ENOMEM, "no memory for a message");
	err = set_window(link, msg);
	free(msg);
	if (err == -ENOBUFS)
		return link_refuse(link, err, "there is no room for a message of %zu bytes: "
				   "raise net.core.rmem_max or net.ipv4.udp_mem", link->size);
	if (err)
		return link_refuse(link, err, "a first message: %s", strerror(-err));
	return 0;
}

/* The sender's: wait until the receiver tells that it has read some */
static int window_wait(struct link *link, struct udp *u)
{
	struct fd_wait wait = { 0 };
	uint32_t messages;
	ssize_t n;

	do {
		n = recv(link->rx_fd, &messages, sizeof(messages), 0);
	} while (n < 0 && fd_again(link, &wait, false));
	if (n != sizeof(messages))
		return n < 0 ? -errno : -EBADMSG;
	u->free += messages;
	return 0;
}

static int udp_send(struct link *link)
{
	struct udp *u = link->priv;
	int err;

	if (!workload_answers(link->workload)) {
		err = u->free ? 0 : window_wait(link, u);
		if (err)
			return err;
		u->free--;
	}
	return datagram_send(link);
}

/* The receiver's: the message is read */
static int udp_done(struct link *link)
{
	struct udp *u = link->priv;
	struct fd_wait wait = { 0 };
	uint32_t messages;
	ssize_t n;

	if (workload_answers(link->workload) || ++u->unread < (u->window + 1) / 2)
		return 0;
	messages = u->unread;
	u->unread = 0;
	do {
		n = send(link->tx_fd, &messages, sizeof(messages), 0);
	} while (n < 0 && fd_again(link, &wait, true));
	return n < 0 ? -errno : 0;
}

const struct transport transport_udp = {
	.name = "udp",
	.about = "UDP over the loopback interface, a stream with a window",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = MESSAGE_MOST,
	.setup = udp_setup,
	.attach = sockets_attach,
	.begin = fd_begin,
	.send = udp_send,
	.recv = datagram_recv,
	.done = udp_done,
	.teardown = sockets_teardown,
};
