// SPDX-License-Identifier: GPL-2.0
/*
 * As nomem_test.c, of what waits for news of a file, locks it, or looks at it from outside:
 * poll, epoll, signals, fcntl() locks, fdinfo, debugfs, parameters of the module.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "nomem.h"
#include "param.h"
#include "util.h"

#define STATE	"/sys/kernel/debug/ipcchan/state"
#define PARAM	"/sys/module/ipcchan/parameters/user_ears"
#define WAS	1000	/* the parameter */

FIXTURE(nomem) {
	char text[1 << 16];
	char path[64];		/* a file to read */
	const char *key;	/* that has to be in it */
	int nth;		/* of nomem_open() */
	int fd;
	int peer;		/* another endpoint of its channel */
	int epoll;
	uint32_t kind;
};

FIXTURE_SETUP(nomem)
{
	self->nth = nomem_open();
	self->fd = -1;
	self->peer = -1;
	self->epoll = -1;
	if (self->nth >= 0)
		ASSERT_EQ(0, unshare(CLONE_NEWNET));
}

FIXTURE_TEARDOWN(nomem)
{
	param_restore();
}

/* A file that is not attached, and no channel `default`. */
static void prepare_default(FIXTURE_DATA(nomem) *self)
{
	close(self->epoll);
	close(self->fd);
	chan_unlink(IPCCHAN_DEFAULT_NAME);
	self->fd = dev_open(O_RDWR | O_NONBLOCK);
	self->epoll = epoll_create1(EPOLL_CLOEXEC);
}

/* That it has failed poll() can only say so. */
static int call_poll(FIXTURE_DATA(nomem) *self)
{
	int ret = poll_now(self->fd, POLLIN | POLLOUT);

	return ret > 0 && ret & POLLERR ? -ENOMEM : ret;
}

static int check_poll(FIXTURE_DATA(nomem) *self, int ret)
{
	struct ipcchan_info info;
	int attached = chan_info(self->fd, &info);
	int other = chan_named(IPCCHAN_DEFAULT_NAME, O_WRONLY, 0);

	if (other >= 0)
		close(other);
	if (attached ? attached != -ENOTCONN || other != -ENOENT || ret >= 0 : other < 0)
		return 1;
	return ret < 0 ? call_poll(self) != POLLOUT : ret != POLLOUT;
}

TEST_F(nomem, poll)
{
	const struct op op = { prepare_default, call_poll, check_poll };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 3);
	chan_unlink(IPCCHAN_DEFAULT_NAME);
}

static int call_epoll(FIXTURE_DATA(nomem) *self)
{
	struct epoll_event e = { .events = EPOLLIN };

	return epoll_ctl(self->epoll, EPOLL_CTL_ADD, self->fd, &e) ? -errno : 0;
}

/* What is watched is heard of: a message, or that none can be until it is added anew. */
static int check_epoll(FIXTURE_DATA(nomem) *self, int ret)
{
	struct epoll_event e;

	if (ret < 0 && call_epoll(self))
		return 1;
	if (epoll_wait(self->epoll, &e, 1, 0) == 1 &&
	    (!(e.events & EPOLLERR) || epoll_ctl(self->epoll, EPOLL_CTL_DEL, self->fd, NULL) ||
	     call_epoll(self)))
		return 2;
	if (epoll_wait(self->epoll, &e, 1, 0) != 0 || msg_send_u32(self->fd, 5))
		return 3;
	if (epoll_wait(self->epoll, &e, 1, 0) != 1 || e.events != EPOLLIN)
		return 4;
	return msg_recv_u32(self->fd) != 5;
}

TEST_F(nomem, epoll)
{
	const struct op op = { prepare_default, call_epoll, check_epoll };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 2);
	chan_unlink(IPCCHAN_DEFAULT_NAME);
}

/* A new channel, with another endpoint, of a broadcast with both roles. */
static void prepare_chan(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = self->kind, .buf_size = 4096,
	};

	close(self->peer);
	close(self->fd);
	self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
	self->peer = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	if (self->peer < 0)
		abort();
}

static int call_async(FIXTURE_DATA(nomem) *self)
{
	int flags = fcntl(self->fd, F_GETFL);

	return fcntl(self->fd, F_SETFL, flags | O_ASYNC) ? -errno : 0;
}

static bool is_signalled(FIXTURE_DATA(nomem) *self)
{
	static const struct timespec at_once = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	if (msg_send_u32(self->peer, 7))
		abort();
	return sigtimedwait(&set, NULL, &at_once) == SIGIO;
}

static int check_async(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0 && (fcntl(self->fd, F_GETFL) & O_ASYNC || is_signalled(self) ||
			call_async(self)))
		return 1;
	if (fcntl(self->fd, F_SETOWN, getpid()) || !is_signalled(self))
		return 2;
	return fcntl(self->fd, F_SETFL, O_NONBLOCK) || is_signalled(self);
}

static void prepare_async(FIXTURE_DATA(nomem) *self)
{
	prepare_chan(self);
	/* What is left of the attempt before is not of this one. */
	if (fcntl(self->fd, F_SETOWN, getpid()))
		abort();
}

TEST_F(nomem, async)
{
	const struct op op = { prepare_async, call_async, check_async };
	sigset_t set;

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	for (self->kind = 0; self->kind <= IPCCHAN_KIND_BROADCAST; self->kind++)
		every_failure(_metadata, self, self->nth, &op, self->kind + 1);
}

static int lock_at(int fd, short type, int start, int len)
{
	struct flock fl = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len,
	};

	return fcntl(fd, F_OFD_SETLK, &fl) ? -errno : 0;
}

/* Has the other one a lock on this byte?  Looked at without keeping one. */
static bool is_locked(FIXTURE_DATA(nomem) *self, int at)
{
	int ret = lock_at(self->peer, F_WRLCK, at, 1);

	if (!ret)
		lock_at(self->peer, F_UNLCK, at, 1);
	return ret == -EAGAIN;
}

static int call_lock(FIXTURE_DATA(nomem) *self)
{
	return lock_at(self->fd, F_WRLCK, 10, 90);
}

static int check_lock(FIXTURE_DATA(nomem) *self, int ret)
{
	return is_locked(self, 10) != !ret || is_locked(self, 99) != !ret ||
	       is_locked(self, 9) || is_locked(self, 100);
}

static void prepare_unlock(FIXTURE_DATA(nomem) *self)
{
	prepare_chan(self);
	if (call_lock(self))
		abort();
}

/* In the middle: there are two locks afterwards. */
static int call_unlock(FIXTURE_DATA(nomem) *self)
{
	return lock_at(self->fd, F_UNLCK, 40, 10);
}

static int check_unlock(FIXTURE_DATA(nomem) *self, int ret)
{
	return check_lock(self, 0) || is_locked(self, 45) == !ret || !is_locked(self, 39) ||
	       !is_locked(self, 50);
}

TEST_F(nomem, lock)
{
	const struct op op = { prepare_chan, call_lock, check_lock };
	const struct op undo = { prepare_unlock, call_unlock, check_unlock };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	/* That is what fcntl() says without memory. */
	every_failure_or(_metadata, self, self->nth, &op, 2, -ENOLCK);
	every_failure_or(_metadata, self, self->nth, &undo, 2, -ENOLCK);
}

static int look(FIXTURE_DATA(nomem) *self)
{
	int fd = open(self->path, O_RDONLY | O_CLOEXEC), total = 0, len, err = 0;

	if (fd < 0)
		return -errno;
	do {
		len = read(fd, self->text + total, sizeof(self->text) - 1 - total);
		err = errno;
		total += len > 0 ? len : 0;
	} while (len > 0);
	close(fd);
	self->text[total] = '\0';
	return len < 0 ? -err : total;
}

/* What is told is all of it. */
static int check_look(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0)
		ret = look(self);
	return ret <= 0 || !strstr(self->text, self->key);
}

static void prepare_fdinfo(FIXTURE_DATA(nomem) *self)
{
	prepare_chan(self);
	snprintf(self->path, sizeof(self->path), "/proc/self/fdinfo/%d", self->fd);
	/* The last line */
	self->key = "ipcchan-eventfds:\t0\n";
}

TEST_F(nomem, fdinfo)
{
	const struct op op = { prepare_fdinfo, look, check_look };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 3);
}

static void prepare_state(FIXTURE_DATA(nomem) *self)
{
	prepare_chan(self);
	snprintf(self->path, sizeof(self->path), STATE);
	/* The accounts come last. */
	self->key = "account: uid 0 ";
}

TEST_F(nomem, state)
{
	const struct op op = { prepare_state, look, check_look };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure(_metadata, self, self->nth, &op, 3);
}

static unsigned long param(void)
{
	unsigned long value = 0;
	FILE *f = fopen(PARAM, "re");

	if (!f || fscanf(f, "%lu", &value) != 1)
		abort();
	fclose(f);
	return value;
}

static int set_param(unsigned long value)
{
	char text[24];
	int fd = open(PARAM, O_WRONLY | O_CLOEXEC), len, ret;

	if (fd < 0)
		return -errno;
	len = snprintf(text, sizeof(text), "%lu\n", value);
	ret = write(fd, text, len) == len ? 0 : -errno;
	close(fd);
	return ret;
}

static void prepare_param(FIXTURE_DATA(nomem) *self)
{
	(void)self;
	if (set_param(WAS))
		abort();
}

static int call_param(FIXTURE_DATA(nomem) *self)
{
	(void)self;
	return set_param(WAS + 1);
}

static int check_param(FIXTURE_DATA(nomem) *self, int ret)
{
	(void)self;
	return param() != (ret ? WAS : WAS + 1);
}

TEST_F(nomem, parameter)
{
	const struct op op = { prepare_param, call_param, check_param };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	ASSERT_EQ(0, param_set("user_ears", WAS));
	every_failure(_metadata, self, self->nth, &op, 2);
}

TEST_HARNESS_MAIN
