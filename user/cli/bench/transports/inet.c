// SPDX-License-Identifier: GPL-2.0
#include "inet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "fd.h"

int inet_open(struct link *link, int type, struct sockaddr_in *own)
{
	socklen_t len = sizeof(*own);
	int fd, err;

	*own = (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return link_refuse(link, -errno, "a socket: %s", strerror(errno));
	if (!bind(fd, (struct sockaddr *)own, len) &&
	    !getsockname(fd, (struct sockaddr *)own, &len))
		return fd;
	err = -errno;
	fd_close(&fd);
	return inet_refuse(link, err);
}

int inet_refuse(struct link *link, int err)
{
	return link_refuse(link, err, "127.0.0.1: %s%s", strerror(-err),
			   err == -ENETUNREACH ? ": the interface lo is not up" : "");
}

bool inet_same(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
	return a->sin_addr.s_addr == b->sin_addr.s_addr && a->sin_port == b->sin_port;
}
