// SPDX-License-Identifier: GPL-2.0
/*
 * Two UDP sockets over the loopback interface, connected to each other.  What there is
 * no room for at the receiver is lost, and nobody is told: the sender of a stream keeps
 * to a window of messages that there is room for, in the receiver's buffer and on the way
 * to it, and the receiver gives them back, by datagrams too.  Round trips need none of this.
 */
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"
#include "inet.h"
#include "socket.h"
#include "sysctl.h"
#include "window.h"

/* Of an IP packet without its headers and that of UDP, bytes */
#define MESSAGE_MOST	65507

/* A datagram over the loopback interface that takes longer has been lost */
#define LOST_MS		1000

/* The kernel may go on to count what has been read: so much more buffer than needed */
#define SPARE		2

/*
 * Packets that a CPU keeps until they are taken to their receivers: what comes then is lost.
 * Half of them are left to whoever else uses this interface.
 */
#define BACKLOG		"net/core/netdev_max_backlog"
#define BACKLOG_USUAL	1000
#define BACKLOG_SHARE	2

struct udp {
	struct sockets sockets;	/* first: see socket.h */
	struct window window;
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

static int meminfo(int fd, uint32_t mem[SK_MEMINFO_VARS])
{
	socklen_t len = SK_MEMINFO_VARS * sizeof(*mem);

	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len);
}

/* Bytes of the receiver's buffer that a message takes; negative errno */
static ssize_t charge(const struct link *link, const void *msg)
{
	const struct sockets *s = link->priv;
	struct pollfd come = { .fd = s->fd[1], .events = POLLIN };
	uint32_t mem[SK_MEMINFO_VARS];
	ssize_t n;

	n = sockets_fill(link, msg, 1);
	if (n < 0)
		return n;
	if (poll(&come, 1, LOST_MS) != 1)
		return -ENOBUFS;
	if (meminfo(s->fd[1], mem))
		return -errno;
	drain(s->fd[1], link->size);
	return mem[SK_MEMINFO_RMEM_ALLOC] ? (ssize_t)mem[SK_MEMINFO_RMEM_ALLOC] : -EINVAL;
}

/*
 * Do so many come after all have been sent?  They may be under way for a while; the kernel
 * counts those that the buffer had no room for.
 */
static bool holds(const struct link *link, const void *msg, unsigned int messages)
{
	const struct sockets *s = link->priv;
	struct pollfd come = { .fd = s->fd[1], .events = POLLIN };
	uint32_t before[SK_MEMINFO_VARS], after[SK_MEMINFO_VARS];
	unsigned int got = 0;

	if (meminfo(s->fd[1], before) ||
	    sockets_fill(link, msg, messages * link->size) !=
		    (ssize_t)(messages * link->size))
		return false;
	do {
		got += drain(s->fd[1], link->size);
		if (meminfo(s->fd[1], after))
			return false;
	} while (got < messages && after[SK_MEMINFO_DROPS] == before[SK_MEMINFO_DROPS] &&
		 poll(&come, 1, LOST_MS) == 1);
	/* what still is under way is of no later try */
	while (poll(&come, 1, 0) == 1)
		drain(s->fd[1], link->size);
	return got == messages;
}

/* How many messages may be on their way to the receiver's buffer */
static size_t on_the_way(const struct link *link)
{
	const struct sockets *s = link->priv;
	long packets = sysctl_number(BACKLOG);
	size_t bytes = link->size + sizeof(struct udphdr), each;
	int mtu;
	socklen_t len = sizeof(mtu);

	if (packets < 0)
		packets = BACKLOG_USUAL;
	if (getsockopt(s->fd[0], IPPROTO_IP, IP_MTU, &mtu, &len) ||
	    mtu < (int)sizeof(struct iphdr) + 8)
		return 0;
	/* a larger one goes in fragments, each a multiple of 8 bytes */
	each = ((size_t)mtu - sizeof(struct iphdr)) / 8 * 8;
	return (size_t)packets / BACKLOG_SHARE / ((bytes + each - 1) / each);
}

static int set_window(struct link *link, const void *msg)
{
	struct udp *u = link->priv;
	size_t messages = link->depth / link->size, most = on_the_way(link);
	ssize_t each, bytes;
	int side;

	if (messages > most)
		messages = most;

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
	window_init(&u->window, (unsigned int)messages);
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
				   "raise net.core.rmem_max, net.ipv4.udp_mem "
				   "or net.core.netdev_max_backlog", link->size);
	if (err)
		return link_refuse(link, err, "a first message: %s", strerror(-err));
	return 0;
}

/* The sender's: wait until the receiver gives some back */
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
	u->window.free += messages;
	return 0;
}

static int udp_send(struct link *link)
{
	struct udp *u = link->priv;
	int err;

	if (!workload_answers(link->workload)) {
		err = u->window.free ? 0 : window_wait(link, u);
		if (err)
			return err;
		u->window.free--;
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

	messages = workload_answers(link->workload) ? 0 : window_back(&u->window);
	if (!messages)
		return 0;
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
	.copies = COPIES(2),
	.setup = udp_setup,
	.attach = sockets_attach,
	.begin = fd_begin,
	.send = udp_send,
	.recv = datagram_recv,
	.done = udp_done,
	.teardown = sockets_teardown,
};
