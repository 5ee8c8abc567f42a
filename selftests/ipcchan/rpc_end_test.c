// SPDX-License-Identifier: GPL-2.0
/* Calls that end otherwise than with a reply: cancelled, timed out, killed, closed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rpc.h"
#include "util.h"

#include "harness.h"

#define MS	1000000ll

FIXTURE(end) {
	int wr;		/* client */
	int rd;		/* server */
};

FIXTURE_VARIANT(end) {
	uint32_t options;
};

FIXTURE_VARIANT_ADD(end, plain) { 0 };
FIXTURE_VARIANT_ADD(end, hangup) { IPCCHAN_OPT_HANGUP };

FIXTURE_SETUP(end)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC, .max_msgs = 2,
		.options = variant->options,
	};

	self->wr = chan_open(O_WRONLY, &a);
	ASSERT_LE(0, self->wr);
	self->rd = chan_peer(self->wr, O_RDONLY);
	ASSERT_LE(0, self->rd);
	on_signal(SIGUSR1, 0);
	on_signal(SIGUSR2, SA_RESTART);
}

FIXTURE_TEARDOWN(end)
{
	close(self->wr);
	close(self->rd);
}

TEST_F(end, signal_while_queued)
{
	pid_t pid = start_call(self->wr, 1, 0);
	struct taken t;

	EXPECT_EQ(1, chan_msgs(self->rd));
	kill(pid, SIGUSR1);
	EXPECT_EQ(CHILD_ERROR + EINTR, child_wait(pid));
	/* No server ever sees it. */
	EXPECT_EQ(0, chan_msgs(self->rd));
	EXPECT_EQ(-EAGAIN, rpc_take(self->rd, &t, IPCCHAN_SERVE_NONBLOCK));
	/* Begun anew, as it has not begun for the server. */
	pid = start_call(self->wr, 2, 0);
	kill(pid, SIGUSR2);
	sleep_ms(20);
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_EQ(1, chan_msgs(self->rd));
	ASSERT_EQ(1, rpc_take(self->rd, &t, 0));
	EXPECT_EQ(2, t.value);
	EXPECT_EQ(0, rpc_reply(self->rd, t.call, 3));
	EXPECT_EQ(3, child_wait(pid));
}

/* The request of one who waits for room is not queued. */
TEST_F(end, signal_while_it_waits_for_room)
{
	pid_t pid[4];
	struct taken t;
	int i;

	for (i = 0; i < 4; i++) {
		pid[i] = start_call(self->wr, i, 0);
	}
	EXPECT_EQ(2, chan_msgs(self->rd));
	kill(pid[2], SIGUSR1);
	EXPECT_EQ(CHILD_ERROR + EINTR, child_wait(pid[2]));
	/* One that is queued makes room when it goes. */
	kill(pid[0], SIGUSR1);
	EXPECT_EQ(CHILD_ERROR + EINTR, child_wait(pid[0]));
	EXPECT_EQ(2, chan_msgs(self->rd));
	for (i = 1; i < 4; i += 2) {
		ASSERT_EQ(1, rpc_take(self->rd, &t, IPCCHAN_SERVE_NONBLOCK));
		EXPECT_EQ(i, t.value);
		EXPECT_EQ(0, rpc_reply(self->rd, t.call, i));
		EXPECT_EQ(i, child_wait(pid[i]));
	}
}

TEST_F(end, signal_when_taken)
{
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGKILL };
	struct taken t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		pid_t pid = start_call(self->wr, 1, 0);

		ASSERT_EQ(1, rpc_take(self->rd, &t, 0));
		kill(pid, signals[i]);
		/* Not begun anew: it may have been carried out. */
		EXPECT_EQ(signals[i] == SIGKILL ? CHILD_SIGNALED + SIGKILL :
						  CHILD_ERROR + EINTR, child_wait(pid));
		EXPECT_EQ(-ECANCELED, rpc_reply(self->rd, t.call, 2));
		EXPECT_EQ(0, chan_msgs(self->rd));
		EXPECT_EQ(-EAGAIN, rpc_take(self->rd, &t, IPCCHAN_SERVE_NONBLOCK));
	}
}

/* The reply is one to nobody, and said to be given. */
TEST_F(end, canceled_with_next)
{
	pid_t pid = start_call(self->wr, 1, 0), other;
	struct taken t;

	ASSERT_EQ(1, rpc_take(self->rd, &t, 0));
	child_kill(pid);
	other = start_call(self->wr, 5, 0);
	EXPECT_EQ(-ECANCELED, rpc_reply_take(self->rd, &t, 2, 0));
	EXPECT_EQ(1, t.replied);
	ASSERT_EQ(1, rpc_take(self->rd, &t, 0));
	EXPECT_EQ(5, t.value);
	EXPECT_EQ(0, rpc_reply(self->rd, t.call, 6));
	EXPECT_EQ(6, child_wait(other));
}

TEST_F(end, timeouts)
{
	uint64_t start = now_ns();
	struct taken t;
	pid_t pid;

	EXPECT_EQ(-ETIMEDOUT, rpc_call(self->wr, 1, 30 * MS));
	EXPECT_LE(30 * MS, now_ns() - start);
	EXPECT_EQ(0, chan_msgs(self->rd));
	EXPECT_GT(0, rpc_call(self->wr, 1, 0));
	EXPECT_EQ(0, chan_msgs(self->rd));
	pid = child_fork();
	if (pid == 0)
		_exit(rpc_call(self->wr, 1, 200 * MS) != -ETIMEDOUT);
	ASSERT_EQ(1, rpc_take(self->rd, &t, 0));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(-ECANCELED, rpc_reply(self->rd, t.call, 2));
	/* The time is that of all: waiting for room, in the queue, for the reply. */
	pid = start_call(self->wr, 1, 0);
	kill(start_call(self->wr, 2, 0), 0);
	start = now_ns();
	EXPECT_EQ(-ETIMEDOUT, rpc_call(self->wr, 3, 30 * MS));
	EXPECT_GT(5000 * MS, now_ns() - start);
	EXPECT_EQ(2, chan_msgs(self->rd));
	child_kill(pid);
}

TEST_F(end, server_time_limit)
{
	struct ipcchan_serve s = { .flags = IPCCHAN_SERVE_NEXT, .timeout_ns = 20 * MS };
	uint64_t start = now_ns();
	char buf[8];

	s.request = (struct ipcchan_msghdr) { .buf = (uintptr_t)buf, .len = 8 };
	EXPECT_EQ(-ETIMEDOUT, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_LE(20 * MS, now_ns() - start);
	s.timeout_ns = 0;
	EXPECT_EQ(-EAGAIN, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	s.flags |= IPCCHAN_SERVE_ABSTIME;
	s.timeout_ns = now_ns() + 20 * MS;
	EXPECT_EQ(-ETIMEDOUT, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	ASSERT_EQ(0, set_nonblock(self->rd, true));
	s.timeout_ns = INT64_MAX;
	EXPECT_EQ(-EAGAIN, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
}

/* What was replied is, whatever ends the wait for the next. */
TEST_F(end, replied_after_a_signal)
{
	static const int signals[] = { SIGUSR1, SIGUSR2 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		pid_t client = start_call(self->wr, 1, 0), server;

		server = child_fork();
		if (server == 0) {
			struct taken t;

			if (rpc_take(self->rd, &t, 0) != 1)
				_exit(1);
			if (rpc_reply_take(self->rd, &t, 9, 0) != -EINTR)
				_exit(2);
			_exit(t.replied == 1 ? 0 : 3);
		}
		EXPECT_EQ(9, child_wait(client));
		ASSERT_TRUE(wait_blocked(server, SYS_ioctl));
		kill(server, signals[i]);
		EXPECT_EQ(0, child_wait(server));
	}
}

/* A server that dies with calls fails them at once; those queued wait for another. */
TEST_F(end, server_killed)
{
	pid_t taken, queued, server;
	struct taken t;
	int fd = chan_peer(self->wr, O_RDONLY);

	taken = start_call(self->wr, 1, 0);
	server = child_fork();
	if (server == 0) {
		int own = chan_peer(self->wr, O_RDONLY);

		if (rpc_take(own, &t, 0) == 1)
			ppoll(NULL, 0, NULL, NULL);
		_exit(1);
	}
	ASSERT_TRUE(wait_blocked(server, SYS_ppoll));
	queued = start_call(self->wr, 2, 0);
	ASSERT_TRUE(is_blocked(taken, SYS_ioctl));
	child_kill(server);
	EXPECT_EQ(CHILD_ERROR + EOWNERDEAD, child_wait(taken));
	EXPECT_TRUE(is_blocked(queued, SYS_ioctl));
	ASSERT_EQ(1, rpc_take(fd, &t, 0));
	EXPECT_EQ(2, t.value);
	EXPECT_EQ(0, rpc_reply(fd, t.call, 3));
	EXPECT_EQ(3, child_wait(queued));
	close(fd);
}

/* The last one: with HANGUP nobody waits for another. */
TEST_F(end, last_server_closed)
{
	struct taken t;
	pid_t pid[4];
	int i, ret;

	for (i = 0; i < 4; i++) {
		/* They inherit the server's end, and must not keep it. */
		pid[i] = child_fork();
		if (pid[i] == 0) {
			close(self->rd);
			ret = rpc_call(self->wr, i, -1);
			_exit(ret < 0 ? CHILD_ERROR - ret : ret);
		}
		ASSERT_TRUE(wait_blocked(pid[i], SYS_ioctl));
	}
	ASSERT_EQ(1, rpc_take(self->rd, &t, 0));
	EXPECT_EQ(0, t.value);
	close(self->rd);
	self->rd = -1;
	EXPECT_EQ(CHILD_ERROR + EOWNERDEAD, child_wait(pid[0]));
	if (variant->options) {
		for (i = 1; i < 4; i++) {
			EXPECT_EQ(CHILD_ERROR + EPIPE, child_wait(pid[i]));
		}
		EXPECT_EQ(-EPIPE, rpc_call(self->wr, 9, -1));
		EXPECT_EQ(0, signals_seen());
	}
	self->rd = chan_peer(self->wr, O_RDONLY);
	for (i = 1; i < 4 && !variant->options; i++) {
		/* One that waited for room may just be on its way to wait for its reply. */
		EXPECT_TRUE(wait_blocked(pid[i], SYS_ioctl));
		ASSERT_EQ(1, rpc_take(self->rd, &t, IPCCHAN_SERVE_NONBLOCK));
		EXPECT_EQ(0, rpc_reply(self->rd, t.call, t.value));
		EXPECT_EQ(i, child_wait(pid[i]));
	}
	EXPECT_EQ(0, chan_msgs(self->wr));
}

TEST_F(end, last_client_closed)
{
	struct taken t;
	pid_t pid = child_fork();

	if (pid == 0) {
		close(self->wr);
		_exit(rpc_take(self->rd, &t, 0) + 50);
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	close(self->wr);
	if (variant->options) {
		EXPECT_EQ(50, child_wait(pid));
		EXPECT_EQ(0, rpc_take(self->rd, &t, 0));
	} else {
		sleep_ms(20);
		EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
		child_kill(pid);
		EXPECT_EQ(-EAGAIN, rpc_take(self->rd, &t, IPCCHAN_SERVE_NONBLOCK));
	}
	self->wr = chan_peer(self->rd, O_WRONLY);
}

/* A server whose room is bad does not keep the request from the next one. */
TEST_F(end, bad_buffers)
{
	struct ipcchan_serve s = { .flags = IPCCHAN_SERVE_NEXT, .timeout_ns = -1 };
	pid_t pid = start_call(self->wr, 4, 3), server;
	struct taken t;

	s.request = (struct ipcchan_msghdr) { .buf = (uintptr_t)bad_page(), .len = 8 };
	EXPECT_EQ(-EFAULT, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(1, chan_msgs(self->rd));
	EXPECT_EQ(1, rpc_take(self->rd, &t, 0));
	s.flags = IPCCHAN_SERVE_REPLY;
	s.call = t.call;
	s.reply = s.request;
	EXPECT_EQ(-EFAULT, do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	EXPECT_EQ(0, rpc_reply(self->rd, t.call, 5));
	EXPECT_EQ(5, child_wait(pid));
	/* The same to one that waits, while another waits. */
	server = child_fork();
	if (server == 0) {
		s.flags = IPCCHAN_SERVE_NEXT;
		_exit(-do_ioctl(self->rd, IPCCHAN_IOC_SERVE, &s));
	}
	ASSERT_TRUE(wait_blocked(server, SYS_ioctl));
	pid = start_adder(self->rd);
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_EQ(71, rpc_call(self->wr, 70, -1));
	EXPECT_EQ(EFAULT, child_wait(server));
	child_kill(pid);
}

/* Clients that give up at any moment, beside one that does not. */
TEST_F_TIMEOUT(end, races, 120)
{
	const uint32_t rounds = test_scale(400);
	pid_t server = start_adder(self->rd), pest;
	unsigned int seed = getpid();
	uint32_t i;

	TH_LOG("seed %u", seed);
	pest = child_fork();
	if (pest == 0) {
		for (i = 0;; i++) {
			int64_t v = rpc_call(self->wr, i, 1 + rand_r(&seed) % (2 * MS));

			if (v != i + 1 && v != -ETIMEDOUT)
				_exit(1);
		}
	}
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(1000 + i + 1, rpc_call(self->wr, 1000 + i, -1));
		if (i % 40 == 39) {
			child_kill(server);
			server = start_adder(self->rd);
		}
	}
	EXPECT_TRUE(kill(pest, 0) == 0 && waitpid(pest, NULL, WNOHANG) == 0);
	child_kill(pest);
	child_kill(server);
	EXPECT_EQ(0, chan_msgs(self->rd));
}

TEST_HARNESS_MAIN
