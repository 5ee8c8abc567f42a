// SPDX-License-Identifier: GPL-2.0
#include "pass.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A control message of one descriptor */
union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

/* Bound to no name it is given one that nobody has */
int pass_listen(struct pass_name *name)
{
	struct sockaddr_un none = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	name->size = sizeof(name->addr);
	if (!bind(fd, (struct sockaddr *)&none, sizeof(none.sun_family)) &&
	    !getsockname(fd, (struct sockaddr *)&name->addr, &name->size) && !listen(fd, 1))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int pass_dial(const struct pass_name *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)&name->addr, name->size))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int pass_send(int socket, int fd)
{
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	union control control = {
		.head = {
			.cmsg_len = CMSG_LEN(sizeof(fd)), .cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		},
	};
	struct msghdr msg = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return sendmsg(socket, &msg, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

int pass_recv(int socket)
{
	char byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	union control control = { 0 };
	struct msghdr msg = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -errno;
	if (msg.msg_controllen < CMSG_LEN(sizeof(fd)) || control.head.cmsg_type != SCM_RIGHTS)
		return -EPROTO;
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	return fd;
}
