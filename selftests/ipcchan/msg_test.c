// SPDX-License-Identifier: GPL-2.0
/* Messages: boundaries, order, sizes, limits, bad buffers. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define MAX_SIZE	65536

FIXTURE(msg) {
	int fd;
	char *bad;
};

FIXTURE_SETUP(msg)
{
	self->fd = chan_anon(NULL);
	ASSERT_LE(0, self->fd);
	self->bad = bad_page();
}

FIXTURE_TEARDOWN(msg)
{
	close(self->fd);
}

static void fill(char *buf, size_t len, unsigned int seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = (i * 7 + i / 251 + seed * 31) & 0xff;
}

static bool is_filled(const char *buf, size_t len, unsigned int seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (buf[i] != (char)((i * 7 + i / 251 + seed * 31) & 0xff))
			return false;
	return true;
}

TEST_F(msg, every_size)
{
	static const ssize_t sizes[] = {
		1, 2, 3, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 129, 191, 192,
		193, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 4000, 4032,
		4064, 4095, 4096, 4097, 8191, 8192, 8193, 32768, 65535, 65536,
	};
	static char in[MAX_SIZE], out[MAX_SIZE + 1];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fill(in, sizes[i], i);
		ASSERT_EQ(sizes[i], msg_send(self->fd, in, sizes[i]));
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(out, 0x55, sizeof(out));
		ASSERT_EQ(sizes[i], chan_next(self->fd));
		ASSERT_EQ(sizes[i], msg_recv(self->fd, out, sizeof(out)));
		EXPECT_TRUE(is_filled(out, sizes[i], i)) TH_LOG("size %zd", sizes[i]);
		EXPECT_EQ(0x55, out[sizes[i]]);
	}
	EXPECT_EQ(0, chan_next(self->fd));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

/*
 * What fits no slot is made of the memory of one before, where it takes as much.  Its length
 * and its bytes are its own, also after one that could not be sent.
 */
TEST_F(msg, large_after_large)
{
	static const ssize_t sizes[] = { 65536, 65530, 300, 400, 5000, 8000, 4100, 60000 };
	static char in[MAX_SIZE], out[MAX_SIZE + 1];
	unsigned int i, seed;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(-EFAULT, msg_send(self->fd, self->bad - 8, sizes[i]));
		for (seed = 0; seed < 2; seed++) {
			fill(in, sizes[i], seed);
			ASSERT_EQ(sizes[i], msg_send(self->fd, in, sizes[i]));
		}
		for (seed = 0; seed < 2; seed++) {
			memset(out, 0x55, sizeof(out));
			ASSERT_EQ(sizes[i], msg_recv(self->fd, out, sizeof(out)));
			EXPECT_TRUE(is_filled(out, sizes[i], seed)) TH_LOG("size %zd", sizes[i]);
			EXPECT_EQ(0x55, out[sizes[i]]);
		}
	}
}

/* Small, large and inline payloads mixed: first in, first out. */
TEST_F(msg, order)
{
	char buf[512];
	uint32_t i, round, seq;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 500; i++) {
			memset(buf, 0, sizeof(buf));
			memcpy(buf, &i, sizeof(i));
			ASSERT_EQ(4 + i % 400, msg_send(self->fd, buf, 4 + i % 400));
		}
		for (i = 0; i < 500; i++) {
			ASSERT_EQ(4 + i % 400, msg_recv(self->fd, buf, sizeof(buf)));
			memcpy(&seq, buf, sizeof(seq));
			ASSERT_EQ(i, seq);
		}
	}
}

TEST_F(msg, vectors)
{
	char in[64], out[64] = { 0 };
	struct iovec from[] = {
		{ in, 1 }, { in + 1, 0 }, { NULL, 0 }, { in + 1, 2 }, { in + 3, 30 },
		{ in + 33, 31 },
	};
	struct iovec to[] = {
		{ out, 3 }, { out + 3, 0 }, { out + 3, 59 }, { out + 62, 1 }, { out + 63, 1 },
	};
	struct iovec one_short[] = { { out, 60 }, { out + 60, 3 } };

	fill(in, sizeof(in), 1);
	ASSERT_EQ(64, writev(self->fd, from, ARRAY_SIZE(from)));
	EXPECT_EQ(1, chan_msgs(self->fd));
	errno = 0;
	EXPECT_EQ(-1, readv(self->fd, one_short, 2));
	EXPECT_EQ(EMSGSIZE, errno);
	ASSERT_EQ(64, readv(self->fd, to, ARRAY_SIZE(to)));
	EXPECT_TRUE(is_filled(out, 64, 1));

	/* One vector is no message boundary, nor is one call two messages. */
	ASSERT_EQ(64, writev(self->fd, from, ARRAY_SIZE(from)));
	ASSERT_EQ(4, msg_send(self->fd, "next", 4));
	memset(out, 0, sizeof(out));
	ASSERT_EQ(64, readv(self->fd, to, ARRAY_SIZE(to)));
	EXPECT_TRUE(is_filled(out, 64, 1));
	ASSERT_EQ(4, readv(self->fd, to, ARRAY_SIZE(to)));
	EXPECT_EQ(0, memcmp("next", out, 4));
}

TEST_F(msg, too_long_to_send)
{
	static char buf[MAX_SIZE + 1];
	struct iovec iov[2] = { { buf, MAX_SIZE }, { buf, 1 } };

	EXPECT_EQ(-EMSGSIZE, msg_send(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(-1, writev(self->fd, iov, 2));
	EXPECT_EQ(EMSGSIZE, errno);
	/* Far more than there is: told from the length, not by touching it. */
	EXPECT_EQ(-EMSGSIZE, msg_send(self->fd, buf, 1ul << 31));
	EXPECT_EQ(0, chan_msgs(self->fd));
	EXPECT_EQ(MAX_SIZE, msg_send(self->fd, buf, MAX_SIZE));
}

TEST_F(msg, too_little_room)
{
	char buf[100];

	fill(buf, sizeof(buf), 2);
	ASSERT_EQ(100, msg_send(self->fd, buf, 100));
	ASSERT_EQ(1, msg_send(self->fd, "x", 1));
	memset(buf, 0x55, sizeof(buf));
	EXPECT_EQ(-EMSGSIZE, msg_recv(self->fd, buf, 1));
	EXPECT_EQ(-EMSGSIZE, msg_recv(self->fd, buf, 99));
	EXPECT_EQ(0x55, buf[0]);
	EXPECT_EQ(100, chan_next(self->fd));
	EXPECT_EQ(2, chan_msgs(self->fd));
	ASSERT_EQ(100, msg_recv(self->fd, buf, 100));
	EXPECT_TRUE(is_filled(buf, 100, 2));
	ASSERT_EQ(1, msg_recv(self->fd, buf, 1));
	EXPECT_EQ('x', buf[0]);
}

TEST_F(msg, zero_length)
{
	struct iovec none[2] = { { NULL, 0 }, { NULL, 0 } };
	char buf[4];

	EXPECT_EQ(-EINVAL, msg_send(self->fd, buf, 0));
	EXPECT_EQ(-EINVAL, msg_send(self->fd, NULL, 0));
	/* The VFS itself answers a vector without bytes. */
	EXPECT_GE(0, writev(self->fd, none, 2));
	EXPECT_EQ(0, chan_msgs(self->fd));
	/* Not even where it would have to wait otherwise. */
	EXPECT_EQ(-EINVAL, msg_recv(self->fd, buf, 0));
	EXPECT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(-EINVAL, msg_recv(self->fd, buf, 0));
	EXPECT_GE(0, readv(self->fd, none, 2));
	EXPECT_EQ(1, chan_msgs(self->fd));
	EXPECT_EQ(1, msg_recv_u32(self->fd));
}

TEST_F(msg, bad_buffers)
{
	char *half = self->bad - 8;
	char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *const bad_in[] = { NULL, (char *)1, (char *)-4096l, (char *)(1ul << 63),
				 self->bad, half };
	char *const bad_out[] = { NULL, (char *)1, (char *)-4096l, (char *)(1ul << 63),
				  self->bad, half, ro };
	struct iovec split[2] = { { half, 8 }, { self->bad, 8 } };
	char buf[16];
	unsigned int i;

	ASSERT_NE(MAP_FAILED, ro);
	fill(half, 8, 3);
	for (i = 0; i < ARRAY_SIZE(bad_in); i++) {
		EXPECT_EQ(-EFAULT, msg_send(self->fd, bad_in[i], 16)) TH_LOG("%u", i);
	}
	EXPECT_EQ(-1, writev(self->fd, split, 2));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, chan_msgs(self->fd));

	fill(buf, sizeof(buf), 4);
	ASSERT_EQ(16, msg_send(self->fd, buf, 16));
	ASSERT_EQ(0, msg_send_u32(self->fd, 5));
	for (i = 0; i < ARRAY_SIZE(bad_out); i++) {
		EXPECT_EQ(-EFAULT, msg_recv(self->fd, bad_out[i], 16)) TH_LOG("%u", i);
		EXPECT_EQ(2, chan_msgs(self->fd));
	}
	EXPECT_EQ(-1, readv(self->fd, split, 2));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(16, chan_next(self->fd));
	memset(buf, 0, sizeof(buf));
	ASSERT_EQ(16, msg_recv(self->fd, buf, 16));
	EXPECT_TRUE(is_filled(buf, 16, 4));
	EXPECT_EQ(5, msg_recv_u32(self->fd));

	/* A bad tail that the message does not reach does no harm. */
	ASSERT_EQ(0, msg_send_u32(self->fd, 6));
	EXPECT_EQ(4, msg_recv(self->fd, half, 16));
	EXPECT_EQ(6, *(uint32_t *)half);
}

/* A receiver that sleeps with a bad buffer is handed a message. */
TEST_F(msg, bad_buffer_of_a_sleeper)
{
	pid_t pid;

	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0)
		_exit(-msg_recv(self->fd, self->bad, 16));
	ASSERT_TRUE(wait_blocked(pid, SYS_read));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	EXPECT_EQ(EFAULT, child_wait(pid));
	EXPECT_EQ(2, chan_msgs(self->fd));
	EXPECT_EQ(4, chan_next(self->fd));
	EXPECT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

TEST_F(msg, not_seekable)
{
	char buf[4];

	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->fd, buf, 4, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pwrite(self->fd, buf, 4, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(1, chan_msgs(self->fd));
}

TEST_F(msg, limit_of_messages)
{
	struct ipcchan_attach limits = { .max_msgs = 3 };
	int fd = chan_anon(&limits);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_nonblock(fd, true));
	EXPECT_EQ(-EAGAIN, msg_recv_u32(fd));
	EXPECT_EQ(0, msg_send_u32(fd, 1));
	EXPECT_EQ(0, msg_send_u32(fd, 2));
	EXPECT_EQ(0, msg_send_u32(fd, 3));
	EXPECT_EQ(-EAGAIN, msg_send_u32(fd, 4));
	EXPECT_EQ(3, chan_msgs(fd));
	EXPECT_EQ(1, msg_recv_u32(fd));
	EXPECT_EQ(0, msg_send_u32(fd, 5));
	EXPECT_EQ(-EAGAIN, msg_send_u32(fd, 6));
	EXPECT_EQ(2, msg_recv_u32(fd));
	EXPECT_EQ(3, msg_recv_u32(fd));
	EXPECT_EQ(5, msg_recv_u32(fd));
	EXPECT_EQ(-EAGAIN, msg_recv_u32(fd));
	close(fd);
}

TEST_F(msg, limit_of_bytes)
{
	struct ipcchan_attach limits = { .max_bytes = 100, .max_msg_size = 100 };
	struct ipcchan_info info;
	char buf[101] = { 0 };
	int fd = chan_anon(&limits);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_nonblock(fd, true));
	EXPECT_EQ(-EMSGSIZE, msg_send(fd, buf, 101));
	EXPECT_EQ(100, msg_send(fd, buf, 100));
	EXPECT_EQ(-EAGAIN, msg_send(fd, buf, 1));
	EXPECT_EQ(100, msg_recv(fd, buf, 100));
	EXPECT_EQ(60, msg_send(fd, buf, 60));
	EXPECT_EQ(-EAGAIN, msg_send(fd, buf, 41));
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(60, info.bytes);
	EXPECT_EQ(1, info.msgs);
	EXPECT_EQ(40, msg_send(fd, buf, 40));
	EXPECT_EQ(-EAGAIN, msg_send(fd, buf, 1));
	EXPECT_EQ(60, msg_recv(fd, buf, 100));
	EXPECT_EQ(40, msg_recv(fd, buf, 100));
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(0, info.bytes);
	close(fd);
}

static void *send_all(void *arg)
{
	int fd = *(int *)arg;
	uintptr_t i;

	for (i = 0; i < 5000; i++)
		if (msg_send_u32(fd, i))
			return (void *)(i + 1);
	return NULL;
}

TEST_F(msg, two_threads)
{
	struct ipcchan_attach limits = { .max_msgs = 16 };
	int fd = chan_anon(&limits);
	pthread_t thread;
	void *failed;
	uint32_t i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pthread_create(&thread, NULL, send_all, &fd));
	for (i = 0; i < 5000; i++) {
		ASSERT_EQ(i, msg_recv_u32(fd));
	}
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
	EXPECT_EQ(0, chan_msgs(fd));
	close(fd);
}

TEST_HARNESS_MAIN
