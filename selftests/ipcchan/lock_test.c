// SPDX-License-Identifier: GPL-2.0
/* fcntl() locks on endpoints: they are the channel's. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define SPAN	0x80000000LL
#define FAR	0x4000000000000000LL	/* from here on the module has parts, each twice the span */

FIXTURE(lock) {
	int fd;
	int peer;	/* of the same channel */
	int other;	/* of another one */
};

static int buffer_anon(void)
{
	struct ipcchan_attach a = { .buf_size = 4096 };

	return chan_anon(&a);
}

FIXTURE_SETUP(lock)
{
	self->fd = buffer_anon();
	ASSERT_LE(0, self->fd);
	self->peer = chan_peer(self->fd, O_RDWR);
	ASSERT_LE(0, self->peer);
	self->other = buffer_anon();
	ASSERT_LE(0, self->other);
}

FIXTURE_TEARDOWN(lock)
{
	close(self->fd);
	close(self->peer);
	close(self->other);
}

static int lock_cmd(int fd, int cmd, short type, int64_t start, int64_t len)
{
	struct flock fl = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len,
	};

	return fcntl(fd, cmd, &fl) ? -errno : 0;
}

static int lock(int fd, int64_t start, int64_t len)
{
	return lock_cmd(fd, F_OFD_SETLK, F_WRLCK, start, len);
}

static int unlock(int fd, int64_t start, int64_t len)
{
	return lock_cmd(fd, F_OFD_SETLK, F_UNLCK, start, len);
}

TEST_F(lock, of_the_channel)
{
	EXPECT_EQ(0, lock(self->fd, 10, 5));
	EXPECT_EQ(0, lock(self->fd, 12, 1));
	EXPECT_EQ(-EAGAIN, lock(self->peer, 14, 1));
	EXPECT_EQ(0, lock(self->peer, 15, 1));
	EXPECT_EQ(0, lock(self->other, 0, 100));
	EXPECT_EQ(0, unlock(self->fd, 14, 1));
	EXPECT_EQ(0, lock(self->peer, 14, 1));
	EXPECT_EQ(-EAGAIN, lock(self->peer, 13, 1));
	EXPECT_EQ(-EAGAIN, lock(self->fd, 14, 1));
}

/* By the last descriptor of the open file, whoever closes it. */
TEST_F(lock, ends_with_the_file)
{
	int copy = dup(self->fd);
	pid_t pid;

	EXPECT_EQ(0, lock(self->fd, 0, 0));
	close(self->fd);
	EXPECT_EQ(-EAGAIN, lock(self->peer, 1, 1));
	close(copy);
	EXPECT_EQ(0, lock(self->peer, 1, 1));

	self->fd = chan_peer(self->peer, O_RDWR);
	pid = child_fork();
	if (pid == 0) {
		int fd = chan_peer(self->peer, O_RDWR);

		close(self->fd);
		if (!lock(fd, 7, 1))
			raise(SIGKILL);
		_exit(1);
	}
	ASSERT_EQ(CHILD_SIGNALED + SIGKILL, child_wait(pid));
	EXPECT_EQ(0, lock(self->fd, 7, 1));
}

/* All of it is all of the channel. */
TEST_F(lock, range)
{
	struct flock fl = { .l_type = F_WRLCK, .l_start = 0, .l_len = 0 };

	EXPECT_EQ(0, lock(self->fd, SPAN - 1, 1));
	EXPECT_EQ(-EOVERFLOW, lock(self->fd, SPAN, 1));
	EXPECT_EQ(-EOVERFLOW, lock(self->fd, INT64_MAX, 0));
	EXPECT_EQ(-EINVAL, lock(self->fd, -1, 1));
	EXPECT_EQ(-EAGAIN, lock(self->peer, 5, 0));
	EXPECT_EQ(0, unlock(self->fd, 0, 0));
	EXPECT_EQ(0, lock(self->peer, 5, 0));
	ASSERT_EQ(0, fcntl(self->fd, F_OFD_GETLK, &fl));
	EXPECT_EQ(F_WRLCK, fl.l_type);
	EXPECT_EQ(5, fl.l_start);
	EXPECT_EQ(SPAN - 5, fl.l_len);
	EXPECT_EQ(-1, fl.l_pid);
	fl = (struct flock) { .l_type = F_WRLCK, .l_start = 3, .l_len = 2 };
	ASSERT_EQ(0, fcntl(self->fd, F_OFD_GETLK, &fl));
	EXPECT_EQ(F_UNLCK, fl.l_type);
	fl = (struct flock) { .l_type = F_WRLCK };
	ASSERT_EQ(0, fcntl(self->other, F_OFD_GETLK, &fl));
	EXPECT_EQ(F_UNLCK, fl.l_type);
}

/* What is far away is some bytes of this channel, or refused; none is left when it is closed. */
TEST_F(lock, far)
{
	int64_t part, taken = 0;
	int fd, again;

	for (part = 0; part < 4096; part++) {
		const int64_t start = FAR + part * SPAN;

		EXPECT_EQ(-EOVERFLOW, lock(self->fd, start, 0));
		EXPECT_EQ(-EOVERFLOW, lock(self->fd, start + 1, SPAN));
		taken += lock(self->fd, start + 1, 1) == 0;
		taken += lock(self->fd, start, SPAN) == 0;
	}
	EXPECT_EQ(2, taken);
	EXPECT_EQ(-EAGAIN, lock(self->peer, 1, 1));
	EXPECT_EQ(0, lock(self->other, 0, 0));
	close(self->fd);
	EXPECT_EQ(0, lock(self->peer, 0, 0));
	/* Nor on what is made next. */
	fd = buffer_anon();
	again = chan_peer(fd, O_RDWR);
	EXPECT_EQ(0, lock(fd, 0, 0));
	EXPECT_EQ(-EAGAIN, lock(again, SPAN - 1, 1));
	close(again);
	self->fd = fd;
}

/* The kernel tells of the file that holds it: one that is still there. */
static int locks_listed(void)
{
	char line[256];
	FILE *f = fopen("/proc/locks", "r");
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n++;
	if (f)
		fclose(f);
	return n;
}

/* A process's locks of one channel are none of the next one. */
TEST_F(lock, no_neighbour)
{
	const int before = locks_listed();
	struct flock fl = { .l_type = F_WRLCK };
	pid_t pid;
	int i, fd;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, lock_cmd(self->fd, F_SETLK, F_WRLCK, 0, 0));
		EXPECT_EQ(0, lock_cmd(self->other, F_SETLK, F_WRLCK, 0, 0));
		EXPECT_EQ(before + 2, locks_listed());
		pid = child_fork();
		if (pid == 0)
			_exit(fcntl(self->other, F_GETLK, &fl) || fl.l_start || fl.l_len != SPAN);
		EXPECT_EQ(0, child_wait(pid));
		close(self->fd);
		EXPECT_EQ(before + 1, locks_listed());
		fd = self->other;
		self->fd = fd;
		self->other = buffer_anon();
		EXPECT_EQ(0, lock_cmd(fd, F_SETLK, F_UNLCK, 0, 0));
		EXPECT_EQ(before, locks_listed());
	}
}

static int64_t lock_wait(int fd, int cmd)
{
	return lock_cmd(fd, cmd, F_WRLCK, 100, 1);
}

TEST_F(lock, waits)
{
	const int cmds[] = { F_OFD_SETLKW, F_SETLKW };
	unsigned int i;
	pid_t pid;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		ASSERT_EQ(0, lock(self->fd, 90, 20));
		pid = child_fork();
		if (pid == 0)
			_exit(lock_wait(self->peer, cmds[i]) || lock(self->fd, 100, 1) != -EAGAIN);
		ASSERT_TRUE(wait_blocked(pid, SYS_fcntl));
		ASSERT_EQ(0, unlock(self->fd, 90, 10));
		ASSERT_TRUE(wait_blocked(pid, SYS_fcntl));
		ASSERT_EQ(0, unlock(self->fd, 90, 20));
		EXPECT_EQ(0, child_wait(pid));
		EXPECT_EQ(0, unlock(self->peer, 100, 1));
	}
}

/* Those of a process end when it closes any descriptor that it could lock through. */
TEST_F(lock, of_a_process)
{
	int again = chan_peer(self->fd, O_RDWR);

	EXPECT_EQ(0, lock_cmd(self->fd, F_SETLK, F_WRLCK, 3, 1));
	EXPECT_EQ(0, lock_cmd(self->peer, F_SETLK, F_WRLCK, 3, 1));
	EXPECT_EQ(-EAGAIN, lock(again, 3, 1));
	close(self->other);
	EXPECT_EQ(-EAGAIN, lock(again, 3, 1));
	close(self->peer);
	EXPECT_EQ(0, lock(again, 3, 1));
	close(again);
	self->peer = dup(self->fd);
	self->other = dup(self->fd);
}

/* None for who may not write the buffer, or where there is none. */
TEST_F(lock, refused)
{
	int bare = dev_open(O_RDWR), none = chan_anon(NULL);
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_FD, .role = IPCCHAN_ROLE_RECV, .fd = self->fd,
	};
	int rd = chan_open(O_RDWR, &a);
	struct flock fl = { .l_type = F_WRLCK };

	ASSERT_LE(0, rd);
	EXPECT_EQ(-ENOTCONN, lock(bare, 0, 1));
	EXPECT_EQ(-ENODEV, lock(none, 0, 1));
	EXPECT_EQ(-EBADF, lock(rd, 0, 1));
	EXPECT_EQ(-1, fcntl(rd, F_OFD_GETLK, &fl));
	EXPECT_EQ(0, lock(self->fd, 0, 0));
	close(bare);
	close(none);
	close(rd);
}

TEST_HARNESS_MAIN
