// SPDX-License-Identifier: GPL-2.0
/* How long IPCCHAN_IOC_SEND and _RECV wait, and what ends it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define MS	1000000ll

FIXTURE(wait) {
	int fd;		/* room for two messages */
	struct ipcchan_msghdr h[4];
	uint32_t value[4];
};

FIXTURE_SETUP(wait)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };
	int i;

	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	for (i = 0; i < 4; i++) {
		self->value[i] = i + 1;
		self->h[i] = (struct ipcchan_msghdr) {
			.buf = (uintptr_t)&self->value[i], .len = 4,
		};
	}
}

FIXTURE_TEARDOWN(wait)
{
	close(self->fd);
}

/* A call that cannot succeed.  Return: how long it took. */
static int64_t expect_error(struct __test_metadata *_metadata, FIXTURE_DATA(wait) *self,
			    bool sends, uint32_t flags, int64_t timeout_ns, int err)
{
	uint64_t start = now_ns();
	int ret = sends ? xfer_send(self->fd, self->h, 1, flags, timeout_ns) :
			  xfer_recv(self->fd, self->h, 1, flags, timeout_ns);

	EXPECT_EQ(err, ret) TH_LOG("flags %u, timeout %lld", flags, (long long)timeout_ns);
	return now_ns() - start;
}

TEST_F(wait, times)
{
	int64_t until;
	int sends;

	for (sends = 0; sends <= 1; sends++) {
		if (sends) {
			ASSERT_EQ(2, xfer_send(self->fd, self->h, 2, 0, -1));
		}
		/* Not at all. */
		expect_error(_metadata, self, sends, IPCCHAN_XFER_NONBLOCK, -1, -EAGAIN);
		expect_error(_metadata, self, sends, IPCCHAN_XFER_NONBLOCK, 60000 * MS, -EAGAIN);
		expect_error(_metadata, self, sends, 0, 0, -EAGAIN);
		ASSERT_EQ(0, set_nonblock(self->fd, true));
		expect_error(_metadata, self, sends, 0, -1, -EAGAIN);
		expect_error(_metadata, self, sends, 0, 60000 * MS, -EAGAIN);
		ASSERT_EQ(0, set_nonblock(self->fd, false));
		/* For some time, and never for less. */
		EXPECT_LE(30 * MS, expect_error(_metadata, self, sends, 0, 30 * MS, -ETIMEDOUT));
		until = now_ns() + 30 * MS;
		expect_error(_metadata, self, sends, IPCCHAN_XFER_ABSTIME, until, -ETIMEDOUT);
		EXPECT_LE(until, (int64_t)now_ns());
		expect_error(_metadata, self, sends, 0, 1, -ETIMEDOUT);
		/* A time that has passed; as a duration it would be very long. */
		until = now_ns() - 1;
		EXPECT_GT(until / 2, expect_error(_metadata, self, sends, IPCCHAN_XFER_ABSTIME,
						  until, -ETIMEDOUT));
		expect_error(_metadata, self, sends, IPCCHAN_XFER_ABSTIME, 1, -ETIMEDOUT);
		expect_error(_metadata, self, sends, IPCCHAN_XFER_ABSTIME, 0, -ETIMEDOUT);
	}
}

/* What is there is taken, however little time there is. */
TEST_F(wait, no_time_but_no_need_to_wait)
{
	EXPECT_EQ(1, xfer_send(self->fd, self->h, 1, IPCCHAN_XFER_ABSTIME, 1));
	EXPECT_EQ(1, xfer_send(self->fd, self->h, 1, 0, 0));
	EXPECT_EQ(1, xfer_recv(self->fd, self->h, 1, IPCCHAN_XFER_ABSTIME, 1));
	EXPECT_EQ(1, xfer_recv(self->fd, self->h, 1, 0, 0));
}

/* The longest that can be said is for ever. */
TEST_F(wait, for_very_long)
{
	static const int64_t times[] = { INT64_MAX, INT64_MAX - 1, INT64_MAX / 2 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(times) * 2; i++) {
		pid_t pid = child_fork();

		if (pid == 0)
			_exit(xfer_recv(self->fd, self->h, 1, i % 2 ? IPCCHAN_XFER_ABSTIME : 0,
					times[i / 2]) != 1);
		ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
		sleep_ms(20);
		EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
		ASSERT_EQ(0, msg_send_u32(self->fd, 1));
		EXPECT_EQ(0, child_wait(pid));
	}
}

TEST_F(wait, arrives_in_time)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		sleep_ms(30);
		_exit(msg_send_u32(self->fd, 77));
	}
	EXPECT_EQ(1, xfer_recv(self->fd, self->h, 4, 0, 60000 * MS));
	EXPECT_EQ(77, self->value[0]);
	EXPECT_EQ(0, child_wait(pid));
}

/* A child that waits to receive or to send, and exits with 200 and the result. */
static pid_t start(FIXTURE_DATA(wait) *self, bool sends, int saflags, uint32_t flags,
		   int64_t timeout_ns)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		int ret;

		on_signal(SIGUSR1, saflags);
		ret = sends ? xfer_send(self->fd, self->h, 4, flags, timeout_ns) :
			      xfer_recv(self->fd, self->h, 4, flags, timeout_ns);
		_exit(200 + ret);
	}
	return wait_blocked(pid, SYS_ioctl) ? pid : -ETIMEDOUT;
}

TEST_F(wait, signal_interrupts)
{
	pid_t pid = start(self, false, 0, 0, -1);

	ASSERT_LE(0, pid);
	kill(pid, SIGUSR1);
	EXPECT_EQ(200 - EINTR, child_wait(pid));
	/* Some were sent: that is what is told. */
	pid = start(self, true, 0, 0, -1);
	ASSERT_LE(0, pid);
	kill(pid, SIGUSR1);
	EXPECT_EQ(202, child_wait(pid));
	pid = start(self, true, 0, 0, -1);
	ASSERT_LE(0, pid);
	kill(pid, SIGUSR1);
	EXPECT_EQ(200 - EINTR, child_wait(pid));
	EXPECT_EQ(2, chan_msgs(self->fd));
}

/* Begun anew only where that does not make it longer. */
TEST_F(wait, signal_restarts)
{
	pid_t pid = start(self, false, SA_RESTART, 0, -1);
	uint64_t began, end;
	int i;

	ASSERT_LE(0, pid);
	for (i = 0; i < 3; i++) {
		kill(pid, SIGUSR1);
		sleep_ms(10);
		ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	}
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(201, child_wait(pid));

	began = now_ns();
	pid = start(self, false, SA_RESTART, 0, 60000 * MS);
	ASSERT_LE(0, pid);
	began = now_ns() - began;
	kill(pid, SIGUSR1);
	EXPECT_EQ(200 - EINTR, child_wait(pid));

	/* Long enough for it to be waiting by then. */
	end = now_ns() + 400 * MS + 10 * began;
	pid = start(self, false, SA_RESTART, IPCCHAN_XFER_ABSTIME, end);
	ASSERT_LE(0, pid);
	while (now_ns() < end - 100 * MS) {
		kill(pid, SIGUSR1);
		sleep_ms(20);
	}
	EXPECT_EQ(200 - ETIMEDOUT, child_wait(pid));
	EXPECT_LE(end, now_ns());
}

TEST_F(wait, killed)
{
	pid_t pid = start(self, false, 0, 0, -1);

	ASSERT_LE(0, pid);
	child_kill(pid);
	ASSERT_EQ(0, msg_send_u32(self->fd, 5));
	EXPECT_EQ(5, msg_recv_u32(self->fd));
	pid = start(self, true, 0, 0, -1);
	ASSERT_LE(0, pid);
	child_kill(pid);
	EXPECT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/* Arrivals and time limits race: each message is received once, or is still there. */
TEST_F(wait, arrival_races_with_the_time_limit)
{
	const uint32_t rounds = test_scale(300);
	uint32_t i, late = 0;

	for (i = 0; i < rounds; i++) {
		pid_t pid = child_fork();
		int ret;

		if (pid == 0) {
			ret = xfer_recv(self->fd, self->h, 1, 0, 2 * MS + i % 20 * MS / 10);
			_exit(ret == 1 ? (int)self->value[0] : -ret);
		}
		sleep_ms(i % 4);
		ASSERT_EQ(0, msg_send_u32(self->fd, 7));
		ret = child_wait(pid);
		if (ret == ETIMEDOUT) {
			ASSERT_EQ(7, msg_recv_u32(self->fd));
			late++;
		} else {
			ASSERT_EQ(7, ret);
		}
		ASSERT_EQ(0, chan_msgs(self->fd));
	}
	TH_LOG("%u of %u too late", late, rounds);
}

TEST_HARNESS_MAIN
