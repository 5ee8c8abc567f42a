// SPDX-License-Identifier: GPL-2.0
#include "socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fd.h"

/* Of the kernel's memory for each buffer, bytes, however deep it is to be */
#define BUFFER_MOST	(256u << 20)

void *sockets_new(struct link *link, size_t size)
{
	struct sockets *s = malloc(size);

	if (!s) {
		link_refuse(link, -ENOMEM, "no memory");
		return NULL;
	}
	memset(s, 0xff, size);
	link->priv = s;
	return s;
}

ssize_t socket_set_buffer(int fd, int option, size_t bytes)
{
	int force = option == SO_SNDBUF ? SO_SNDBUFFORCE : SO_RCVBUFFORCE;
	int half = (int)((bytes < BUFFER_MOST ? bytes + 1 : BUFFER_MOST) / 2);
	socklen_t len = sizeof(half);
	int got;

	if (setsockopt(fd, SOL_SOCKET, force, &half, len) &&
	    setsockopt(fd, SOL_SOCKET, option, &half, len))
		return -errno;
	return getsockopt(fd, SOL_SOCKET, option, &got, &len) ? -errno : got;
}

ssize_t sockets_fill(const struct link *link, const void *msg, size_t most)
{
	const struct sockets *s = link->priv;
	size_t sent = 0;
	ssize_t n;

	while (sent < most) {
		n = send(s->fd[0], msg, link->size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0)
			return sent ? (ssize_t)sent : -errno;
		sent += (size_t)n;
	}
	return (ssize_t)sent;
}

int sockets_attach(struct link *link, int side)
{
	struct sockets *s = link->priv;
	int err;

	fd_close(&s->fd[!side]);
	err = fd_attach(link, s->fd[side], s->fd[side]);
	return err ? err : fd_wait_init(link);
}

void sockets_teardown(struct link *link)
{
	struct sockets *s = link->priv;

	if (!s)
		return;
	fd_close(&s->fd[0]);
	fd_close(&s->fd[1]);
	free(s);
	link->priv = NULL;
}

int datagram_send(struct link *link)
{
	struct fd_wait wait = { 0 };
	ssize_t n;

	do {
		n = send(link->tx_fd, link->tx_buf, link->size, MSG_NOSIGNAL);
	} while (n < 0 && fd_again(link, &wait, true));
	if (n < 0)
		return -errno;
	return (size_t)n == link->size ? 0 : -EMSGSIZE;
}

/* MSG_TRUNC: the length of the message, not of the part that had room */
ssize_t datagram_recv(struct link *link, const void **msg)
{
	struct fd_wait wait = { 0 };
	ssize_t n;

	do {
		n = recv(link->rx_fd, link->rx_buf, link->size, MSG_TRUNC);
	} while (n < 0 && fd_again(link, &wait, false));
	if (n < 0)
		return -errno;
	*msg = link->rx_buf;
	return n ? n : -EPIPE;
}
