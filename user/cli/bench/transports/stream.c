// SPDX-License-Identifier: GPL-2.0
#include "stream.h"

#include <errno.h>
#include <unistd.h>

#include "fd.h"

int stream_send(struct link *link)
{
	const char *msg = link->tx_buf;
	struct fd_wait wait = { 0 };
	size_t sent = 0;
	ssize_t n;

	while (sent < link->size) {
		n = write(link->tx_fd, msg + sent, link->size - sent);
		if (n >= 0) {
			sent += (size_t)n;
			wait = (struct fd_wait){ 0 };
		} else if (!fd_again(link, &wait, true)) {
			return -errno;
		}
	}
	return 0;
}

ssize_t stream_recv(struct link *link, const void **msg)
{
	struct fd_wait wait = { 0 };
	char *buf = link->rx_buf;
	size_t got = 0;
	ssize_t n;

	while (got < link->size) {
		n = read(link->rx_fd, buf + got, link->size - got);
		if (n == 0)
			return -EPIPE;
		if (n > 0) {
			got += (size_t)n;
			wait = (struct fd_wait){ 0 };
		} else if (!fd_again(link, &wait, false)) {
			return -errno;
		}
	}
	*msg = buf;
	return (ssize_t)got;
}
