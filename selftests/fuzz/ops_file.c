// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"
#include "mem.h"
#include "ops.h"

#define IOV_MAX_CALL	1100	/* a few more than there may be */

/* fd at len */
long run_read(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)op;
	return syscall(SYS_read, slot_fd(a[0]), mem_addr(t, a[1]), a[2]);
}

long run_write(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)op;
	return syscall(SYS_write, slot_fd(a[0]), mem_addr(t, a[1]), a[2]);
}

/* fd iov count flags: where it is now */
long run_readv(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)op;
	return syscall(SYS_preadv2, slot_fd(a[0]), mem_addr(t, a[1]), a[2] % IOV_MAX_CALL,
		       -1L, -1L, a[3]);
}

long run_writev(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)op;
	return syscall(SYS_pwritev2, slot_fd(a[0]), mem_addr(t, a[1]), a[2] % IOV_MAX_CALL,
		       -1L, -1L, a[3]);
}

/* a b events ms */
long run_poll(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct pollfd p[] = {
		{ .fd = slot_fd(a[0]), .events = a[2] },
		{ .fd = slot_fd(a[1]), .events = a[2] },
	};

	(void)t;
	(void)op;
	return poll(p, 2, a[3] % 3);
}

long run_epoll_create(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return slot_set(a[0], epoll_create1(0));
}

/* epoll op fd events */
long run_epoll_ctl(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct epoll_event event = { .events = a[3] };

	(void)t;
	(void)op;
	return epoll_ctl(slot_fd(a[0]), 1 + a[1] % 3, slot_fd(a[2]), &event);
}

/* epoll ms */
long run_epoll_wait(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct epoll_event events[4];

	(void)t;
	(void)op;
	return epoll_wait(slot_fd(a[0]), events, 4, a[1] % 3);
}

/* fd cmd type whence start len */
long run_lock(struct thread *t, const struct op *op, const uint64_t *a)
{
	static const int cmds[] = {
		F_SETLK, F_OFD_SETLK, F_GETLK, F_OFD_GETLK, F_SETLKW, F_OFD_SETLKW,
	};
	struct flock lock = {
		.l_type = a[2] % 4, .l_whence = a[3] % 4, .l_start = a[4], .l_len = a[5],
	};

	(void)t;
	(void)op;
	return fcntl(slot_fd(a[0]), cmds[a[1] % 6], &lock);
}

/* fd flags: it does not wait, unless they say so */
long run_setfl(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return fcntl(slot_fd(a[0]), F_SETFL, a[1] ^ O_NONBLOCK);
}

/* fd whom: nobody, this process, this thread */
long run_setown(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct f_owner_ex owner = { .type = F_OWNER_TID, .pid = t->tid };

	(void)op;
	if (a[1] % 3 == 2)
		return fcntl(slot_fd(a[0]), F_SETOWN_EX, &owner);
	return fcntl(slot_fd(a[0]), F_SETOWN, a[1] % 3 ? getpid() : 0);
}

/* fd signal: that does no harm */
long run_setsig(struct thread *t, const struct op *op, const uint64_t *a)
{
	static const int signals[] = { 0, SIGUSR2, SIGIO, SIGCHLD, 65 };

	(void)t;
	(void)op;
	return fcntl(slot_fd(a[0]), F_SETSIG, signals[a[1] % 5]);
}

/* in out len flags */
long run_splice(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return splice(slot_fd(a[0]), NULL, slot_fd(a[1]), NULL, a[2], a[3] ^ SPLICE_F_NONBLOCK);
}

/* pipe iov count */
long run_vmsplice(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)op;
	return syscall(SYS_vmsplice, slot_fd(a[0]), mem_addr(t, a[1]), a[2] % IOV_MAX_CALL,
		       SPLICE_F_NONBLOCK);
}

/* in out len */
long run_sendfile(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return sendfile(slot_fd(a[1]), slot_fd(a[0]), NULL, a[2]);
}

static long file_read(const char *path)
{
	char text[1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC), n = 0;

	if (fd < 0)
		return -errno;
	while (n < 4 && read(fd, text, sizeof(text)) > 0)
		n++;
	return close(fd);
}

long run_fdinfo(struct thread *t, const struct op *op, const uint64_t *a)
{
	char path[40];

	(void)t;
	(void)op;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", slot_fd(a[0]));
	return file_read(path);
}

long run_state(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	(void)a;
	return file_read("/sys/kernel/debug/ipcchan/state");
}
