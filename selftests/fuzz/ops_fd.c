// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "abi.h"
#include "ops.h"

/* to access flags: it does not wait, unless they say so */
long run_open(struct thread *t, const struct op *op, const uint64_t *a)
{
	static const int access[] = { O_RDWR, O_RDONLY, O_WRONLY, O_ACCMODE };

	(void)t;
	(void)op;
	return slot_set(a[0], open(IPCCHAN_DEV_PATH, access[a[1] % 4] | (a[2] ^ O_NONBLOCK)));
}

/* n kind: channels that nobody uses, for who goes through all of them */
long run_crowd(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct ipcchan_attach attach = {
		.flags = IPCCHAN_ATTACH_ANON, .role = IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV,
		.kind = a[1],
	};
	unsigned int i;

	(void)t;
	(void)op;
	for (i = 0; i <= a[0] % 16; i++) {
		int fd = open(IPCCHAN_DEV_PATH, O_RDWR | O_NONBLOCK);

		if (fd < 0 || ioctl(fd, IPCCHAN_IOC_ATTACH, &attach))
			return -errno;
	}
	return 0;
}

/* fd to */
long run_dup(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return slot_set(a[1], dup(slot_fd(a[0])));
}

/* Only what is the program's, which other threads go on using. */
long run_close(struct thread *t, const struct op *op, const uint64_t *a)
{
	int fd = slot_fd(a[0]);

	(void)t;
	(void)op;
	return fd < machine.first ? -1 : close(fd);
}

/* out in */
long run_pipe(struct thread *t, const struct op *op, const uint64_t *a)
{
	int ends[2];

	(void)t;
	(void)op;
	if (pipe2(ends, O_NONBLOCK))
		return -errno;
	slot_set(a[0], ends[0]);
	return slot_set(a[1], ends[1]);
}

/* to flags */
long run_eventfd(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return slot_set(a[0], eventfd(0, a[1] ^ EFD_NONBLOCK));
}

/* fd value */
long run_eventfd_write(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return eventfd_write(slot_fd(a[0]), a[1]);
}

long run_memfd(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return slot_set(a[0], memfd_create("fuzz", 0));
}

/* a b */
long run_socketpair(struct thread *t, const struct op *op, const uint64_t *a)
{
	int ends[2];

	(void)t;
	(void)op;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends))
		return -errno;
	slot_set(a[0], ends[0]);
	return slot_set(a[1], ends[1]);
}

union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* socket fd */
long run_send_fd(struct thread *t, const struct op *op, const uint64_t *a)
{
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	union control control = {
		.head = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
			  .cmsg_type = SCM_RIGHTS },
	};
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd = slot_fd(a[1]);

	(void)t;
	(void)op;
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return sendmsg(slot_fd(a[0]), &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* socket to */
long run_recv_fd(struct thread *t, const struct op *op, const uint64_t *a)
{
	char byte;
	struct iovec iov = { &byte, 1 };
	union control control = { 0 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd;

	(void)t;
	(void)op;
	if (recvmsg(slot_fd(a[0]), &m, MSG_DONTWAIT) < 0 || !CMSG_FIRSTHDR(&m))
		return -1;
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	return slot_set(a[1], fd);
}
