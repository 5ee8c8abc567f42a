// SPDX-License-Identifier: GPL-2.0
/*
 * An attacker against mode bits: every operation, on channels of every mode, through every
 * role, as owner, as one of the group and as another; and through descriptors of others.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ns.h"
#include "place.h"
#include "rpc.h"
#include "uring.h"
#include "util.h"

#include "harness.h"

#define USER		OTHER_ID
#define ROLE_BOTH	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)
#define VALUE		0x5ec4e7
#define PAGES		8
#define MESSAGES	64
#define CANNOT		2	/* be tried here */

/* Channels: MESSAGES of VALUE are in the first one, blocks in the second one. */
enum { QUEUE, LOANS, CALLS, NEWS, CHANS };

static const char *const names[] = {
	[QUEUE] = "queue", [LOANS] = "loans", [CALLS] = "calls", [NEWS] = "news",
};

/* What an operation needs: roles, any one of them, or nobody is to do it. */
#define SEND	IPCCHAN_ROLE_SEND
#define RECV	IPCCHAN_ROLE_RECV
#define ANY	4
#define NONE	8

/* Return: 1 when it is done, 0 when it is refused, -errno when something else is wrong. */
static int verdict(long ret)
{
	if (ret >= 0)
		return 1;
	return ret == -EBADF || ret == -EACCES || ret == -EPERM ? 0 : ret;
}

/* Not to wait for anything comes after the look at who asks. */
static int verdict_waits(long ret, int waits)
{
	return ret == waits ? 1 : verdict(ret);
}

static int op_read(int fd)
{
	int64_t ret = msg_recv_u32(fd);

	return ret >= 0 && ret != VALUE ? -EBADMSG : verdict(ret);
}

static int op_write(int fd)
{
	return verdict(msg_send_u32(fd, VALUE));
}

static int op_recv(int fd)
{
	int64_t ret = label_recv(fd, NULL, IPCCHAN_XFER_NONBLOCK);

	return ret >= 0 && ret != VALUE ? -EBADMSG : verdict(ret);
}

static int op_send(int fd)
{
	return verdict(label_send(fd, VALUE, 1, 2, IPCCHAN_XFER_NONBLOCK));
}

static int op_length(int fd)
{
	return verdict(chan_next(fd));
}

static int op_filter(int fd)
{
	return verdict(chan_filter(fd, -1, 0));
}

static int op_poll_in(int fd)
{
	return !!(poll_now(fd, POLLIN | POLLOUT) & POLLIN);
}

static int op_poll_out(int fd)
{
	return !!(poll_now(fd, POLLIN | POLLOUT) & POLLOUT);
}

static int op_splice(int fd)
{
	int ret, p[2];

	if (pipe(p))
		return -errno;
	ret = splice(fd, NULL, p[1], NULL, 4096, 0) < 0 ? -errno : 0;
	close(p[0]);
	close(p[1]);
	return verdict(ret);
}

static int op_pool(int fd)
{
	return verdict(pool(fd, 1, IPCCHAN_POOL_COPY, 1));
}

/* There may be no io_uring to be had. */
static int uring_rw(int fd, uint8_t op)
{
	uint32_t value = VALUE;
	struct io_uring_sqe sqe = {
		.opcode = op, .fd = fd, .addr = (uintptr_t)&value, .len = sizeof(value),
	};
	struct io_uring_cqe cqe;
	struct uring ring;
	int ret;

	if (uring_open(&ring))
		return CANNOT;
	ret = uring_submit(&ring, &sqe);
	if (!ret)
		ret = uring_wait(&ring, &cqe);
	if (!ret)
		ret = cqe.res;
	uring_close(&ring);
	return verdict(ret);
}

static int op_uring_read(int fd)
{
	return uring_rw(fd, IORING_OP_READ);
}

static int op_uring_write(int fd)
{
	return uring_rw(fd, IORING_OP_WRITE);
}

static int op_loan(int fd)
{
	return verdict(loan(fd, 1, IPCCHAN_XFER_NONBLOCK, 0));
}

static int op_place(int fd)
{
	return verdict(recv_block(fd));
}

/* Map it, make it more than that if @later, and write it. */
static int map_and_write(int fd, int prot, int flags, int later)
{
	const size_t size = PAGES * page_size();
	volatile char *map = mmap(NULL, size, prot, flags, fd, 0);
	int ret = 0;

	if (map == MAP_FAILED)
		return verdict(errno == EINVAL && flags & MAP_PRIVATE ? -EACCES : -errno);
	if (later && mprotect((char *)map, size, later))
		ret = -errno;
	else if ((prot | later) & PROT_WRITE)
		map[size - 1] = 'w';
	else
		(void)map[size - 1];
	munmap((char *)map, size);
	return verdict(ret);
}

static int op_map_read(int fd)
{
	return map_and_write(fd, PROT_READ, MAP_SHARED, 0);
}

static int op_map_write(int fd)
{
	return map_and_write(fd, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
}

static int op_mprotect(int fd)
{
	return map_and_write(fd, PROT_READ, MAP_SHARED, PROT_READ | PROT_WRITE);
}

static int op_map_private(int fd)
{
	return map_and_write(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
}

static int op_mprotect_private(int fd)
{
	return map_and_write(fd, PROT_READ, MAP_PRIVATE, PROT_READ | PROT_WRITE);
}

/* As a debugger does, what the mapping itself does not allow. */
static int op_mem(int fd)
{
	char *map = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0);
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC), ret;

	if (map == MAP_FAILED)
		return -errno;
	ret = pwrite(mem, "m", 1, (uintptr_t)map) == 1;
	close(mem);
	munmap(map, page_size());
	return ret;
}

static int op_wait(int fd)
{
	struct ipcchan_wait w = { .expected = VALUE, .timeout_ns = 0 };

	return verdict_waits(do_ioctl(fd, IPCCHAN_IOC_WAIT, &w), -EAGAIN);
}

static int op_wake(int fd)
{
	struct ipcchan_wake w = { .count = 1 };

	return verdict(do_ioctl(fd, IPCCHAN_IOC_WAKE, &w));
}

static int op_watch(int fd)
{
	struct ipcchan_watch w = { .expected = VALUE };

	return verdict(do_ioctl(fd, IPCCHAN_IOC_WATCH, &w));
}

static int op_bell(int fd)
{
	struct ipcchan_bell_fd b = { .fd = eventfd(0, EFD_CLOEXEC) };
	int ret = verdict(do_ioctl(fd, IPCCHAN_IOC_BELL_FD, &b));

	close(b.fd);
	return ret;
}

static int op_report(int fd)
{
	struct ipcchan_report r = { .offset = 0 };

	return verdict(do_ioctl(fd, IPCCHAN_IOC_REPORT, &r));
}

static int lock_as(int fd, int cmd, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };

	return verdict(fcntl(fd, cmd, &l) ? -errno : 0);
}

static int op_lock(int fd)
{
	int ret = lock_as(fd, F_OFD_SETLK, F_WRLCK);

	return ret == lock_as(fd, F_OFD_SETLK, F_UNLCK) ? ret : -EIO;
}

static int op_lock_told(int fd)
{
	return lock_as(fd, F_OFD_GETLK, F_WRLCK);
}

static int op_call(int fd)
{
	return verdict_waits(rpc_call(fd, 1, 1000), -ETIMEDOUT);
}

static int op_serve(int fd)
{
	struct taken t;

	return verdict_waits(rpc_take(fd, &t, IPCCHAN_SERVE_NONBLOCK), -EAGAIN);
}

static int op_reply(int fd)
{
	return verdict_waits(rpc_reply(fd, 1, 1), -ENOENT);
}

static int op_hear(int fd)
{
	return verdict_waits(label_recv(fd, NULL, IPCCHAN_XFER_NONBLOCK), -EAGAIN);
}

static int op_info(int fd)
{
	struct ipcchan_info info;

	return verdict(chan_info(fd, &info));
}

/* With the rights of who asks, not those of the descriptor. */
static int op_peer(int fd)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_FD, .fd = fd };
	struct ipcchan_info info;
	int peer = chan_info(fd, &info);

	a.role = info.role;
	if (!peer)
		peer = chan_open(O_RDWR, &a);
	close(peer);
	return verdict(peer);
}

/* A name in /proc leads to the device, not to the channel. */
static int op_reopen(int fd)
{
	struct ipcchan_info info;
	char path[64];
	int again, ret;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDWR | O_CLOEXEC);
	if (again < 0)
		return verdict(-errno);
	ret = chan_info(again, &info) == -ENOTCONN ? 0 : 1;
	close(again);
	return ret;
}

static int op_unlink(int fd)
{
	struct ipcchan_unlink u = { 0 };

	strcpy(u.name, names[QUEUE]);
	return verdict(do_ioctl(fd, IPCCHAN_IOC_UNLINK, &u));
}

static const struct op {
	const char *name;
	int (*try)(int fd);
	unsigned int need;
	unsigned int chan;
} ops[] = {
	{ "read()", op_read, RECV, QUEUE },
	{ "write()", op_write, SEND, QUEUE },
	{ "RECV", op_recv, RECV, QUEUE },
	{ "SEND", op_send, SEND, QUEUE },
	{ "FIONREAD", op_length, RECV, QUEUE },
	{ "FILTER", op_filter, RECV, QUEUE },
	{ "POLLIN", op_poll_in, RECV, QUEUE },
	{ "POLLOUT", op_poll_out, SEND, QUEUE },
	{ "splice()", op_splice, RECV, QUEUE },
	{ "POOL", op_pool, RECV, QUEUE },
	{ "io_uring's read", op_uring_read, RECV, QUEUE },
	{ "io_uring's write", op_uring_write, SEND, QUEUE },
	{ "INFO", op_info, ANY, QUEUE },
	{ "ATTACH_FD", op_peer, ANY, QUEUE },
	{ "open() by /proc", op_reopen, NONE, QUEUE },
	{ "UNLINK", op_unlink, NONE, QUEUE },
	{ "LOAN", op_loan, SEND, LOANS },
	{ "RECV of a block", op_place, RECV, LOANS },
	{ "mmap()", op_map_read, ANY, LOANS },
	{ "mmap() to write", op_map_write, SEND, LOANS },
	{ "mprotect()", op_mprotect, SEND, LOANS },
	{ "mmap() of a copy to write", op_map_private, NONE, LOANS },
	{ "mprotect() of a copy", op_mprotect_private, NONE, LOANS },
	{ "/proc/PID/mem", op_mem, NONE, LOANS },
	{ "WAIT", op_wait, ANY, LOANS },
	{ "WAKE", op_wake, SEND, LOANS },
	{ "WATCH", op_watch, ANY, LOANS },
	{ "BELL_FD", op_bell, ANY, LOANS },
	{ "REPORT", op_report, ANY, LOANS },
	{ "F_SETLK", op_lock, SEND, LOANS },
	{ "F_GETLK", op_lock_told, SEND, LOANS },
	{ "CALL", op_call, SEND, CALLS },
	{ "SERVE", op_serve, RECV, CALLS },
	{ "SERVE to reply", op_reply, RECV, CALLS },
	{ "RECV as a subscriber", op_hear, RECV, NEWS },
	{ "SEND to subscribers", op_send, SEND, NEWS },
};

static bool suffices(unsigned int need, unsigned int roles)
{
	return need == ANY ? roles : !(need & ~roles);
}

/* What an attacker is to try: 4 * the number of the operation + the role is what failed. */
struct attack {
	unsigned int may;	/* roles, by mode */
	bool owner;
	const int *fd;		/* by role and channel, of the owner's; or NULL */
};

static int odd(unsigned int i, unsigned int role, int ret)
{
	fprintf(stderr, "# %s with role %u: %d\n", ops[i].name, role, ret);
	return -(int)(4 * i + role);
}

/* Return: 0, or what failed. */
static int try_role(const struct attack *a, unsigned int i, unsigned int role)
{
	struct ipcchan_attach attach = { .role = role };
	int fd, ret;

	/* That an owner may. */
	if (a->owner && ops[i].try == op_unlink)
		return 0;
	strcpy(attach.name, names[ops[i].chan]);
	fd = chan_open(O_RDWR, &attach);
	if (suffices(role, a->may) ? fd < 0 : fd != -EACCES)
		return odd(i, role, fd);
	if (fd < 0)
		return 0;
	ret = ops[i].try(fd);
	close(fd);
	return ret == suffices(ops[i].need, role) || ret == CANNOT ? 0 : odd(i, role, ret);
}

static int try_all(const void *arg)
{
	const struct attack *a = arg;
	unsigned int i, role;
	int ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(ops); i++) {
		for (role = 1; !ret && role <= ROLE_BOTH; role++)
			ret = try_role(a, i, role);
	}
	return ret;
}

/* With descriptors that the owner has attached: each has its role, and gives no other. */
static int try_given(const void *arg)
{
	const struct attack *a = arg;
	unsigned int i, role;
	int ret = 0, done;

	for (i = 0; !ret && i < ARRAY_SIZE(ops); i++) {
		for (role = 1; !ret && role <= ROLE_BOTH; role++) {
			/* A channel has one. */
			if (ops[i].try == op_pool && role == ROLE_BOTH)
				continue;
			done = ops[i].try(a->fd[4 * ops[i].chan + role]);
			if (done != (ops[i].try != op_peer && suffices(ops[i].need, role)) &&
			    done != CANNOT)
				ret = odd(i, role, done);
		}
	}
	return ret;
}

FIXTURE(attack) {
	int fd[4 * CHANS];	/* by channel and role */
};

FIXTURE_SETUP(attack)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	memset(self->fd, -1, sizeof(self->fd));
}

FIXTURE_TEARDOWN(attack)
{
	int i;

	for (i = 0; i < 4 * CHANS; i++)
		close(self->fd[i]);
}

static int create(const char *name, uint32_t kind, uint32_t mode)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL, .kind = kind,
		.mode = mode, .role = SEND,
	};

	strcpy(a.name, name);
	if (name == names[LOANS]) {
		a.buf_size = PAGES * page_size();
		a.options = IPCCHAN_OPT_LOANS;
	}
	return chan_open(O_RDWR, &a);
}

/* Four channels, and what is in them.  Return: 0 or -errno. */
static int populate(uint32_t mode)
{
	int fd = create(names[QUEUE], IPCCHAN_KIND_QUEUE, mode), i;

	for (i = 0; fd >= 0 && i < MESSAGES; i++) {
		if (msg_send_u32(fd, VALUE))
			return -EIO;
	}
	close(fd);
	fd = create(names[LOANS], IPCCHAN_KIND_QUEUE, mode);
	for (i = 0; fd >= 0 && i < 2; i++) {
		if (send_block(fd, loan(fd, 1, 0, 0), 1) != 1)
			return -EIO;
	}
	close(fd);
	close(create(names[NEWS], IPCCHAN_KIND_BROADCAST, mode));
	fd = create(names[CALLS], IPCCHAN_KIND_RPC, mode);
	close(fd);
	return fd < 0 ? fd : 0;
}

static int populate_as(const void *mode)
{
	return populate(*(const uint32_t *)mode);
}

static void depopulate(void)
{
	int i;

	for (i = 0; i < CHANS; i++)
		chan_unlink(names[i]);
}

/* Bits of one class as roles. */
static unsigned int roles_of(uint32_t bits)
{
	return (bits & 4 ? RECV : 0) | (bits & 2 ? SEND : 0);
}

/* The others' bits decide, and neither the owner's, nor the group's, nor that to execute. */
TEST_F(attack, others)
{
	uint32_t bits;

	for (bits = 0; bits < 8; bits++) {
		struct attack a = { .may = roles_of(bits) };

		ASSERT_EQ(0, populate(0770 | bits));
		EXPECT_EQ(0, as_user(USER, USER, try_all, &a)) TH_LOG("mode %o", 0770 | bits);
		depopulate();
	}
}

/* Those of the group do for who is in it, be the others' more or less. */
TEST_F(attack, group)
{
	uint32_t bits, mode;

	for (bits = 0; bits < 8; bits += 2) {
		struct attack a = { .may = roles_of(bits) };

		mode = 0700 | bits << 3 | (~bits & 7);
		ASSERT_EQ(0, setegid(USER));
		ASSERT_EQ(0, populate(mode));
		ASSERT_EQ(0, setegid(0));
		EXPECT_EQ(0, as_user(USER, USER, try_all, &a)) TH_LOG("mode %o", mode);
		depopulate();
	}
}

/* Those of the owner do for the owner, whatever the rest may. */
TEST_F(attack, owner)
{
	uint32_t bits, mode;

	for (bits = 0; bits < 8; bits += 2) {
		struct attack a = { .may = roles_of(bits), .owner = true };

		mode = bits << 6 | 0077;
		ASSERT_EQ(0, as_user(USER, USER, populate_as, &mode));
		EXPECT_EQ(0, as_user(USER, USER, try_all, &a)) TH_LOG("mode %o", mode);
		depopulate();
	}
}

/* A descriptor is a right that stays, when its process becomes another user, and no more. */
TEST_F(attack, descriptors_of_the_owner)
{
	struct ipcchan_attach attach = { 0 };
	struct attack a = { .fd = self->fd };
	unsigned int i, role;

	ASSERT_EQ(0, populate(0600));
	for (i = 0; i < CHANS; i++) {
		strcpy(attach.name, names[i]);
		for (role = 1; role <= ROLE_BOTH; role++) {
			attach.role = role;
			self->fd[4 * i + role] = chan_open(O_RDWR | O_NONBLOCK, &attach);
			ASSERT_LE(0, self->fd[4 * i + role]);
		}
	}
	EXPECT_EQ(0, as_user(USER, USER, try_given, &a));
	depopulate();
}

TEST_HARNESS_MAIN
