// SPDX-License-Identifier: GPL-2.0
/* io_uring: reads and writes that do not hold up the ring, batches as commands. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ns.h"
#include "place.h"
#include "uring.h"
#include "util.h"

#include "harness.h"

#define CANCEL_ID	99

FIXTURE(uring) {
	struct uring ring;
	struct ipcchan_msghdr h[4];
	uint32_t value[4];
	bool has_ring, has_cmd;
	int fd;		/* room for two messages */
	int nb;		/* another endpoint, that does not wait */
};

FIXTURE_SETUP(uring)
{
	struct ipcchan_attach limits = { .max_msgs = 2, .mode = 0666 };
	struct ipcchan_query q = { 0 };
	int i;

	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->nb = chan_peer(self->fd, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->nb);
	for (i = 0; i < 4; i++) {
		self->value[i] = i + 1;
		self->h[i] = (struct ipcchan_msghdr) {
			.buf = (uintptr_t)&self->value[i], .len = 4,
		};
	}
	ASSERT_EQ(0, do_ioctl(self->fd, IPCCHAN_IOC_QUERY, &q));
	self->has_ring = uring_open(&self->ring) == 0;
	self->has_cmd = self->has_ring && q.features & IPCCHAN_FEAT_URING_CMD;
}

FIXTURE_TEARDOWN(uring)
{
	if (self->has_ring)
		uring_close(&self->ring);
	close(self->nb);
	close(self->fd);
}

#define NO_RING	"no io_uring on this kernel"
#define NO_CMD	"no IORING_OP_URING_CMD on this kernel"

/* Read or write @len bytes at self->value[@i]. */
static int submit_rw(FIXTURE_DATA(uring) *self, int fd, uint8_t op, int i, uint32_t len)
{
	struct io_uring_sqe sqe = {
		.opcode = op, .fd = fd, .addr = (uintptr_t)&self->value[i], .len = len,
		.user_data = i,
	};

	return uring_submit(&self->ring, &sqe);
}

static int submit_cancel(FIXTURE_DATA(uring) *self, uint64_t id)
{
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_ASYNC_CANCEL, .fd = -1, .addr = id, .user_data = CANCEL_ID,
	};

	return uring_submit(&self->ring, &sqe);
}

static int submit_cmd(struct uring *ring, int fd, uint32_t cmd, const void *arg)
{
	struct io_uring_sqe sqe = uring_cmd(fd, cmd, arg);

	return uring_submit(ring, &sqe);
}

static struct ipcchan_xfer xfer_of(struct ipcchan_msghdr *h, uint32_t count, int64_t timeout_ns)
{
	return (struct ipcchan_xfer) {
		.msgs = (uintptr_t)h, .count = count, .timeout_ns = timeout_ns,
	};
}

/* The outcome of the next request that is completed; that of a cancellation is skipped. */
static int outcome(struct uring *ring)
{
	struct io_uring_cqe cqe;
	int ret;

	do {
		ret = uring_wait(ring, &cqe);
	} while (!ret && cqe.user_data == CANCEL_ID);
	return ret ? -ENODATA : cqe.res;
}

/* How many threads this process has: the kernel's workers for the ring are some. */
static int threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = -2;

	while (dir && readdir(dir))
		n++;
	closedir(dir);
	return n;
}

TEST_F(uring, at_once)
{
	if (!self->has_ring)
		SKIP(return, NO_RING);
	ASSERT_EQ(0, submit_rw(self, self->fd, IORING_OP_WRITE, 2, 4));
	EXPECT_EQ(4, outcome(&self->ring));
	EXPECT_EQ(1, chan_msgs(self->fd));
	ASSERT_EQ(0, submit_rw(self, self->fd, IORING_OP_READ, 0, 2));
	EXPECT_EQ(-EMSGSIZE, outcome(&self->ring));
	ASSERT_EQ(0, submit_rw(self, self->fd, IORING_OP_READ, 0, 4));
	EXPECT_EQ(4, outcome(&self->ring));
	EXPECT_EQ(3, self->value[0]);
	EXPECT_EQ(0, chan_msgs(self->fd));
	EXPECT_EQ(1, threads());
}

/* Neither the submitter waits nor, in its place, a thread. */
TEST_F(uring, read_waits)
{
	struct io_uring_cqe cqe;
	int i;

	if (!self->has_ring)
		SKIP(return, NO_RING);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, submit_rw(self, self->fd, IORING_OP_READ, 0, 4));
		EXPECT_FALSE(uring_done(&self->ring, &cqe));
		EXPECT_EQ(1, threads());
		ASSERT_EQ(0, msg_send_u32(self->nb, 70 + i));
		EXPECT_EQ(4, outcome(&self->ring));
		EXPECT_EQ(70 + i, self->value[0]);
	}
	EXPECT_EQ(0, chan_msgs(self->fd));
}

TEST_F(uring, write_waits)
{
	struct io_uring_cqe cqe;
	int i;

	if (!self->has_ring)
		SKIP(return, NO_RING);
	ASSERT_EQ(0, msg_send_u32(self->nb, 50));
	ASSERT_EQ(0, msg_send_u32(self->nb, 51));
	for (i = 0; i < 3; i++) {
		self->value[0] = 52 + i;
		ASSERT_EQ(0, submit_rw(self, self->fd, IORING_OP_WRITE, 0, 4));
		EXPECT_FALSE(uring_done(&self->ring, &cqe));
		EXPECT_EQ(1, threads());
		EXPECT_EQ(50 + i, msg_recv_u32(self->nb));
		EXPECT_EQ(4, outcome(&self->ring));
	}
	EXPECT_EQ(53, msg_recv_u32(self->nb));
	EXPECT_EQ(54, msg_recv_u32(self->nb));
}

/* What is cancelled takes no message. */
TEST_F(uring, cancelled)
{
	if (!self->has_ring)
		SKIP(return, NO_RING);
	ASSERT_EQ(0, submit_rw(self, self->fd, IORING_OP_READ, 3, 4));
	ASSERT_EQ(0, submit_cancel(self, 3));
	EXPECT_EQ(-ECANCELED, outcome(&self->ring));
	ASSERT_EQ(0, msg_send_u32(self->nb, 7));
	EXPECT_EQ(1, chan_msgs(self->fd));
	EXPECT_EQ(7, msg_recv_u32(self->nb));
}

TEST_F(uring, process_ends)
{
	pid_t pid;

	if (!self->has_ring)
		SKIP(return, NO_RING);
	pid = child_fork();
	if (pid == 0) {
		struct uring own;

		_exit(uring_open(&own) || submit_rw(self, self->fd, IORING_OP_READ, 0, 4));
	}
	EXPECT_EQ(0, child_wait(pid));
	ASSERT_EQ(0, msg_send_u32(self->nb, 7));
	EXPECT_EQ(7, msg_recv_u32(self->nb));
}

TEST_F(uring, poll)
{
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_POLL_ADD, .fd = self->fd, .poll_events = POLLIN,
	};
	struct io_uring_cqe cqe;

	if (!self->has_ring)
		SKIP(return, NO_RING);
	ASSERT_EQ(0, uring_submit(&self->ring, &sqe));
	EXPECT_FALSE(uring_done(&self->ring, &cqe));
	ASSERT_EQ(0, msg_send_u32(self->nb, 7));
	EXPECT_EQ(POLLIN, outcome(&self->ring));
	EXPECT_EQ(7, msg_recv_u32(self->nb));
}

TEST_F(uring, batch)
{
	struct ipcchan_xfer two = xfer_of(self->h, 2, -1), four = xfer_of(self->h, 4, -1);

	if (!self->has_cmd)
		SKIP(return, NO_CMD);
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_SEND, &two));
	EXPECT_EQ(2, outcome(&self->ring));
	memset(self->value, 0, sizeof(self->value));
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_RECV, &four));
	EXPECT_EQ(2, outcome(&self->ring));
	EXPECT_EQ(1, self->value[0]);
	EXPECT_EQ(2, self->value[1]);
	EXPECT_EQ(getpid(), self->h[0].pid);
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/* To subscribers, of which one is slow. */
TEST_F(uring, batch_broadcast)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST, .max_msgs = 2,
	};
	struct ipcchan_xfer four = xfer_of(self->h, 4, -1), two = xfer_of(self->h + 2, 2, -1);
	int wr, sub, i;

	if (!self->has_cmd)
		SKIP(return, NO_CMD);
	wr = chan_open(O_WRONLY, &a);
	sub = chan_peer(wr, O_RDONLY);
	ASSERT_LE(0, sub);
	/* What has room is sent at once. */
	ASSERT_EQ(0, submit_cmd(&self->ring, wr, IPCCHAN_IOC_SEND, &four));
	EXPECT_EQ(2, outcome(&self->ring));
	EXPECT_EQ(2, chan_msgs(sub));
	/* The rest waits, and does not hold up the ring. */
	ASSERT_EQ(0, submit_cmd(&self->ring, wr, IPCCHAN_IOC_SEND, &two));
	for (i = 1; i <= 4; i++)
		EXPECT_EQ(i, msg_recv_u32(sub));
	EXPECT_EQ(2, outcome(&self->ring));
	close(sub);
	close(wr);
}

TEST_F(uring, batch_waits)
{
	struct ipcchan_xfer two = xfer_of(self->h, 2, -1), four = xfer_of(self->h, 4, -1);
	struct io_uring_cqe cqe;
	int i;

	if (!self->has_cmd)
		SKIP(return, NO_CMD);
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_RECV, &four));
	sleep_ms(30);
	EXPECT_FALSE(uring_done(&self->ring, &cqe));
	ASSERT_EQ(0, msg_send_u32(self->nb, 77));
	EXPECT_EQ(1, outcome(&self->ring));
	EXPECT_EQ(77, self->value[0]);

	ASSERT_EQ(0, msg_send_u32(self->nb, 50));
	ASSERT_EQ(0, msg_send_u32(self->nb, 51));
	self->value[0] = 52;
	self->value[1] = 53;
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_SEND, &two));
	sleep_ms(30);
	EXPECT_FALSE(uring_done(&self->ring, &cqe));
	EXPECT_EQ(50, msg_recv_u32(self->nb));
	EXPECT_EQ(51, msg_recv_u32(self->nb));
	/* Both, whenever its turn comes. */
	EXPECT_EQ(2, outcome(&self->ring));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(52 + i, msg_recv_u32(self->nb));
	}
}

TEST_F(uring, batch_times)
{
	struct ipcchan_xfer x = xfer_of(self->h, 1, 30000000);
	uint64_t start = now_ns();

	if (!self->has_cmd)
		SKIP(return, NO_CMD);
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_RECV, &x));
	EXPECT_EQ(-ETIMEDOUT, outcome(&self->ring));
	EXPECT_LE(30000000, now_ns() - start);
	x.flags = IPCCHAN_XFER_NONBLOCK;
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_RECV, &x));
	EXPECT_EQ(-EAGAIN, outcome(&self->ring));
	x = xfer_of(self->h, 1, -1);
	ASSERT_EQ(0, submit_cmd(&self->ring, self->nb, IPCCHAN_IOC_RECV, &x));
	EXPECT_EQ(-EAGAIN, outcome(&self->ring));
}

TEST_F(uring, batch_cancelled)
{
	struct ipcchan_xfer x = xfer_of(self->h, 1, -1);
	int ret;

	if (!self->has_cmd)
		SKIP(return, NO_CMD);
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_RECV, &x));
	sleep_ms(30);
	ASSERT_EQ(0, submit_cancel(self, 0));
	ret = outcome(&self->ring);
	EXPECT_TRUE(ret == -EINTR || ret == -ECANCELED) TH_LOG("%d", ret);
	ASSERT_EQ(0, msg_send_u32(self->nb, 7));
	EXPECT_EQ(7, msg_recv_u32(self->nb));
}

/* They go on as they are; that of a send that is cancelled is its sender's again. */
TEST_F(uring, blocks)
{
	struct ipcchan_attach a = {
		.max_msgs = 1, .buf_size = 2 * page_size(), .options = IPCCHAN_OPT_LOANS,
	};
	struct ipcchan_msghdr placed = { .len = 5, .flags = IPCCHAN_MSG_PLACED }, got = { 0 };
	struct ipcchan_xfer send = xfer_of(&placed, 1, -1), recv = xfer_of(&got, 1, -1);
	struct io_uring_cqe cqe;
	int fd, ret;

	if (!self->has_cmd)
		SKIP(return, NO_CMD);
	fd = chan_anon(&a);
	recv.flags = IPCCHAN_XFER_PLACE;
	ASSERT_EQ(0, loan(fd, 1, 0, -1));
	ASSERT_EQ(page_size(), loan(fd, 1, 0, -1));
	ASSERT_EQ(0, submit_cmd(&self->ring, fd, IPCCHAN_IOC_SEND, &send));
	EXPECT_EQ(1, outcome(&self->ring));
	EXPECT_EQ(-ENOENT, give_back(fd, 0));
	placed.buf = page_size();
	ASSERT_EQ(0, submit_cmd(&self->ring, fd, IPCCHAN_IOC_SEND, &send));
	sleep_ms(30);
	EXPECT_FALSE(uring_done(&self->ring, &cqe));
	ASSERT_EQ(0, submit_cancel(self, 0));
	ret = outcome(&self->ring);
	EXPECT_TRUE(ret == -EINTR || ret == -ECANCELED) TH_LOG("%d", ret);
	EXPECT_EQ(1, give_back(fd, page_size()));

	ASSERT_EQ(0, submit_cmd(&self->ring, fd, IPCCHAN_IOC_RECV, &recv));
	EXPECT_EQ(1, outcome(&self->ring));
	EXPECT_EQ(IPCCHAN_MSG_PLACED, got.flags);
	EXPECT_EQ(0, got.buf);
	got = (struct ipcchan_msghdr) { .buf = 1 };
	ASSERT_EQ(0, submit_cmd(&self->ring, fd, IPCCHAN_IOC_RECV, &recv));
	sleep_ms(30);
	EXPECT_FALSE(uring_done(&self->ring, &cqe));
	ASSERT_EQ(1, send_block(fd, 0, 3));
	EXPECT_EQ(1, outcome(&self->ring));
	EXPECT_EQ(IPCCHAN_MSG_PLACED, got.flags);
	EXPECT_EQ(0, got.buf);
	EXPECT_EQ(3, got.len);
	EXPECT_EQ(1, give_back(fd, 0));
	close(fd);
}

/* Room in a pool is waited for as room in the queue is. */
TEST_F(uring, pool)
{
	struct ipcchan_xfer x = xfer_of(self->h, 1, -1);
	struct io_uring_cqe cqe;
	int i;

	if (!self->has_cmd)
		SKIP(return, NO_CMD);
	ASSERT_EQ(0, pool(self->nb, 1, IPCCHAN_POOL_BLOCK, 1));
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_SEND, &x));
	EXPECT_EQ(1, outcome(&self->ring));
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_SEND, &x));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ((int64_t)IPCCHAN_POOL_OFFSET, recv_block(self->nb));
		sleep_ms(30);
		EXPECT_FALSE(uring_done(&self->ring, &cqe));
		ASSERT_EQ(1, give_back(self->nb, IPCCHAN_POOL_OFFSET));
		if (!i) {
			EXPECT_EQ(1, outcome(&self->ring));
		}
	}
}

TEST_F(uring, batch_refused)
{
	struct ipcchan_xfer x = xfer_of(self->h, 1, -1);
	int bare, rd;

	if (!self->has_cmd)
		SKIP(return, NO_CMD);
	bare = dev_open(O_RDWR);
	rd = chan_peer(self->fd, O_RDONLY);
	ASSERT_EQ(0, submit_cmd(&self->ring, bare, IPCCHAN_IOC_SEND, &x));
	EXPECT_EQ(-ENOTCONN, outcome(&self->ring));
	ASSERT_EQ(0, submit_cmd(&self->ring, rd, IPCCHAN_IOC_SEND, &x));
	EXPECT_EQ(-EBADF, outcome(&self->ring));
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_INFO, &x));
	EXPECT_EQ(-ENOTTY, outcome(&self->ring));
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_LOAN, &x));
	EXPECT_EQ(-ENOTTY, outcome(&self->ring));
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_SEND, bad_page()));
	EXPECT_EQ(-EFAULT, outcome(&self->ring));
	x.reserved = 1;
	ASSERT_EQ(0, submit_cmd(&self->ring, self->fd, IPCCHAN_IOC_SEND, &x));
	EXPECT_EQ(-EINVAL, outcome(&self->ring));
	EXPECT_EQ(0, chan_msgs(self->fd));
	close(bare);
	close(rd);
}

/* Its share is one of two: the second waits for it, and others do not. */
static int send_beyond_share(const void *arg)
{
	FIXTURE_DATA(uring) *self = (void *)arg;
	struct ipcchan_xfer x = xfer_of(self->h, 1, -1);
	struct io_uring_cqe cqe;
	struct uring own;

	if (uring_open(&own) || msg_send_u32(self->fd, 60))
		return -1;
	if (submit_cmd(&own, self->fd, IPCCHAN_IOC_SEND, &x))
		return -2;
	sleep_ms(30);
	if (uring_done(&own, &cqe))
		return -3;
	if (msg_recv_u32(self->nb) != 60)
		return -4;
	return outcome(&own) == 1 && msg_recv_u32(self->nb) == 1 ? 0 : -5;
}

TEST_F(uring, batch_waits_for_its_share)
{
	if (!self->has_cmd)
		SKIP(return, NO_CMD);
	EXPECT_EQ(0, as_user(OTHER_ID, OTHER_ID, send_beyond_share, self));
}

TEST_HARNESS_MAIN
