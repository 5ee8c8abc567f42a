// SPDX-License-Identifier: GPL-2.0
/* libipcchan against the module: headers, batches, filters, kinds of channels. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ipcchan.h>

#include "util.h"

#include "harness.h"

#define MS		1000000LL
#define UNTOUCHED	4711

FIXTURE(msg) {
	struct ipcchan *chan;
};

FIXTURE_SETUP(msg)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON,
		.max_msgs = 4,
		.max_msg_size = 100,
		.options = IPCCHAN_OPT_TIMESTAMP,
		.spin_ns = 1000,
	};

	ASSERT_EQ(0, ipcchan_open(&self->chan, NULL, &opts));
	errno = UNTOUCHED;
}

FIXTURE_TEARDOWN(msg)
{
	ipcchan_close(self->chan);
}

/* a new channel without a name, open for both */
static struct ipcchan *open_anon(uint32_t kind, uint32_t options, uint32_t slow)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON,
		.kind = kind,
		.max_msgs = 4,
		.options = options,
		.slow = slow,
	};
	struct ipcchan *chan;

	return ipcchan_open(&chan, NULL, &opts) ? NULL : chan;
}

static struct ipcchan *open_peer(struct ipcchan *chan, uint32_t role)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_FD, .role = role, .fd = ipcchan_fd(chan),
	};
	struct ipcchan *peer;

	return ipcchan_open(&peer, NULL, &opts) ? NULL : peer;
}

/* Send one byte with this label. */
static int send_byte(struct ipcchan *chan, char c, uint32_t prio, uint32_t type)
{
	struct ipcchan_msghdr msg;

	ipcchan_msg_init(&msg, &c, 1);
	msg.prio = prio;
	msg.type = type;
	return ipcchan_send_msg(chan, &msg, 0, 0);
}

/* Return: the next message, of one byte, or -errno. */
static int recv_byte(struct ipcchan *chan)
{
	struct ipcchan_msghdr msg;
	char c = 0;
	ssize_t n;

	ipcchan_msg_init(&msg, &c, 1);
	n = ipcchan_recv_msg(chan, &msg, 0, 0);
	return n == 1 ? c : (int)n;
}

TEST_F(msg, options_of_a_channel)
{
	struct ipcchan *chan = open_anon(IPCCHAN_KIND_BROADCAST, IPCCHAN_OPT_HANGUP,
					 IPCCHAN_SLOW_DROP_NEWEST);
	struct ipcchan_opts bad = { .flags = IPCCHAN_ATTACH_ANON, .slow = 1 };
	struct ipcchan_info info;
	struct ipcchan *none;

	ASSERT_NE(NULL, chan);
	ASSERT_EQ(0, ipcchan_get_info(chan, &info));
	EXPECT_EQ(IPCCHAN_KIND_BROADCAST, info.kind);
	EXPECT_EQ(IPCCHAN_OPT_HANGUP, info.options);
	EXPECT_EQ(IPCCHAN_SLOW_DROP_NEWEST, info.slow);
	EXPECT_EQ(0, info.spin_ns);
	ipcchan_close(chan);
	ASSERT_EQ(0, ipcchan_get_info(self->chan, &info));
	EXPECT_EQ(IPCCHAN_OPT_TIMESTAMP, info.options);
	EXPECT_EQ(1000, info.spin_ns);
	EXPECT_EQ(-EINVAL, ipcchan_open(&none, NULL, &bad));
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(msg, header_arrives)
{
	uint64_t before = now_ns();
	struct ipcchan_msghdr out, in;
	char buf[100];

	ipcchan_msg_init(&out, "hello", 5);
	out.prio = 7;
	out.type = 0xfffffffe;
	out.cookie = 0xfedcba9876543210;
	EXPECT_EQ(0, ipcchan_send_msg(self->chan, &out, 0, IPCCHAN_WAIT_FOREVER));
	memset(&in, 0xff, sizeof(in));
	in.buf = (uintptr_t)buf;
	in.len = sizeof(buf);
	in.flags = 0;
	in.nr_fds = 0;
	ASSERT_EQ(5, ipcchan_recv_msg(self->chan, &in, 0, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(0, memcmp(buf, "hello", 5));
	EXPECT_EQ(5, in.len);
	EXPECT_EQ(0, in.flags);
	EXPECT_EQ(7, in.prio);
	EXPECT_EQ(0xfffffffe, in.type);
	EXPECT_EQ(0xfedcba9876543210, in.cookie);
	EXPECT_EQ(0, in.nr_fds);
	EXPECT_EQ(0, in.lost);
	EXPECT_EQ(getpid(), in.pid);
	EXPECT_EQ(geteuid(), in.uid);
	EXPECT_EQ(getegid(), in.gid);
	EXPECT_EQ(getpid(), in.opener_pid);
	EXPECT_LE(before, in.time_ns);
	EXPECT_GE(now_ns(), in.time_ns);
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(msg, send_errors)
{
	struct ipcchan *recv = open_peer(self->chan, IPCCHAN_ROLE_RECV);
	struct ipcchan_msghdr msg;
	int fds[1] = { -1 };
	char buf[101] = "";

	ASSERT_NE(NULL, recv);
	ipcchan_msg_init(&msg, buf, 101);
	EXPECT_EQ(-EMSGSIZE, ipcchan_send_msg(self->chan, &msg, 0, 0));
	msg.len = 0;
	EXPECT_EQ(-EINVAL, ipcchan_send_msg(self->chan, &msg, 0, 0));
	msg.len = 1;
	EXPECT_EQ(-EINVAL, ipcchan_send_msg(self->chan, &msg, 1U << 31, 0));
	EXPECT_EQ(-EINVAL, ipcchan_send_msg(self->chan, &msg, 0, -2));
	EXPECT_EQ(-EBADF, ipcchan_send_msg(recv, &msg, 0, 0));
	EXPECT_EQ(-EINVAL, ipcchan_send_batch(self->chan, &msg, 0, 0, 0));
	msg.prio = IPCCHAN_PRIO_MAX + 1;
	EXPECT_EQ(-EINVAL, ipcchan_send_msg(self->chan, &msg, 0, 0));
	msg.prio = 0;
	ipcchan_msg_fds(&msg, fds, 1);
	EXPECT_EQ(-EBADF, ipcchan_send_msg(self->chan, &msg, 0, 0));
	fds[0] = ipcchan_fd(recv);
	EXPECT_EQ(-EINVAL, ipcchan_send_msg(self->chan, &msg, 0, 0));
	EXPECT_EQ(-EAGAIN, recv_byte(recv));
	ipcchan_close(recv);
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(msg, recv_too_small)
{
	struct ipcchan_msghdr msg;
	char buf[100];

	EXPECT_EQ(0, ipcchan_send(self->chan, "0123456789", 10));
	ipcchan_msg_init(&msg, buf, 9);
	EXPECT_EQ(-EMSGSIZE, ipcchan_recv_msg(self->chan, &msg, 0, 0));
	EXPECT_EQ(10, msg.len);
	EXPECT_EQ(10, ipcchan_recv_msg(self->chan, &msg, 0, 0));
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(msg, time_limits)
{
	uint64_t start = now_ns();
	struct ipcchan_msghdr msg;
	char c;

	ipcchan_msg_init(&msg, &c, 1);
	EXPECT_EQ(-EAGAIN, ipcchan_recv_msg(self->chan, &msg, 0, 0));
	EXPECT_EQ(-EAGAIN, ipcchan_recv_msg(self->chan, &msg, IPCCHAN_XFER_NONBLOCK,
					    IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(-ETIMEDOUT, ipcchan_recv_msg(self->chan, &msg, 0, 20 * MS));
	EXPECT_LE(20 * MS, now_ns() - start);
	EXPECT_EQ(-ETIMEDOUT, ipcchan_recv_msg(self->chan, &msg, IPCCHAN_XFER_ABSTIME,
					       (int64_t)start + 40 * MS));
	EXPECT_LE(40 * MS, now_ns() - start);
	while (!send_byte(self->chan, 'x', 0, 0))
		;
	start = now_ns();
	c = 'y';
	EXPECT_EQ(-ETIMEDOUT, ipcchan_send_msg(self->chan, &msg, 0, 20 * MS));
	EXPECT_LE(20 * MS, now_ns() - start);
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(msg, priorities)
{
	EXPECT_EQ(0, send_byte(self->chan, 'c', 0, 0));
	EXPECT_EQ(0, send_byte(self->chan, 'a', 31, 0));
	EXPECT_EQ(0, send_byte(self->chan, 'd', 0, 0));
	EXPECT_EQ(0, send_byte(self->chan, 'b', 3, 0));
	EXPECT_EQ(-EAGAIN, send_byte(self->chan, 'e', 31, 0));
	for (int c = 'a'; c <= 'd'; c++)
		EXPECT_EQ(c, recv_byte(self->chan));
	EXPECT_EQ(-EAGAIN, recv_byte(self->chan));
}

TEST_F(msg, batches)
{
	struct ipcchan_msghdr out[6], in[6];
	char digits[] = "012345", bufs[6][100];
	int i;

	for (i = 0; i < 6; i++) {
		ipcchan_msg_init(&out[i], digits + i, 1);
		out[i].cookie = 100 + (uint64_t)i;
		ipcchan_msg_init(&in[i], bufs[i], 100);
	}
	/* four have room, what is left over is told by the next call */
	EXPECT_EQ(4, ipcchan_send_batch(self->chan, out, 6, 0, 0));
	EXPECT_EQ(-EAGAIN, ipcchan_send_batch(self->chan, out + 4, 2, 0, 0));
	EXPECT_EQ(3, ipcchan_recv_batch(self->chan, in, 3, 0, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(2, ipcchan_send_batch(self->chan, out + 4, 2, 0, 0));
	EXPECT_EQ(3, ipcchan_recv_batch(self->chan, in + 3, 3, 0, IPCCHAN_WAIT_FOREVER));
	for (i = 0; i < 6; i++) {
		EXPECT_EQ(1, in[i].len);
		EXPECT_EQ('0' + i, bufs[i][0]);
		EXPECT_EQ(100 + i, in[i].cookie);
	}
	EXPECT_EQ(-EAGAIN, ipcchan_recv_batch(self->chan, in, 6, 0, 0));
	/* a bad one ends it: those before it are sent */
	out[2].len = 0;
	EXPECT_EQ(2, ipcchan_send_batch(self->chan, out, 6, 0, 0));
	EXPECT_EQ(-EINVAL, ipcchan_send_batch(self->chan, out + 2, 4, 0, 0));
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(msg, batch_waits)
{
	struct ipcchan_msghdr out[6];
	pid_t pid = child_fork();
	int i;

	for (i = 0; i < 6; i++)
		ipcchan_msg_init(&out[i], "x", 1);
	if (!pid)
		_exit(ipcchan_send_batch(self->chan, out, 6, 0, IPCCHAN_WAIT_FOREVER));
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	for (i = 0; i < 2; i++)
		EXPECT_EQ('x', recv_byte(self->chan));
	EXPECT_EQ(6, child_wait(pid));
}

TEST_F(msg, descriptors)
{
	struct ipcchan_msghdr msg;
	int pipes[2], got[2] = { -1, -1 };
	char c = 0;

	ASSERT_EQ(0, pipe(pipes));
	ipcchan_msg_init(&msg, "x", 1);
	ipcchan_msg_fds(&msg, pipes, 2);
	ASSERT_EQ(0, ipcchan_send_msg(self->chan, &msg, 0, 0));
	ASSERT_EQ(0, ipcchan_send_msg(self->chan, &msg, 0, 0));
	close(pipes[0]);
	close(pipes[1]);

	ipcchan_msg_init(&msg, &c, 1);
	ipcchan_msg_fds(&msg, got, 2);
	ASSERT_EQ(1, ipcchan_recv_msg(self->chan, &msg, 0, 0));
	EXPECT_EQ(0, msg.flags);
	ASSERT_EQ(2, msg.nr_fds);
	EXPECT_EQ(FD_CLOEXEC, fcntl(got[0], F_GETFD));
	EXPECT_EQ(1, write(got[1], "z", 1));
	EXPECT_EQ(1, read(got[0], &c, 1));
	EXPECT_EQ('z', c);

	/* without room for them they are gone, and that is said */
	ipcchan_msg_init(&msg, &c, 1);
	ASSERT_EQ(1, ipcchan_recv_msg(self->chan, &msg, 0, 0));
	EXPECT_EQ(IPCCHAN_MSG_FDS_LOST, msg.flags);
	EXPECT_EQ(0, msg.nr_fds);
	close(got[0]);
	close(got[1]);
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(msg, filter)
{
	struct ipcchan_filter filter = { .flags = IPCCHAN_FILTER_TYPE, .type = 2 };
	struct ipcchan_filter bad = { .type = 2 };

	EXPECT_EQ(-EINVAL, ipcchan_set_filter(self->chan, &bad));
	EXPECT_EQ(0, send_byte(self->chan, 'a', 0, 1));
	EXPECT_EQ(0, send_byte(self->chan, 'b', 5, 2));
	EXPECT_EQ(0, ipcchan_set_filter(self->chan, &filter));
	EXPECT_EQ('b', recv_byte(self->chan));
	EXPECT_EQ(-EAGAIN, recv_byte(self->chan));
	memset(&filter, 0, sizeof(filter));
	filter.min_prio = 1;
	EXPECT_EQ(0, ipcchan_set_filter(self->chan, &filter));
	EXPECT_EQ(-EAGAIN, recv_byte(self->chan));
	filter.min_prio = 0;
	EXPECT_EQ(0, ipcchan_set_filter(self->chan, &filter));
	EXPECT_EQ('a', recv_byte(self->chan));
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(msg, watermark)
{
	struct ipcchan_filter filter = { .low_msgs = 2 };
	struct pollfd pfd = { .fd = ipcchan_fd(self->chan), .events = POLLIN };

	EXPECT_EQ(0, ipcchan_set_filter(self->chan, &filter));
	EXPECT_EQ(0, send_byte(self->chan, 'a', 0, 0));
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	EXPECT_EQ(0, send_byte(self->chan, 'b', 0, 0));
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_EQ(POLLIN, pfd.revents);
}

TEST_F(msg, hangup)
{
	struct ipcchan *send = open_anon(0, IPCCHAN_OPT_HANGUP, 0);
	struct ipcchan *recv;
	char c;

	ASSERT_NE(NULL, send);
	recv = open_peer(send, IPCCHAN_ROLE_RECV);
	ASSERT_NE(NULL, recv);
	EXPECT_EQ(0, send_byte(send, 'a', 0, 0));
	ipcchan_close(send);
	EXPECT_EQ('a', recv_byte(recv));
	EXPECT_EQ(0, recv_byte(recv));
	EXPECT_EQ(0, ipcchan_recv(recv, &c, 1));
	send = open_peer(recv, IPCCHAN_ROLE_SEND);
	ASSERT_NE(NULL, send);
	EXPECT_EQ(-EAGAIN, recv_byte(recv));
	ipcchan_close(recv);
	/* without the signal that would end the test */
	EXPECT_EQ(-EPIPE, send_byte(send, 'a', 0, 0));
	ipcchan_close(send);
}

/* who made it and left again is no sender that has gone, nor a receiver */
TEST_F(msg, hangup_begins_anew)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_CREATE, .options = IPCCHAN_OPT_HANGUP,
	};
	struct ipcchan *send, *recv;
	char name[IPCCHAN_NAME_SIZE];

	unique_name(name);
	ASSERT_EQ(0, ipcchan_open(&recv, name, &opts));
	ipcchan_close(recv);
	opts.flags = 0;
	opts.options = 0;
	opts.role = IPCCHAN_ROLE_RECV;
	ASSERT_EQ(0, ipcchan_open(&recv, name, &opts));
	EXPECT_EQ(-EAGAIN, recv_byte(recv));
	ipcchan_close(recv);
	opts.role = IPCCHAN_ROLE_SEND;
	ASSERT_EQ(0, ipcchan_open(&send, name, &opts));
	EXPECT_EQ(0, send_byte(send, 'a', 0, 0));
	ipcchan_close(send);
	/* what is queued has come from one that has gone */
	opts.role = IPCCHAN_ROLE_RECV;
	ASSERT_EQ(0, ipcchan_open(&recv, name, &opts));
	EXPECT_EQ('a', recv_byte(recv));
	EXPECT_EQ(0, recv_byte(recv));
	ipcchan_close(recv);
	ipcchan_unlink(name);
}

TEST_F(msg, broadcast)
{
	struct ipcchan *chan = open_anon(IPCCHAN_KIND_BROADCAST, 0,
					 IPCCHAN_SLOW_DROP_OLDEST);
	struct ipcchan *other;
	struct ipcchan_msghdr msg;
	char c;

	ASSERT_NE(NULL, chan);
	other = open_peer(chan, IPCCHAN_ROLE_RECV);
	ASSERT_NE(NULL, other);
	for (int i = 0; i < 6; i++)
		EXPECT_EQ(0, send_byte(chan, '0' + i, 0, 0));
	ipcchan_msg_init(&msg, &c, 1);
	EXPECT_EQ(1, ipcchan_recv_msg(other, &msg, 0, 0));
	EXPECT_EQ('2', c);
	EXPECT_EQ(2, msg.lost);
	EXPECT_EQ('2', recv_byte(chan));
	ipcchan_close(other);
	ipcchan_close(chan);
}

TEST_HARNESS_MAIN
