// SPDX-License-Identifier: GPL-2.0
/* Waiting for a message and for room: who is woken, in which order, by what. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define SENDERS		4
#define RECEIVERS	4

FIXTURE(block) {
	int fd;		/* room for two messages */
};

FIXTURE_SETUP(block)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };

	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(block)
{
	close(self->fd);
}

/* A child that receives one number and exits with it. */
static pid_t start_receiver(int fd)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		int64_t v = msg_recv_u32(fd);

		_exit(v < 0 ? 200 : v);
	}
	return pid;
}

/* A child that sends one number and exits with 0. */
static pid_t start_sender(int fd, uint32_t value)
{
	pid_t pid = child_fork();

	if (pid == 0)
		_exit(msg_send_u32(fd, value) ? 1 : 0);
	return pid;
}

static void fill_up(struct __test_metadata *_metadata, int fd)
{
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	ASSERT_EQ(0, msg_send_u32(fd, 2));
}

TEST_F(block, receiver_woken)
{
	pid_t pid = start_receiver(self->fd);

	ASSERT_TRUE(wait_blocked(pid, SYS_read));
	EXPECT_EQ(0, msg_send_u32(self->fd, 42));
	EXPECT_EQ(42, child_wait(pid));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

TEST_F(block, sender_woken)
{
	pid_t pid;

	fill_up(_metadata, self->fd);
	pid = start_sender(self->fd, 3);
	ASSERT_TRUE(wait_blocked(pid, SYS_write));
	sleep_ms(20);
	EXPECT_TRUE(is_blocked(pid, SYS_write));
	EXPECT_EQ(2, chan_msgs(self->fd));
	EXPECT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
	EXPECT_EQ(3, msg_recv_u32(self->fd));
}

TEST_F(block, senders_in_order)
{
	pid_t pid[SENDERS];
	int i;

	fill_up(_metadata, self->fd);
	for (i = 0; i < SENDERS; i++) {
		pid[i] = start_sender(self->fd, 3 + i);
		ASSERT_TRUE(wait_blocked(pid[i], SYS_write));
	}
	for (i = 0; i < SENDERS + 2; i++) {
		EXPECT_EQ(1 + i, msg_recv_u32(self->fd));
	}
	for (i = 0; i < SENDERS; i++) {
		EXPECT_EQ(0, child_wait(pid[i]));
	}
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/* One place gets free: one sender goes on, the others stay where they are. */
TEST_F(block, one_place_one_sender)
{
	pid_t first, second;

	fill_up(_metadata, self->fd);
	first = start_sender(self->fd, 3);
	ASSERT_TRUE(wait_blocked(first, SYS_write));
	second = start_sender(self->fd, 4);
	ASSERT_TRUE(wait_blocked(second, SYS_write));
	EXPECT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(0, child_wait(first));
	sleep_ms(20);
	EXPECT_TRUE(is_blocked(second, SYS_write));
	EXPECT_EQ(2, chan_msgs(self->fd));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(3, msg_recv_u32(self->fd));
	EXPECT_EQ(4, msg_recv_u32(self->fd));
}

TEST_F(block, each_receiver_one_message)
{
	unsigned int seen = 0;
	pid_t pid[RECEIVERS];
	int i, v;

	for (i = 0; i < RECEIVERS; i++) {
		pid[i] = start_receiver(self->fd);
		ASSERT_TRUE(wait_blocked(pid[i], SYS_read));
	}
	for (i = 0; i < RECEIVERS; i++) {
		EXPECT_EQ(0, msg_send_u32(self->fd, i));
	}
	for (i = 0; i < RECEIVERS; i++) {
		v = child_wait(pid[i]);
		ASSERT_GT(RECEIVERS, v);
		seen |= 1u << v;
	}
	EXPECT_EQ((1u << RECEIVERS) - 1, seen);
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/* One message for two sleepers: one of them wakes, the other sleeps on. */
TEST_F(block, one_message_one_receiver)
{
	pid_t pid[2], done;
	int i, status;

	for (i = 0; i < 2; i++) {
		pid[i] = start_receiver(self->fd);
		ASSERT_TRUE(wait_blocked(pid[i], SYS_read));
	}
	EXPECT_EQ(0, msg_send_u32(self->fd, 7));
	done = wait(&status);
	EXPECT_EQ(7, WEXITSTATUS(status));
	i = done == pid[0];
	sleep_ms(20);
	EXPECT_TRUE(is_blocked(pid[i], SYS_read));
	EXPECT_EQ(0, msg_send_u32(self->fd, 8));
	EXPECT_EQ(8, child_wait(pid[i]));
}

static pid_t start_small_receiver(int fd)
{
	pid_t pid = child_fork();
	char buf[2];

	if (pid == 0)
		_exit(-msg_recv(fd, buf, sizeof(buf)));
	return pid;
}

TEST_F(block, too_little_room_message_stays)
{
	pid_t pid = start_small_receiver(self->fd);

	ASSERT_TRUE(wait_blocked(pid, SYS_read));
	EXPECT_EQ(0, msg_send_u32(self->fd, 7));
	EXPECT_EQ(EMSGSIZE, child_wait(pid));
	EXPECT_EQ(4, chan_next(self->fd));
	EXPECT_EQ(7, msg_recv_u32(self->fd));
}

TEST_F(block, too_little_room_next_gets_it)
{
	pid_t small = start_small_receiver(self->fd), big;

	ASSERT_TRUE(wait_blocked(small, SYS_read));
	big = start_receiver(self->fd);
	ASSERT_TRUE(wait_blocked(big, SYS_read));
	EXPECT_EQ(0, msg_send_u32(self->fd, 7));
	EXPECT_EQ(EMSGSIZE, child_wait(small));
	EXPECT_EQ(7, child_wait(big));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/* A sleeper whose buffer is bad does not keep the message from the next. */
TEST_F(block, bad_buffer_next_gets_it)
{
	char *bad = bad_page();
	pid_t faulty = child_fork(), good;

	ASSERT_LE(0, faulty);
	if (faulty == 0)
		_exit(-msg_recv(self->fd, bad, 16));
	ASSERT_TRUE(wait_blocked(faulty, SYS_read));
	good = start_receiver(self->fd);
	ASSERT_TRUE(wait_blocked(good, SYS_read));
	EXPECT_EQ(0, msg_send_u32(self->fd, 7));
	EXPECT_EQ(EFAULT, child_wait(faulty));
	EXPECT_EQ(7, child_wait(good));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/* O_NONBLOCK set while somebody sleeps on the same open file. */
TEST_F(block, nonblock_beside_a_sleeper)
{
	pid_t pid = start_receiver(self->fd);
	int nb = chan_peer(self->fd, O_RDWR | O_NONBLOCK);

	ASSERT_LE(0, nb);
	ASSERT_TRUE(wait_blocked(pid, SYS_read));
	EXPECT_EQ(-EAGAIN, msg_recv_u32(nb));
	EXPECT_TRUE(is_blocked(pid, SYS_read));
	EXPECT_EQ(0, msg_send_u32(nb, 9));
	EXPECT_EQ(9, child_wait(pid));
	close(nb);
}

TEST_F(block, close_of_another_descriptor)
{
	int peer = chan_peer(self->fd, O_RDWR);
	int copy = dup(peer);
	pid_t pid;

	ASSERT_LE(0, peer);
	ASSERT_LE(0, copy);
	pid = start_receiver(self->fd);
	ASSERT_TRUE(wait_blocked(pid, SYS_read));
	close(peer);
	sleep_ms(20);
	EXPECT_TRUE(is_blocked(pid, SYS_read));
	EXPECT_EQ(0, msg_send_u32(copy, 5));
	EXPECT_EQ(5, child_wait(pid));
	close(copy);
}

TEST_F(block, dup_and_fork_share_an_endpoint)
{
	struct ipcchan_info info;
	int copy = dup(self->fd);
	pid_t pid;

	ASSERT_LE(0, copy);
	ASSERT_EQ(0, msg_send_u32(copy, 1));
	pid = start_receiver(copy);
	EXPECT_EQ(1, child_wait(pid));
	ASSERT_EQ(0, chan_info(copy, &info));
	EXPECT_EQ(1, info.endpoints);
	close(copy);
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
}

TEST_HARNESS_MAIN
