// SPDX-License-Identifier: GPL-2.0
/*
 * A TCP connection over the loopback interface, with TCP_NODELAY.  What a direction
 * holds lies in two buffers, the sender's and the receiver's.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"
#include "inet.h"
#include "socket.h"
#include "stream.h"
#include "tcp_link.h"

int tcp_set_buffers(int fd, size_t bytes)
{
	ssize_t n = socket_set_buffer(fd, SO_SNDBUF, bytes);

	if (n >= 0)
		n = socket_set_buffer(fd, SO_RCVBUF, bytes);
	return n < 0 ? (int)n : 0;
}

/* Anybody may connect to a port: only the one with this address is let in */
static int accept_only(int listener, const struct sockaddr_in *who)
{
	struct sockaddr_in from;
	socklen_t len;
	int fd;

	for (;;) {
		len = sizeof(from);
		fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
		if (fd >= 0 && inet_same(&from, who))
			return fd;
		if (fd < 0)
			return -errno;
		close(fd);
	}
}

int tcp_no_delay(int fd)
{
	int on = 1;

	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) ? -errno : 0;
}

/* @listener: of address @own; it hands its buffers on to what it accepts */
static int connect_pair(struct sockets *s, int listener, const struct sockaddr_in *own,
			const struct sockaddr_in *other, size_t bytes)
{
	int err = tcp_set_buffers(listener, bytes);

	if (!err)
		err = tcp_set_buffers(s->fd[0], bytes);
	if (err)
		return err;
	if (listen(listener, SOMAXCONN) ||
	    connect(s->fd[0], (const struct sockaddr *)own, sizeof(*own)))
		return -errno;
	s->fd[1] = accept_only(listener, other);
	if (s->fd[1] < 0)
		return s->fd[1];
	err = tcp_no_delay(s->fd[0]);
	return err ? err : tcp_no_delay(s->fd[1]);
}

static int open_pair(struct link *link, size_t bytes)
{
	struct sockaddr_in own, other;
	struct sockets *s = link->priv;
	int listener, err;

	fd_close(&s->fd[0]);
	fd_close(&s->fd[1]);
	listener = inet_open(link, SOCK_STREAM, &own);
	if (listener < 0)
		return listener;
	s->fd[0] = inet_open(link, SOCK_STREAM, &other);
	if (s->fd[0] < 0) {
		close(listener);
		return s->fd[0];
	}
	err = connect_pair(s, listener, &own, &other, bytes);
	close(listener);
	return err ? inet_refuse(link, err) : 0;
}

/* How much of its messages a direction of such buffers holds, up to twice what it shall */
static ssize_t measure(struct link *link, size_t bytes)
{
	void *msg = calloc(1, link->size);
	ssize_t n;
	int err;

	if (!msg)
		return link_refuse(link, -ENOMEM, "no memory for a message");
	err = open_pair(link, bytes);
	n = err ? err : sockets_fill(link, msg, 2 * link->depth);
	free(msg);
	if (n < 0 && !err)
		link_refuse(link, (int)n, "a first message: %s", strerror((int)-n));
	return n;
}

/*
 * A buffer also counts what goes with the data, of small messages more: how much such
 * ones hold is looked up, and they are made so much larger or smaller.  The connection is
 * then another one, which nothing has been sent over.
 */
static int tcp_setup(struct link *link)
{
	size_t bytes = link->depth;
	ssize_t n;

	if (!sockets_new(link, sizeof(struct sockets)))
		return -ENOMEM;
	n = measure(link, bytes);
	if (n <= 0)
		return n ? (int)n : -EIO;
	bytes = (size_t)((double)bytes * (double)bytes / (double)n);
	n = measure(link, bytes);
	if (n <= 0)
		return n ? (int)n : -EIO;
	link->depth = (size_t)n;
	return open_pair(link, bytes);
}

const struct transport transport_tcp = {
	.name = "tcp",
	.about = "TCP over the loopback interface",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = INT_MAX,
	.copies = COPIES(2),
	.many = EACH_LINKS,
	.remote = &transport_tcp_remote,
	.setup = tcp_setup,
	.attach = sockets_attach,
	.begin = fd_begin,
	.send = stream_send,
	.recv = stream_recv,
	.done = fd_done,
	.teardown = sockets_teardown,
};
