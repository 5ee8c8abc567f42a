// SPDX-License-Identifier: GPL-2.0
/*
 * An attacker who stops in the middle of a copy: a page of its own is missing, and whoever is
 * to bring it (userfaultfd; a file system in user space does as well) does not.  All others go
 * on, and it can be killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "genl.h"
#include "place.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define NAME		"stalled"
#define BUF_PAGES	8
#define LEN		64
#define PATIENCE_MS	30000

/* Who stops: its endpoint, and a page that is there with one behind it that never will be. */
struct stopper {
	int fd;
	char *there;
	char *missing;
};

/* Each is called in a child, where it stops. */
static void in_write(struct stopper *s)
{
	msg_send(s->fd, s->missing, LEN);
}

/* Of one that fits no slot, when a part is copied already. */
static void in_write_long(struct stopper *s)
{
	msg_send(s->fd, s->there, page_size() + LEN);
}

static void in_writev(struct stopper *s)
{
	struct iovec iov[] = { { s->there, LEN }, { s->missing, LEN } };

	writev(s->fd, iov, 2);
}

static void in_read(struct stopper *s)
{
	msg_recv(s->fd, s->missing, LEN);
}

static void in_readv(struct stopper *s)
{
	struct iovec iov[] = { { s->missing, LEN } };

	readv(s->fd, iov, 1);
}

static void in_send_header(struct stopper *s)
{
	xfer_send(s->fd, (void *)s->missing, 2, 0, IPCCHAN_WAIT_FOREVER);
}

/* Of the second of two. */
static void in_send_payload(struct stopper *s)
{
	struct ipcchan_msghdr h[] = {
		{ .buf = (uintptr_t)s->there, .len = LEN },
		{ .buf = (uintptr_t)s->missing, .len = LEN },
	};

	xfer_send(s->fd, h, 2, 0, IPCCHAN_WAIT_FOREVER);
}

static void in_send_fds(struct stopper *s)
{
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)s->there, .len = LEN, .fds = (uintptr_t)s->missing,
		.nr_fds = 1,
	};

	xfer_send(s->fd, &h, 1, 0, IPCCHAN_WAIT_FOREVER);
}

static void in_send_block(struct stopper *s)
{
	struct ipcchan_msghdr *h = (void *)(s->missing - sizeof(*h));

	h->buf = loan(s->fd, 1, 0, 0);
	h->len = 1;
	h->flags = IPCCHAN_MSG_PLACED;
	xfer_send(s->fd, h, 2, 0, IPCCHAN_WAIT_FOREVER);
}

static void in_recv_header(struct stopper *s)
{
	xfer_recv(s->fd, (void *)s->missing, 2, 0, IPCCHAN_WAIT_FOREVER);
}

static void in_recv_payload(struct stopper *s)
{
	struct ipcchan_msghdr h[] = {
		{ .buf = (uintptr_t)s->there, .len = LEN },
		{ .buf = (uintptr_t)s->missing, .len = LEN },
	};

	xfer_recv(s->fd, h, 2, 0, IPCCHAN_WAIT_FOREVER);
}

static void in_recv_fds(struct stopper *s)
{
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)s->there, .len = LEN, .fds = (uintptr_t)s->missing,
		.nr_fds = 1,
	};

	xfer_recv(s->fd, &h, 1, 0, IPCCHAN_WAIT_FOREVER);
}

static void in_recv_place(struct stopper *s)
{
	xfer_recv(s->fd, (void *)s->missing, 2, IPCCHAN_XFER_PLACE, IPCCHAN_WAIT_FOREVER);
}

static void in_loan(struct stopper *s)
{
	loan_many(s->fd, 1, (void *)s->missing, 2, 0);
}

static void in_give_back(struct stopper *s)
{
	uint64_t *at = (void *)(s->missing - sizeof(*at));
	struct ipcchan_give_back g = { .offsets = (uintptr_t)at, .count = 2 };

	*at = loan(s->fd, 1, 0, 0);
	do_ioctl(s->fd, IPCCHAN_IOC_GIVE_BACK, &g);
}

/* With all its structures in that page. */
static void in_info(struct stopper *s)
{
	do_ioctl(s->fd, IPCCHAN_IOC_INFO, s->missing);
}

static void in_attach(struct stopper *s)
{
	do_ioctl(dev_open(O_RDWR), IPCCHAN_IOC_ATTACH, s->missing);
}

static void in_bell(struct stopper *s)
{
	do_ioctl(s->fd, IPCCHAN_IOC_BELL_FD, s->missing);
}

static void in_call(struct stopper *s)
{
	struct ipcchan_call c = {
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
		.request = { .buf = (uintptr_t)s->missing, .len = LEN },
		.reply = { .buf = (uintptr_t)s->there, .len = LEN },
	};

	do_ioctl(s->fd, IPCCHAN_IOC_CALL, &c);
}

static void in_serve(struct stopper *s)
{
	struct ipcchan_serve v = {
		.flags = IPCCHAN_SERVE_NEXT, .timeout_ns = IPCCHAN_WAIT_FOREVER,
		.request = { .buf = (uintptr_t)s->missing, .len = LEN },
	};

	do_ioctl(s->fd, IPCCHAN_IOC_SERVE, &v);
}

static void in_reply(struct stopper *s)
{
	struct ipcchan_serve v = {
		.flags = IPCCHAN_SERVE_REPLY,
		.reply = { .buf = (uintptr_t)s->missing, .len = LEN },
	};
	struct taken t;

	rpc_take(s->fd, &t, 0);
	v.call = t.call;
	do_ioctl(s->fd, IPCCHAN_IOC_SERVE, &v);
}

FIXTURE(stall) {
	int fd;
	pid_t caller;
};

FIXTURE_VARIANT(stall) {
	void (*stop)(struct stopper *s);
	uint32_t kind;
	bool pool;	/* a receiver has one */
};

FIXTURE_VARIANT_ADD(stall, write) { in_write };
FIXTURE_VARIANT_ADD(stall, write_long) { in_write_long };
FIXTURE_VARIANT_ADD(stall, writev) { in_writev };
FIXTURE_VARIANT_ADD(stall, read) { in_read };
FIXTURE_VARIANT_ADD(stall, readv) { in_readv };
FIXTURE_VARIANT_ADD(stall, send_header) { in_send_header };
FIXTURE_VARIANT_ADD(stall, send_payload) { in_send_payload };
FIXTURE_VARIANT_ADD(stall, send_fds) { in_send_fds };
FIXTURE_VARIANT_ADD(stall, send_block) { in_send_block };
FIXTURE_VARIANT_ADD(stall, send_to_pool) { in_send_payload, .pool = true };
FIXTURE_VARIANT_ADD(stall, recv_header) { in_recv_header };
FIXTURE_VARIANT_ADD(stall, recv_payload) { in_recv_payload };
FIXTURE_VARIANT_ADD(stall, recv_fds) { in_recv_fds };
FIXTURE_VARIANT_ADD(stall, recv_place) { in_recv_place };
FIXTURE_VARIANT_ADD(stall, loan) { in_loan };
FIXTURE_VARIANT_ADD(stall, give_back) { in_give_back };
FIXTURE_VARIANT_ADD(stall, info) { in_info };
FIXTURE_VARIANT_ADD(stall, attach) { in_attach };
FIXTURE_VARIANT_ADD(stall, bell) { in_bell };
FIXTURE_VARIANT_ADD(stall, publish) { in_send_payload, IPCCHAN_KIND_BROADCAST };
FIXTURE_VARIANT_ADD(stall, subscriber) { in_recv_payload, IPCCHAN_KIND_BROADCAST };
FIXTURE_VARIANT_ADD(stall, subscriber_place) { in_recv_place, IPCCHAN_KIND_BROADCAST };
FIXTURE_VARIANT_ADD(stall, call) { in_call, IPCCHAN_KIND_RPC };
FIXTURE_VARIANT_ADD(stall, serve) { in_serve, IPCCHAN_KIND_RPC };
FIXTURE_VARIANT_ADD(stall, reply) { in_reply, IPCCHAN_KIND_RPC };

FIXTURE_SETUP(stall)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL, .kind = variant->kind,
		.name = NAME, .max_msg_size = 2 * page_size(),
	};

	if (variant->kind != IPCCHAN_KIND_RPC) {
		a.buf_size = BUF_PAGES * page_size();
		a.options = IPCCHAN_OPT_LOANS | IPCCHAN_OPT_REVOKE;
	}
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->fd = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->fd);
	self->caller = 0;
}

FIXTURE_TEARDOWN(stall)
{
	if (self->caller)
		child_kill(self->caller);
	close(self->fd);
	chan_unlink(NAME);
}

/*
 * Pages of which the second one is missing for good.  Return: the userfaultfd, or -errno,
 * -EOPNOTSUPP where there is none.
 */
static int pages_of(struct stopper *s)
{
	const size_t page = page_size();
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	s->there = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	if (fd < 0)
		return -EOPNOTSUPP;
	if (s->there == MAP_FAILED)
		return -errno;
	memset(s->there, 0, page);
	s->missing = s->there + page;
	reg.range.start = (uintptr_t)s->missing;
	reg.range.len = page;
	if (ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &reg))
		return -errno;
	return fd;
}

/*
 * A process that does it.
 * @uffd: out, what tells that it stops, or -errno
 */
static pid_t start(void (*stop)(struct stopper *s), int *uffd)
{
	int told[2], fd, pidfd;
	pid_t pid;

	if (pipe(told))
		return -errno;
	pid = child_fork();
	if (pid == 0) {
		struct stopper s = { .fd = chan_named(NAME, O_RDWR, 0) };

		fd = pages_of(&s);
		if (write(told[1], &fd, sizeof(fd)) == sizeof(fd) && fd >= 0 && s.fd >= 0 &&
		    raise(SIGSTOP) == 0)
			stop(&s);
		_exit(1);
	}
	close(told[1]);
	*uffd = -EIO;
	if (read(told[0], &fd, sizeof(fd)) == sizeof(fd))
		*uffd = fd;
	close(told[0]);
	if (*uffd < 0 || waitpid(pid, NULL, WUNTRACED) != pid)
		return pid;
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	*uffd = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	return pid;
}

/* Return: whether it is at the missing page now. */
static bool stops(int uffd)
{
	struct pollfd p = { .fd = uffd, .events = POLLIN };
	struct uffd_msg msg;

	return poll(&p, 1, PATIENCE_MS) == 1 && read(uffd, &msg, sizeof(msg)) == sizeof(msg) &&
	       msg.event == UFFD_EVENT_PAGEFAULT;
}

/* Return: how it ended, or -ETIMEDOUT. */
static int ends(pid_t pid)
{
	int i, status = 0;

	for (i = 0; i < PATIENCE_MS / 10; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_SIGNALED;
		sleep_ms(10);
	}
	kill(pid, SIGKILL);
	return -ETIMEDOUT;
}

static void count_one(struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	++*(int *)arg;
}

/* What shows the channel, its endpoints and their blocks. */
static int is_shown(void)
{
	static const uint8_t dumps[] = {
		IPCCHAN_CMD_GET, IPCCHAN_CMD_EP_GET, IPCCHAN_CMD_BUF_GET, IPCCHAN_CMD_LOAN_GET,
	};
	struct genl *g = genl_open();
	struct genl_chan c;
	int ret = g ? genl_get(g, NAME, 0, &c) : -EIO, n = 0;
	unsigned int i;

	for (i = 0; !ret && i < ARRAY_SIZE(dumps); i++)
		ret = genl_each(g, genl_msg(g, dumps[i], NLM_F_DUMP), count_one, &n) < 0;
	if (!ret)
		ret = genl_set_times(g, c.id, true);
	genl_close(g);
	return ret;
}

/* All that others do with the channel.  Return: 0, or the step that failed. */
static int others(uint32_t kind)
{
	int fd = chan_named(NAME, O_RDWR, 0), wr = chan_named(NAME, O_WRONLY, 0);
	struct ipcchan_bell_fd bell = { .fd = eventfd(0, EFD_CLOEXEC) };
	const char *map;
	int64_t at;

	if (fd < 0 || wr < 0 || chan_msgs(fd) < 0)
		return 1;
	if (kind == IPCCHAN_KIND_RPC) {
		if (rpc_call(wr, 1, 1000) != -ETIMEDOUT)
			return 2;
		return is_shown() ? 3 : 0;
	}
	map = map_buf(fd, BUF_PAGES);
	at = loan(fd, 1, IPCCHAN_XFER_NONBLOCK, 0);
	if (!map || at < 0 || !is_ours((volatile char *)map + at) || give_back(fd, at) != 1)
		return 4;
	if (do_ioctl(fd, IPCCHAN_IOC_BELL_FD, &bell))
		return 5;
	if (label_send(wr, 7, 3, 0, IPCCHAN_XFER_NONBLOCK) ||
	    label_recv(fd, NULL, IPCCHAN_XFER_NONBLOCK) < 0)
		return 6;
	if (chan_filter(fd, -1, 1) || !(poll_now(fd, POLLOUT) & POLLOUT))
		return 7;
	if (close(wr) || is_shown())
		return 8;
	return close(fd) ? 9 : 0;
}

/* What whoever stops is to find. */
static void prepare(FIXTURE_DATA(stall) *self, const FIXTURE_VARIANT(stall) *variant)
{
	static char payload[LEN];
	int fds = eventfd(0, EFD_CLOEXEC), i;
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)payload, .len = LEN, .fds = (uintptr_t)&fds, .nr_fds = 1,
	};

	if (variant->kind == IPCCHAN_KIND_RPC) {
		if (variant->stop != in_call)
			self->caller = start_call(self->fd, 1, 0);
	} else {
		if (variant->pool)
			pool(self->fd, BUF_PAGES, IPCCHAN_POOL_BLOCK, 1);
		for (i = 0; i < 3; i++)
			xfer_send(self->fd, &h, 1, IPCCHAN_XFER_NONBLOCK, 0);
	}
	close(fds);
}

TEST_F(stall, others_go_on)
{
	struct ipcchan_info before, after;
	int uffd = -1, ret;
	pid_t pid, other;

	pid = start(variant->stop, &uffd);
	if (uffd == -EOPNOTSUPP) {
		child_kill(pid);
		SKIP(return, "no userfaultfd on this kernel");
	}
	ASSERT_LE(0, uffd);
	ASSERT_EQ(0, chan_info(self->fd, &before));
	prepare(self, variant);
	ASSERT_EQ(0, kill(pid, SIGCONT));
	ASSERT_TRUE(stops(uffd));

	other = child_fork();
	if (other == 0)
		_exit(others(variant->kind));
	EXPECT_EQ(0, ends(other));

	/* Nothing is left of it, whatever it had. */
	ret = kill(pid, SIGKILL);
	EXPECT_EQ(0, ret);
	EXPECT_EQ(CHILD_SIGNALED, ends(pid));
	ASSERT_EQ(0, chan_info(self->fd, &after));
	EXPECT_EQ(before.endpoints - 1, after.endpoints);
	other = child_fork();
	if (other == 0)
		_exit(others(variant->kind));
	EXPECT_EQ(0, ends(other));
	close(uffd);
}

TEST_HARNESS_MAIN
