// SPDX-License-Identifier: GPL-2.0
/* Pools: messages are copied once, to where the receiver reads them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns.h"
#include "param.h"
#include "place.h"
#include "util.h"

#include "harness.h"

#define PAGES	4
#define MS	1000000LL
#define MALLORY	OTHER_ID

/* Sixteen pages, however large they are. */
static char text[1 << 20];

FIXTURE(pool) {
	uint32_t page;
	int fd;		/* sends, and could receive */
	int recv;	/* has the pool */
};

FIXTURE_SETUP(pool)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .max_msg_size = 16 * page_size(), .mode = 0666,
	};

	self->page = page_size();
	self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
	ASSERT_LE(0, self->fd);
	self->recv = chan_peer(self->fd, O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, self->recv);
}

FIXTURE_TEARDOWN(pool)
{
	close(self->fd);
	close(self->recv);
}

/* Send @len bytes of @c.  Return: 0 or -errno. */
static int send_run(int fd, char c, size_t len)
{
	ssize_t ret;

	memset(text, c, len);
	ret = msg_send(fd, text, len);
	return ret == (ssize_t)len ? 0 : ret < 0 ? ret : -EIO;
}

/* Do these @len bytes in the pool say @c? */
static bool is_run(const char *map, int64_t at, char c, size_t len)
{
	const char *got = map + (at - IPCCHAN_POOL_OFFSET);

	return got[0] == c && !memcmp(got, got + 1, len - 1);
}

TEST_F(pool, received_in_place)
{
	struct ipcchan_msghdr h = { 0 };
	const char *map;

	ASSERT_EQ(0, pool(self->recv, PAGES, IPCCHAN_POOL_FAIL, 1));
	map = map_pool(self->recv, PAGES);
	ASSERT_NE(NULL, map);
	ASSERT_EQ(0, send_run(self->fd, 'p', 2 * self->page));
	ASSERT_EQ(0, send_run(self->fd, 'q', 1));
	EXPECT_EQ(-ENOBUFS, send_run(self->fd, 'r', 2 * self->page));
	ASSERT_EQ(1, recv_place(self->recv, &h));
	EXPECT_EQ(2 * self->page, h.len);
	EXPECT_EQ(IPCCHAN_MSG_PLACED, h.flags);
	EXPECT_EQ(getpid(), h.pid);
	ASSERT_EQ(IPCCHAN_POOL_OFFSET, h.buf);
	EXPECT_TRUE(is_run(map, h.buf, 'p', h.len));
	EXPECT_EQ(-ENOENT, give_back(self->fd, h.buf));
	EXPECT_EQ(-ENOBUFS, send_run(self->fd, 'r', 2 * self->page));
	EXPECT_EQ(1, give_back(self->recv, h.buf));
	EXPECT_EQ(0, send_run(self->fd, 'r', 2 * self->page));
	memset(&h, 0, sizeof(h));
	ASSERT_EQ(1, recv_place(self->recv, &h));
	EXPECT_EQ(1, h.len);
	EXPECT_TRUE(is_run(map, h.buf, 'q', 1));
}

/* Short ones, and with this policy those there is no room for, are copied. */
TEST_F(pool, others_are_copied)
{
	static char buf[sizeof(text)];
	struct ipcchan_msghdr h = { .buf = (uintptr_t)buf, .len = sizeof(buf) };

	ASSERT_EQ(0, pool(self->recv, PAGES, IPCCHAN_POOL_COPY, 1000));
	ASSERT_EQ(0, send_run(self->fd, 'a', 999));
	ASSERT_EQ(0, send_run(self->fd, 'b', 5 * self->page));
	ASSERT_EQ(0, send_run(self->fd, 'c', 3 * self->page));
	ASSERT_EQ(0, send_run(self->fd, 'd', 3 * self->page));
	ASSERT_EQ(1, recv_place(self->recv, &h));
	EXPECT_EQ(0, h.flags);
	EXPECT_EQ(999, h.len);
	h.len = 5 * self->page - 1;
	EXPECT_EQ(-EMSGSIZE, recv_place(self->recv, &h));
	EXPECT_EQ(5 * self->page, h.len);
	ASSERT_EQ(1, recv_place(self->recv, &h));
	EXPECT_EQ(0, h.flags);
	EXPECT_EQ('b', buf[5 * self->page - 1]);
	h.len = 0;
	ASSERT_EQ(1, recv_place(self->recv, &h));
	EXPECT_EQ(IPCCHAN_MSG_PLACED, h.flags);
	h = (struct ipcchan_msghdr) { .buf = (uintptr_t)buf, .len = sizeof(buf) };
	ASSERT_EQ(1, recv_place(self->recv, &h));
	EXPECT_EQ(0, h.flags);
	EXPECT_EQ('d', buf[0]);
}

/* Who has no pool receives from it as ever. */
TEST_F(pool, by_another_receiver)
{
	static char buf[sizeof(text)];
	struct ipcchan_msghdr h = { 0 };

	ASSERT_EQ(0, pool(self->recv, PAGES, IPCCHAN_POOL_FAIL, 1));
	ASSERT_EQ(0, send_run(self->fd, 'a', PAGES * self->page));
	EXPECT_EQ(-EMSGSIZE, recv_place(self->fd, &h));
	EXPECT_EQ(PAGES * self->page, h.len);
	ASSERT_EQ(PAGES * self->page, msg_recv(self->fd, buf, sizeof(buf)));
	EXPECT_EQ('a', buf[PAGES * self->page - 1]);
	EXPECT_EQ(0, send_run(self->fd, 'b', PAGES * self->page));
}

/* A receiver that is gone leaves what was sent to the others. */
TEST_F(pool, closed)
{
	static char buf[sizeof(text)];

	ASSERT_EQ(0, pool(self->recv, PAGES, IPCCHAN_POOL_BLOCK, 1));
	ASSERT_EQ(0, send_run(self->fd, 'a', 2 * self->page));
	ASSERT_EQ(0, send_run(self->fd, 'b', 2 * self->page));
	EXPECT_EQ(-EAGAIN, send_run(self->fd, 'c', 1));
	EXPECT_LE(0, recv_block(self->recv));
	close(self->recv);
	EXPECT_EQ(0, send_run(self->fd, 'c', 1));
	EXPECT_EQ(2 * self->page, msg_recv(self->fd, buf, sizeof(buf)));
	EXPECT_EQ('b', buf[0]);
	EXPECT_EQ(1, msg_recv(self->fd, buf, sizeof(buf)));
	self->recv = chan_peer(self->fd, O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(0, pool(self->recv, 1, IPCCHAN_POOL_COPY, 1));
}

/* Return: a child without @recv that sends a byte, waiting, and exits with 0 or the errno. */
static pid_t child_send_one(int fd, int recv)
{
	int peer = chan_peer(fd, O_WRONLY);
	pid_t pid = child_fork();

	if (!pid) {
		close(recv);
		_exit(-send_run(peer, 'w', 1));
	}
	close(peer);
	return wait_blocked(pid, SYS_write) ? pid : -1;
}

TEST_F(pool, senders_wait)
{
	int64_t at;
	pid_t pid;

	ASSERT_EQ(0, pool(self->recv, PAGES, IPCCHAN_POOL_BLOCK, 1));
	ASSERT_EQ(0, send_run(self->fd, 'a', PAGES * self->page));
	at = recv_block(self->recv);
	ASSERT_EQ(IPCCHAN_POOL_OFFSET, at);
	pid = child_send_one(self->fd, self->recv);
	ASSERT_LE(0, pid);
	EXPECT_EQ(0, chan_msgs(self->fd));
	EXPECT_EQ(1, give_back(self->recv, at));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(at, recv_block(self->recv));
}

/* Who waits for a pool that goes sends all the same. */
TEST_F(pool, senders_wait_for_one_that_closes)
{
	char c;
	pid_t pid;

	ASSERT_EQ(0, pool(self->recv, 1, IPCCHAN_POOL_BLOCK, 1));
	ASSERT_EQ(0, send_run(self->fd, 'a', 1));
	pid = child_send_one(self->fd, self->recv);
	ASSERT_LE(0, pid);
	close(self->recv);
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(1, msg_recv(self->fd, &c, 1));
	EXPECT_EQ('a', c);
	EXPECT_EQ(1, msg_recv(self->fd, &c, 1));
	EXPECT_EQ('w', c);
	self->recv = -1;
}

/* A batch sends what there is room for. */
TEST_F(pool, batch)
{
	struct ipcchan_msghdr h[3];
	int i;

	ASSERT_EQ(0, pool(self->recv, 2, IPCCHAN_POOL_BLOCK, 1));
	for (i = 0; i < 3; i++)
		h[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)text, .len = 1 };
	EXPECT_EQ(2, xfer_send(self->fd, h, 3, 0, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(-EAGAIN, xfer_send(self->fd, h, 3, 0, IPCCHAN_WAIT_FOREVER));
	memset(h, 0, sizeof(h));
	EXPECT_EQ(2, xfer_recv(self->recv, h, 3, IPCCHAN_XFER_PLACE, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(IPCCHAN_POOL_OFFSET + self->page, h[1].buf);
}

TEST_F(pool, polled)
{
	int64_t at;

	ASSERT_EQ(0, pool(self->recv, 16, IPCCHAN_POOL_BLOCK, 1));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, POLLOUT));
	ASSERT_EQ(0, send_run(self->fd, 'a', 1));
	/* not every message would fit */
	EXPECT_EQ(0, poll_now(self->fd, POLLOUT));
	at = recv_block(self->recv);
	EXPECT_EQ(0, poll_now(self->fd, POLLOUT));
	EXPECT_EQ(1, give_back(self->recv, at));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, POLLOUT));
}

/* Return: a child without @recv that polls for room, and exits with 0 when there is. */
static pid_t child_poll(int fd, int recv)
{
	pid_t pid = child_fork();

	if (!pid) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		close(recv);
		_exit(ppoll(&p, 1, NULL, NULL) == 1 ? 0 : 1);
	}
	return wait_blocked(pid, SYS_ppoll) ? pid : -1;
}

/* Who polls is told when there is room. */
TEST_F(pool, poll_is_told)
{
	int64_t at;
	pid_t pid;

	ASSERT_EQ(0, pool(self->recv, 16, IPCCHAN_POOL_BLOCK, 1));
	ASSERT_EQ(0, send_run(self->fd, 'a', 1));
	at = recv_block(self->recv);
	pid = child_poll(self->fd, self->recv);
	ASSERT_LE(0, pid);
	EXPECT_EQ(1, give_back(self->recv, at));
	EXPECT_EQ(0, child_wait(pid));
}

/* And when the pool that had none is gone. */
TEST_F(pool, poll_is_told_of_its_end)
{
	pid_t pid;

	ASSERT_EQ(0, pool(self->recv, 16, IPCCHAN_POOL_BLOCK, 1));
	ASSERT_EQ(0, send_run(self->fd, 'a', 1));
	pid = child_poll(self->fd, self->recv);
	ASSERT_LE(0, pid);
	close(self->recv);
	EXPECT_EQ(0, child_wait(pid));
	self->recv = -1;
}

/* No write, ever; no more than there is; nothing for who has none. */
TEST_F(pool, mapped)
{
	size_t size = PAGES * self->page;
	char *map;
	int both = chan_peer(self->fd, O_RDWR);

	EXPECT_EQ(NULL, map_pool(self->recv, PAGES));
	EXPECT_EQ(ENODEV, errno);
	close(self->recv);
	self->recv = both;
	ASSERT_EQ(0, pool(both, PAGES, IPCCHAN_POOL_COPY, 1));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, both,
				   IPCCHAN_POOL_OFFSET));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(NULL, map_pool(both, PAGES + 1));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, size, PROT_READ, MAP_SHARED, both,
				   2 * IPCCHAN_POOL_OFFSET));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(NULL, map_pool(self->fd, PAGES));
	map = (char *)map_pool(both, PAGES);
	ASSERT_NE(NULL, map);
	EXPECT_EQ(-1, mprotect(map, size, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	/* the part from the third page on */
	map = mmap(NULL, self->page, PROT_READ, MAP_SHARED, both,
		   IPCCHAN_POOL_OFFSET + 2 * self->page);
	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, send_run(self->fd, 'x', 3 * self->page));
	EXPECT_EQ('x', map[self->page - 1]);
}

/* A mapping goes on when all else is gone. */
TEST_F(pool, mapping_stays)
{
	const char *map;

	ASSERT_EQ(0, pool(self->recv, PAGES, IPCCHAN_POOL_COPY, 1));
	map = map_pool(self->recv, PAGES);
	ASSERT_EQ(0, send_run(self->fd, 'm', 1));
	close(self->recv);
	close(self->fd);
	EXPECT_EQ('m', map[0]);
	self->fd = -1;
	self->recv = -1;
}

TEST_F(pool, refused)
{
	struct ipcchan_attach broadcast = { .kind = IPCCHAN_KIND_BROADCAST };
	struct ipcchan_pool p = { .size = 1, .reserved = 1 };
	int fd = dev_open(O_RDWR);

	EXPECT_EQ(-ENOTCONN, pool(fd, 1, 0, 1));
	close(fd);
	EXPECT_EQ(-EINVAL, do_ioctl(self->recv, IPCCHAN_IOC_POOL, &p));
	EXPECT_EQ(-EFAULT, do_ioctl(self->recv, IPCCHAN_IOC_POOL, NULL));
	EXPECT_EQ(-EINVAL, pool(self->recv, 0, 0, 1));
	EXPECT_EQ(-EINVAL, pool(self->recv, 1, IPCCHAN_POOL_FAIL + 1, 1));
	EXPECT_EQ(-EINVAL, pool(self->recv, UINT32_MAX, 0, 1));
	fd = chan_peer(self->fd, O_WRONLY);
	EXPECT_EQ(-EBADF, pool(fd, 1, 0, 1));
	close(fd);
	fd = chan_anon(&broadcast);
	EXPECT_EQ(-EOPNOTSUPP, pool(fd, 1, 0, 1));
	close(fd);
	ASSERT_EQ(0, pool(self->recv, 1, 0, 1));
	EXPECT_EQ(-EBUSY, pool(self->recv, 1, 0, 1));
	EXPECT_EQ(-EBUSY, pool(self->fd, 1, 0, 1));
	/* what is in a pool is not sent on */
	fd = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	close(self->recv);
	self->recv = fd;
	ASSERT_EQ(0, pool(fd, 1, 0, 1));
	ASSERT_EQ(0, send_run(self->fd, 'x', 1));
	ASSERT_EQ(IPCCHAN_POOL_OFFSET, recv_block(fd));
	EXPECT_EQ(-EINVAL, send_block(fd, IPCCHAN_POOL_OFFSET, 1));
	EXPECT_EQ(1, give_back(fd, IPCCHAN_POOL_OFFSET));
}

static int send_pages(const void *arg)
{
	const int *fd = arg;
	int n;

	for (n = 0; n < 100; n++) {
		int ret = msg_send(*fd, text, 1);

		if (ret < 0)
			return ret == -EDQUOT ? -n : -100;
	}
	return -101;
}

/* One user cannot fill the pool that others send into. */
TEST_F(pool, share)
{
	ASSERT_EQ(0, pool(self->recv, 8, IPCCHAN_POOL_BLOCK, 1));
	EXPECT_EQ(-4, as_user(MALLORY, MALLORY, send_pages, &self->fd));
	EXPECT_EQ(-2, as_user(MALLORY + 1, MALLORY + 1, send_pages, &self->fd));
	EXPECT_EQ(0, send_run(self->fd, 'o', 1));
	/* what was received is the receiver's */
	EXPECT_LE(0, recv_block(self->recv));
	EXPECT_LE(0, recv_block(self->recv));
	EXPECT_LE(0, recv_block(self->recv));
	EXPECT_LE(0, recv_block(self->recv));
	EXPECT_EQ(-1, as_user(MALLORY, MALLORY, send_pages, &self->fd));
}

static int send_one(const void *arg)
{
	const int *fd = arg;
	int ret = msg_send(*fd, text, 1);

	return ret < 0 ? ret : 0;
}

/* A user who waits for his share is in nobody else's way, nor are those who poll for it. */
TEST_F(pool, share_of_one_who_waits)
{
	pid_t pid;

	ASSERT_EQ(0, pool(self->recv, 32, IPCCHAN_POOL_BLOCK, 1));
	EXPECT_EQ(-16, as_user(MALLORY, MALLORY, send_pages, &self->fd));
	EXPECT_EQ(0, set_nonblock(self->fd, false));
	pid = sender_as(MALLORY, self->fd, 1, 0, 4);
	ASSERT_LE(0, pid);
	EXPECT_EQ(0, set_nonblock(self->fd, true));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, POLLOUT));
	EXPECT_EQ(0, as_user(MALLORY + 1, MALLORY + 1, send_one, &self->fd));
	EXPECT_EQ(0, send_run(self->fd, 'o', 1));
	child_kill(pid);
}

static int recv_two(const void *arg)
{
	const int *fd = arg;
	int64_t first = recv_block(*fd), second = recv_block(*fd);

	return first < 0 ? first : second < 0 ? second : 0;
}

/* Whoever receives, what is in the pool is its owner's. */
TEST_F(pool, received_by_another_user)
{
	ASSERT_EQ(0, pool(self->recv, 2, IPCCHAN_POOL_BLOCK, 1));
	ASSERT_EQ(0, send_run(self->fd, 'a', self->page));
	ASSERT_EQ(0, send_run(self->fd, 'b', self->page));
	ASSERT_LE(0, as_user(MALLORY, MALLORY, recv_two, &self->recv));
}

static int too_large(const void *arg)
{
	const int *fd = arg;

	return pool(*fd, 65536, IPCCHAN_POOL_COPY, 1);
}

/* It counts as a buffer of its user. */
TEST_F(pool, quota)
{
	ASSERT_EQ(0, pool(self->recv, 1, IPCCHAN_POOL_COPY, 1));
	close(self->recv);
	self->recv = chan_peer(self->fd, O_RDONLY | O_NONBLOCK);
	ASSERT_EQ(0, param_set("user_buffers", 100000));
	EXPECT_EQ(-EDQUOT, as_user(MALLORY, MALLORY, too_large, &self->recv));
	param_restore();
}

TEST_HARNESS_MAIN
