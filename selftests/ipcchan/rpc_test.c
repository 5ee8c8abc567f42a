// SPDX-License-Identifier: GPL-2.0
/* Calls and replies: between whom, in which order, how long, and what is refused. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rpc.h"
#include "util.h"

#include "harness.h"

#define CLIENTS	4
#define MS	1000000ll

FIXTURE(rpc) {
	int wr;		/* client */
	int rd;		/* server */
};

FIXTURE_SETUP(rpc)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC, .max_msgs = 8,
		.max_msg_size = 10000, .max_bytes = 20000,
	};

	self->wr = chan_open(O_WRONLY, &a);
	ASSERT_LE(0, self->wr);
	self->rd = chan_peer(self->wr, O_RDONLY);
	ASSERT_LE(0, self->rd);
}

FIXTURE_TEARDOWN(rpc)
{
	close(self->wr);
	close(self->rd);
}

TEST_F(rpc, call_and_reply)
{
	pid_t pid = start_call(self->wr, 20, 0);
	struct taken t;

	EXPECT_EQ(1, rpc_take(self->rd, &t, 0));
	EXPECT_EQ(20, t.value);
	EXPECT_EQ(sizeof(uint32_t), t.room);
	EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
	EXPECT_EQ(0, chan_msgs(self->rd));
	EXPECT_EQ(0, rpc_reply(self->rd, t.call, 21));
	EXPECT_EQ(21, child_wait(pid));
}

/* A server that waits gets it directly. */
TEST_F(rpc, server_waits)
{
	pid_t pid = child_fork();
	struct taken t;

	if (pid == 0) {
		if (rpc_take(self->rd, &t, 0) != 1 || rpc_reply(self->rd, t.call, t.value + 1))
			_exit(1);
		_exit(0);
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_EQ(31, rpc_call(self->wr, 30, -1));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F(rpc, reply_and_next_in_one_call)
{
	pid_t server = start_adder(self->rd);
	uint32_t i;

	for (i = 0; i < 500; i++) {
		ASSERT_EQ(i + 1, rpc_call(self->wr, i, -1));
	}
	child_kill(server);
}

TEST_F(rpc, all_fields)
{
	static char out[9000], in[9000], back[9000];
	struct ipcchan_serve s = { .flags = IPCCHAN_SERVE_NEXT, .timeout_ns = -1 };
	struct ipcchan_call c = { .timeout_ns = -1 };
	pid_t pid;

	memset(out, 'q', sizeof(out));
	c.request = (struct ipcchan_msghdr) {
		.buf = (uintptr_t)out, .len = sizeof(out), .prio = 7, .type = 70, .cookie = 700,
	};
	c.reply = (struct ipcchan_msghdr) { .buf = (uintptr_t)back, .len = 8500 };
	pid = child_fork();
	if (pid == 0) {
		if (do_ioctl(self->wr, IPCCHAN_IOC_CALL, &c))
			_exit(1);
		if (c.reply.len != 8000 || c.reply.type != 80 || c.reply.cookie != 800 ||
		    c.reply.pid != (uint32_t)getppid() || back[0] != 'r' || back[7999] != 'r')
			_exit(2);
		_exit(0);
	}
	s.request = (struct ipcchan_msghdr) { .buf = (uintptr_t)in, .len = sizeof(in) };
	ASSERT_EQ(1, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(sizeof(out), s.request.len);
	EXPECT_EQ(0, memcmp(in, out, sizeof(out)));
	EXPECT_EQ(7, s.request.prio);
	EXPECT_EQ(70, s.request.type);
	EXPECT_EQ(700, s.request.cookie);
	EXPECT_EQ((uint32_t)pid, s.request.pid);
	EXPECT_EQ(8500, s.room);
	s.flags = IPCCHAN_SERVE_REPLY;
	memset(in, 'r', sizeof(in));
	s.reply = (struct ipcchan_msghdr) {
		.buf = (uintptr_t)in, .len = 8000, .type = 80, .cookie = 800,
	};
	EXPECT_EQ(0, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(1, s.replied);
	EXPECT_EQ(0, child_wait(pid));
}

/* Any errno there is, among them those that the kernel waits with. */
TEST_F(rpc, error_reply)
{
	static const int errors[] = { EPERM, ENOENT, EINPROGRESS, EAGAIN, EINTR, 511, 4095 };
	struct taken t;
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		pid_t pid = child_fork();

		if (pid == 0)
			_exit(rpc_call(self->wr, 1, -1) != -errors[i]);
		ASSERT_EQ(1, rpc_take(self->rd, &t, 0));
		ASSERT_EQ(0, rpc_error(self->rd, t.call, errors[i]));
		EXPECT_EQ(-ENOENT, rpc_error(self->rd, t.call + 1, errors[i]));
		kill(pid, SIGCONT);
		for (n = 0; n < 400 && is_blocked(pid, SYS_ioctl); n++)
			sleep_ms(5);
		if (n == 400) {
			TH_LOG("error %d is not told", errors[i]);
			ASSERT_TRUE(false);
		}
		EXPECT_EQ(0, child_wait(pid)) TH_LOG("error %d", errors[i]);
	}
}

/* Those between the kernel and itself would make the client call again. */
TEST_F(rpc, error_refused)
{
	static const uint32_t bad[] = { 512, 513, 514, 515, 516, 4096, ~0u };
	pid_t pid = start_call(self->wr, 1, 0);
	struct taken t;
	unsigned int i;

	ASSERT_EQ(1, rpc_take(self->rd, &t, 0));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, rpc_error(self->rd, t.call, bad[i])) TH_LOG("%u", bad[i]);
	}
	EXPECT_EQ(0, rpc_reply(self->rd, t.call, 9));
	EXPECT_EQ(9, child_wait(pid));
}

TEST_F(rpc, in_another_order)
{
	struct taken t[CLIENTS];
	pid_t pid[CLIENTS];
	int i;

	for (i = 0; i < CLIENTS; i++)
		pid[i] = start_call(self->wr, i, 0);
	for (i = 0; i < CLIENTS; i++) {
		ASSERT_EQ(1, rpc_take(self->rd, &t[i], 0));
		EXPECT_EQ(i, t[i].value);
		EXPECT_TRUE(!i || t[i].call != t[i - 1].call);
	}
	for (i = CLIENTS - 1; i >= 0; i--) {
		/* By another process that has the endpoint. */
		pid_t helper = child_fork();

		if (helper == 0)
			_exit(-rpc_reply(self->rd, t[i].call, 50 + i));
		EXPECT_EQ(0, child_wait(helper));
		EXPECT_EQ(50 + i, child_wait(pid[i]));
	}
}

TEST_F(rpc, priorities)
{
	static const uint32_t order[] = { 2, 3, 1 };
	struct taken t;
	pid_t pid[3];
	int i;

	pid[0] = start_call(self->wr, 1, 0);
	pid[1] = start_call(self->wr, 2, 9);
	pid[2] = start_call(self->wr, 3, 4);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(1, rpc_take(self->rd, &t, 0));
		EXPECT_EQ(order[i], t.value);
		EXPECT_EQ(0, rpc_reply(self->rd, t.call, t.value));
	}
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(1 + i, child_wait(pid[i]));
	}
}

/* A server that serves one type only, while the queue is full of another. */
TEST_F(rpc, filter)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC, .max_msgs = 1,
	};
	int wr = chan_open(O_WRONLY, &a), rd;
	pid_t first, second;
	struct taken t;

	rd = chan_peer(wr, O_RDONLY);
	ASSERT_LE(0, rd);
	first = start_typed_call(wr, 1, 5);
	second = start_typed_call(wr, 2, 6);
	EXPECT_EQ(1, chan_msgs(rd));
	ASSERT_EQ(0, chan_filter(rd, 6, 0));
	ASSERT_EQ(1, rpc_take(rd, &t, IPCCHAN_SERVE_NONBLOCK));
	EXPECT_EQ(2, t.value);
	EXPECT_EQ(-EAGAIN, rpc_take(rd, &t, IPCCHAN_SERVE_NONBLOCK));
	EXPECT_EQ(0, rpc_reply(rd, t.call, 8));
	EXPECT_EQ(8, child_wait(second));
	ASSERT_EQ(0, chan_filter(rd, -1, 0));
	ASSERT_EQ(1, rpc_take(rd, &t, IPCCHAN_SERVE_NONBLOCK));
	EXPECT_EQ(1, t.value);
	EXPECT_EQ(0, rpc_reply(rd, t.call, 9));
	EXPECT_EQ(9, child_wait(first));
	close(rd);
	close(wr);
}

/* A server that is a client of another while it serves. */
TEST_F(rpc, nested)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC };
	int wr = chan_open(O_WRONLY, &a), rd = chan_peer(wr, O_RDONLY);
	pid_t outer, inner = start_adder(rd);
	struct taken t;
	uint32_t i;

	outer = child_fork();
	if (outer == 0) {
		while (rpc_take(self->rd, &t, 0) == 1)
			rpc_reply(self->rd, t.call, 100 * rpc_call(wr, t.value, -1));
		_exit(1);
	}
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(100 * (i + 1), rpc_call(self->wr, i, -1));
	}
	child_kill(outer);
	child_kill(inner);
	close(wr);
	close(rd);
}

/* Several servers, each an endpoint, and several clients. */
TEST_F(rpc, crowd)
{
	const uint32_t each = test_scale(200);
	pid_t server[3], client[CLIENTS];
	uint32_t i;
	int n;

	for (n = 0; n < 3; n++) {
		int fd = chan_peer(self->wr, O_RDONLY);

		server[n] = start_adder(fd);
		close(fd);
	}
	for (n = 0; n < CLIENTS; n++) {
		client[n] = child_fork();
		if (client[n])
			continue;
		for (i = 0; i < each; i++) {
			if (rpc_call(self->wr, n << 16 | i, -1) != (n << 16 | i) + 1)
				_exit(1);
		}
		_exit(0);
	}
	for (n = 0; n < CLIENTS; n++) {
		EXPECT_EQ(0, child_wait(client[n]));
	}
	for (n = 0; n < 3; n++)
		child_kill(server[n]);
}

TEST_F(rpc, too_long)
{
	static char big[10001];
	struct ipcchan_serve s = { .flags = IPCCHAN_SERVE_NEXT | IPCCHAN_SERVE_NONBLOCK };
	struct ipcchan_call c = { .timeout_ns = -1 };
	pid_t pid = start_call(self->wr, 5, 0);
	uint16_t small;

	/* A request that the server has not the room for waits for one who has. */
	s.request = (struct ipcchan_msghdr) { .buf = (uintptr_t)&small, .len = 2 };
	EXPECT_EQ(-EMSGSIZE, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(4, s.request.len);
	EXPECT_EQ(4, chan_next(self->rd));
	s.request = (struct ipcchan_msghdr) { .buf = (uintptr_t)big, .len = 4 };
	ASSERT_EQ(1, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(4, s.room);
	/* A reply that the client has not the room for can be given again. */
	s.flags = IPCCHAN_SERVE_REPLY;
	s.replied = 99;
	s.reply = (struct ipcchan_msghdr) { .buf = (uintptr_t)big, .len = 5 };
	EXPECT_EQ(-EMSGSIZE, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(0, s.replied);
	s.replied = 99;
	s.reply.len = 10001;
	EXPECT_EQ(-EMSGSIZE, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(0, s.replied);
	EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
	EXPECT_EQ(0, rpc_reply(self->rd, s.call, 6));
	EXPECT_EQ(6, child_wait(pid));
	/* And one that no channel takes. */
	c.request = (struct ipcchan_msghdr) { .buf = (uintptr_t)big, .len = sizeof(big) };
	c.reply = (struct ipcchan_msghdr) { .buf = (uintptr_t)big, .len = 4 };
	EXPECT_EQ(-EMSGSIZE, do_ioctl(self->wr, IPCCHAN_IOC_CALL, &c));
}

/* Who uses its struct again must not take the last reply for this one. */
TEST_F(rpc, not_replied)
{
	static const struct {
		int err;
		uint32_t flags, error;
		struct ipcchan_msghdr reply;
	} bad[] = {
		{ -EINVAL, 1u << 31, 0, { .len = 4 } },
		{ -EINVAL, 0, 512, { .len = 4 } },
		{ -EINVAL, 0, 0, { .len = 0 } },
		{ -EINVAL, 0, 0, { .len = 4, .flags = 1 } },
		{ -EFAULT, 0, 0, { .buf = 8, .len = 4 } },
		{ -EMSGSIZE, 0, 0, { .len = 10001 } },
		{ -ENOENT, 0, EDOM, { .len = 4 } },
	};
	int queue = chan_anon(NULL);
	struct ipcchan_serve s;
	uint32_t value = 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		s = (struct ipcchan_serve) {
			.flags = IPCCHAN_SERVE_REPLY | bad[i].flags, .error = bad[i].error,
			.call = 1ull << 40, .replied = 99, .reply = bad[i].reply,
		};
		if (!s.reply.buf)
			s.reply.buf = (uintptr_t)&value;
		EXPECT_EQ(bad[i].err, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
		EXPECT_EQ(0, s.replied);
		s.replied = 99;
		EXPECT_EQ(-EBADF, do_ioctl(self->wr, IPCCHAN_IOC_SERVE, &s));
		EXPECT_EQ(0, s.replied);
		s.replied = 99;
		EXPECT_EQ(-EOPNOTSUPP, do_ioctl(queue, IPCCHAN_IOC_SERVE, &s));
		EXPECT_EQ(0, s.replied);
	}
	/* Of no concern without REPLY. */
	s = (struct ipcchan_serve) { .flags = 1u << 31, .replied = 99 };
	EXPECT_EQ(-EINVAL, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(99, s.replied);
}

TEST_F(rpc, bad_ids)
{
	pid_t pid = start_call(self->wr, 5, 0);
	int other = chan_peer(self->wr, O_RDONLY);
	struct taken t;

	ASSERT_EQ(1, rpc_take(self->rd, &t, 0));
	EXPECT_EQ(-ENOENT, rpc_reply(self->rd, 0, 1));
	EXPECT_EQ(-ENOENT, rpc_reply(self->rd, ~0ull, 1));
	EXPECT_EQ(-ENOENT, rpc_reply(self->rd, t.call + 1, 1));
	EXPECT_EQ(-ENOENT, rpc_reply(self->rd, t.call + (1ull << 32), 1));
	/* Of another endpoint. */
	EXPECT_EQ(-ENOENT, rpc_reply(other, t.call, 1));
	EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
	EXPECT_EQ(0, rpc_reply(self->rd, t.call, 7));
	EXPECT_EQ(7, child_wait(pid));
	/* Once. */
	EXPECT_EQ(-ECANCELED, rpc_reply(self->rd, t.call, 8));
	close(other);
}

/* Only by calls. */
TEST_F(rpc, other_ways)
{
	struct ipcchan_serve s = { .flags = IPCCHAN_SERVE_NEXT | IPCCHAN_SERVE_NONBLOCK };
	struct ipcchan_call c = { .timeout_ns = 0 };
	int queue = chan_anon(NULL);
	char buf[8];

	EXPECT_EQ(-EOPNOTSUPP, msg_send_u32(self->wr, 1));
	EXPECT_EQ(-EOPNOTSUPP, msg_recv(self->rd, buf, 8));
	EXPECT_EQ(-EOPNOTSUPP, label_send(self->wr, 1, 0, 0, 0));
	EXPECT_EQ(-EOPNOTSUPP, label_send(self->wr, 1, 5, 0, 0));
	EXPECT_EQ(-EOPNOTSUPP, label_recv(self->rd, NULL, 0));
	s.request = (struct ipcchan_msghdr) { .buf = (uintptr_t)buf, .len = 8 };
	c.request = s.request;
	c.reply = s.request;
	EXPECT_EQ(-EOPNOTSUPP, do_ioctl(queue, IPCCHAN_IOC_CALL, &c));
	EXPECT_EQ(-EOPNOTSUPP, do_ioctl(queue, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(-EBADF, do_ioctl(self->rd, IPCCHAN_IOC_CALL, &c));
	EXPECT_EQ(-EBADF, do_ioctl(self->wr, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(-EAGAIN, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(0, poll_now(self->rd, POLLIN));
	EXPECT_EQ(POLLOUT, poll_now(self->wr, POLLOUT));
	close(queue);
}

TEST_F(rpc, bad_arguments)
{
	struct ipcchan_serve serve = { .flags = IPCCHAN_SERVE_NEXT | IPCCHAN_SERVE_NONBLOCK }, s;
	struct ipcchan_call call = { .timeout_ns = MS }, c;
	char buf[8] = { 0 };

	serve.request = (struct ipcchan_msghdr) { .buf = (uintptr_t)buf, .len = 8 };
	serve.reply = serve.request;
	call.request = serve.request;
	call.reply = serve.request;
	c = call; c.flags = IPCCHAN_XFER_NONBLOCK;
	EXPECT_EQ(-EINVAL, do_ioctl(self->wr, IPCCHAN_IOC_CALL, &c));
	c = call; c.reserved = 1;
	EXPECT_EQ(-EINVAL, do_ioctl(self->wr, IPCCHAN_IOC_CALL, &c));
	c = call; c.timeout_ns = -2;
	EXPECT_EQ(-EINVAL, do_ioctl(self->wr, IPCCHAN_IOC_CALL, &c));
	c = call; c.request.len = 0;
	EXPECT_EQ(-EINVAL, do_ioctl(self->wr, IPCCHAN_IOC_CALL, &c));
	c = call; c.request.prio = 32;
	EXPECT_EQ(-EINVAL, do_ioctl(self->wr, IPCCHAN_IOC_CALL, &c));
	c = call; c.reply.len = 0;
	EXPECT_EQ(-EINVAL, do_ioctl(self->wr, IPCCHAN_IOC_CALL, &c));
	c = call; c.reply.flags = 1;
	EXPECT_EQ(-EINVAL, do_ioctl(self->wr, IPCCHAN_IOC_CALL, &c));
	c = call; c.request.buf = (uintptr_t)bad_page();
	EXPECT_EQ(-EFAULT, do_ioctl(self->wr, IPCCHAN_IOC_CALL, &c));
	EXPECT_EQ(-EFAULT, do_ioctl(self->wr, IPCCHAN_IOC_CALL, bad_page() - 90));
	s = serve; s.flags = 0;
	EXPECT_EQ(-EINVAL, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	s = serve; s.flags |= 16;
	EXPECT_EQ(-EINVAL, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	s = serve; s.request.len = 0;
	EXPECT_EQ(-EINVAL, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	s = serve; s.timeout_ns = -2;
	EXPECT_EQ(-EINVAL, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	s = serve; s.flags |= IPCCHAN_SERVE_REPLY; s.reply.len = 0;
	EXPECT_EQ(-EINVAL, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(-EFAULT, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, bad_page() - 8));
	EXPECT_EQ(0, chan_msgs(self->rd));
}

TEST_HARNESS_MAIN
