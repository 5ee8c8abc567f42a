// SPDX-License-Identifier: GPL-2.0
/* Sleepers and signals: interrupted, restarted, killed; nothing is lost. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

FIXTURE(signal) {
	int fd;		/* room for two messages */
};

FIXTURE_SETUP(signal)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };

	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(signal)
{
	close(self->fd);
}

/*
 * A child that sleeps in read() with SIGUSR1 handled as @flags say; it exits
 * with what it received, or 100 and the errno.
 */
static pid_t start_receiver(int fd, int flags)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		int64_t v;

		on_signal(SIGUSR1, flags);
		v = msg_recv_u32(fd);
		if (!signals_seen())
			_exit(99);
		_exit(v < 0 ? 100 - v : v);
	}
	return pid;
}

static pid_t start_sender(int fd, uint32_t value, int flags)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		on_signal(SIGUSR1, flags);
		_exit(-msg_send_u32(fd, value));
	}
	return pid;
}

static void fill_up(struct __test_metadata *_metadata, int fd)
{
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	ASSERT_EQ(0, msg_send_u32(fd, 2));
}

TEST_F(signal, interrupts_receiver)
{
	pid_t pid = start_receiver(self->fd, 0);

	ASSERT_TRUE(wait_blocked(pid, SYS_read));
	kill(pid, SIGUSR1);
	EXPECT_EQ(100 + EINTR, child_wait(pid));
	EXPECT_EQ(0, msg_send_u32(self->fd, 7));
	EXPECT_EQ(7, msg_recv_u32(self->fd));
}

TEST_F(signal, restarts_receiver)
{
	pid_t pid = start_receiver(self->fd, SA_RESTART);
	int i;

	ASSERT_TRUE(wait_blocked(pid, SYS_read));
	for (i = 0; i < 5; i++) {
		kill(pid, SIGUSR1);
		sleep_ms(10);
		ASSERT_TRUE(wait_blocked(pid, SYS_read));
	}
	EXPECT_EQ(0, msg_send_u32(self->fd, 7));
	EXPECT_EQ(7, child_wait(pid));
}

TEST_F(signal, interrupts_sender)
{
	pid_t pid;

	fill_up(_metadata, self->fd);
	pid = start_sender(self->fd, 3, 0);
	ASSERT_TRUE(wait_blocked(pid, SYS_write));
	kill(pid, SIGUSR1);
	EXPECT_EQ(EINTR, child_wait(pid));
	EXPECT_EQ(2, chan_msgs(self->fd));
	EXPECT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
	/* It sent nothing, and left nothing that sends later. */
	EXPECT_EQ(0, chan_msgs(self->fd));
}

TEST_F(signal, restarts_sender)
{
	pid_t pid;
	int i;

	fill_up(_metadata, self->fd);
	pid = start_sender(self->fd, 3, SA_RESTART);
	ASSERT_TRUE(wait_blocked(pid, SYS_write));
	for (i = 0; i < 5; i++) {
		kill(pid, SIGUSR1);
		sleep_ms(10);
		ASSERT_TRUE(wait_blocked(pid, SYS_write));
	}
	for (i = 1; i <= 3; i++) {
		EXPECT_EQ(i, msg_recv_u32(self->fd));
	}
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/* A sender that gives up does not take the turn of those behind it. */
TEST_F(signal, interrupted_sender_leaves_the_line)
{
	pid_t first, second;

	fill_up(_metadata, self->fd);
	first = start_sender(self->fd, 3, 0);
	ASSERT_TRUE(wait_blocked(first, SYS_write));
	second = start_sender(self->fd, 4, 0);
	ASSERT_TRUE(wait_blocked(second, SYS_write));
	kill(first, SIGUSR1);
	EXPECT_EQ(EINTR, child_wait(first));
	EXPECT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
	EXPECT_EQ(4, msg_recv_u32(self->fd));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

TEST_F(signal, killed_receiver)
{
	pid_t first = start_receiver(self->fd, 0);
	pid_t second;

	ASSERT_TRUE(wait_blocked(first, SYS_read));
	second = start_receiver(self->fd, SA_RESTART);
	ASSERT_TRUE(wait_blocked(second, SYS_read));
	kill(second, SIGUSR1);
	child_kill(first);
	EXPECT_EQ(0, msg_send_u32(self->fd, 7));
	EXPECT_EQ(7, child_wait(second));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

TEST_F(signal, killed_sender)
{
	pid_t first, second;

	fill_up(_metadata, self->fd);
	first = start_sender(self->fd, 3, 0);
	ASSERT_TRUE(wait_blocked(first, SYS_write));
	second = start_sender(self->fd, 4, 0);
	ASSERT_TRUE(wait_blocked(second, SYS_write));
	child_kill(first);
	EXPECT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
	EXPECT_EQ(4, msg_recv_u32(self->fd));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/*
 * Signals and messages racing for a receiver: each message is received exactly
 * once, by the receiver or, when the signal won, by whoever looks afterwards.
 */
TEST_F(signal, hand_over_races_with_signal)
{
	const uint32_t rounds = test_scale(500);
	uint32_t i, taken = 0, left = 0;

	for (i = 0; i < rounds; i++) {
		pid_t pid = start_receiver(self->fd, 0);
		int ret;

		ASSERT_TRUE(wait_blocked(pid, SYS_read));
		if (i % 2)
			kill(pid, SIGUSR1);
		ASSERT_EQ(0, msg_send_u32(self->fd, 42));
		if (!(i % 2))
			kill(pid, SIGUSR1);
		ret = child_wait(pid);
		if (ret == 100 + EINTR) {
			ASSERT_EQ(1, chan_msgs(self->fd));
			ASSERT_EQ(42, msg_recv_u32(self->fd));
			left++;
		} else {
			/* 99: received before the signal came */
			ASSERT_TRUE(ret == 42 || ret == 99) TH_LOG("%d", ret);
			ASSERT_EQ(0, chan_msgs(self->fd));
			taken++;
		}
	}
	TH_LOG("%u received, %u interrupted", taken, left);
	EXPECT_EQ(rounds, taken + left);
}

/* kill -9 at any moment gives back everything a process held. */
TEST_F(signal, killed_owner_leaves_no_channel)
{
	struct ipcchan_info info;
	int link[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(link));
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		struct ipcchan_attach limits = { .max_msgs = 1, .buf_size = 65536 };
		int fd = chan_anon(&limits);

		if (fd < 0 || chan_info(fd, &info) || msg_send_u32(fd, 1) ||
		    write(link[1], &info, sizeof(info)) != sizeof(info))
			_exit(1);
		msg_send_u32(fd, 2);
		_exit(2);
	}
	ASSERT_EQ(sizeof(info), read(link[0], &info, sizeof(info)));
	ASSERT_TRUE(wait_blocked(pid, SYS_write));
	EXPECT_TRUE(chan_exists(info.id));
	child_kill(pid);
	EXPECT_FALSE(chan_exists(info.id));
	close(link[0]);
	close(link[1]);
}

TEST_HARNESS_MAIN
