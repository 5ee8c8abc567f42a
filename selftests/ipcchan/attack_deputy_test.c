// SPDX-License-Identifier: GPL-2.0
/*
 * An attacker who goes by way of others: a privileged program that was given a descriptor, and
 * the process that has one.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ns.h"
#include "util.h"

#include "harness.h"

#define USER	OTHER_ID
#define VALUE	0x5ec4e7

FIXTURE(deputy) {
};

FIXTURE_SETUP(deputy)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
}

FIXTURE_TEARDOWN(deputy)
{
}

static int create(const char *name, uint32_t mode)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL, .mode = mode,
	};

	strcpy(a.name, name);
	return chan_open(O_RDWR | O_NONBLOCK, &a);
}

/* By way of the process that has it.  Return: 0, or -1 to -6: what was not refused. */
static int reach_into(const void *arg)
{
	const int fd = *(const int *)arg;
	const pid_t pid = getppid();
	struct iovec here = { (void *)arg, sizeof(fd) }, there = here;
	char path[64];
	int other;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	if (open(path, O_RDWR) >= 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	if (open(path, O_RDONLY) >= 0)
		return -2;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	if (open(path, O_RDWR) >= 0)
		return -3;
	if (process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0)
		return -4;
	other = syscall(SYS_pidfd_open, pid, 0);
	if (other >= 0 && syscall(SYS_pidfd_getfd, other, fd, 0) >= 0)
		return -5;
	return open("/sys/kernel/debug/ipcchan/state", O_RDONLY) >= 0 ? -6 : 0;
}

TEST_F(deputy, other_process)
{
	int fd = create("private", 0600);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, as_user(USER, USER, reach_into, &fd));
	close(fd);
	chan_unlink("private");
}

/* Opened by @uid, and given to the caller. */
static int opened_by(uid_t uid, int oflags)
{
	int fd = seteuid(uid) ? -errno : dev_open(oflags | O_NONBLOCK);

	return seteuid(0) ? -EIO : fd;
}

/*
 * A privileged program is made to use the device as its input or output: as for files it is
 * who opened it who must have the right.
 */
TEST_F(deputy, made_to_use_the_default)
{
	int fd = create(IPCCHAN_DEFAULT_NAME, 0600), in, out;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, msg_send_u32(fd, VALUE));
	in = opened_by(USER, O_RDONLY);
	out = opened_by(USER, O_WRONLY);
	ASSERT_LE(0, in);
	ASSERT_LE(0, out);
	EXPECT_EQ(-EACCES, msg_recv_u32(in));
	EXPECT_EQ(-EACCES, msg_send_u32(out, 1));
	EXPECT_EQ(POLLERR, poll_now(out, POLLOUT));
	EXPECT_EQ(1, chan_msgs(fd));
	close(in);
	close(out);
	/* Its owner's own are as ever. */
	in = dev_open(O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(VALUE, msg_recv_u32(in));
	close(in);
	close(fd);
	chan_unlink(IPCCHAN_DEFAULT_NAME);
}

static int read_given(const void *fd)
{
	int64_t ret = msg_recv_u32(*(const int *)fd);

	return ret < 0 ? ret : 0;
}

/* Nor does a descriptor that is not attached yet lend its opener's right. */
TEST_F(deputy, opened_by_the_owner)
{
	int fd = create(IPCCHAN_DEFAULT_NAME, 0600);
	int in = dev_open(O_RDONLY | O_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, msg_send_u32(fd, VALUE));
	EXPECT_EQ(-EACCES, as_user(USER, USER, read_given, &in));
	EXPECT_EQ(VALUE, msg_recv_u32(in));
	close(in);
	close(fd);
	chan_unlink(IPCCHAN_DEFAULT_NAME);
}

/* Who was made to create it does not pay for it. */
TEST_F(deputy, made_to_create_the_default)
{
	struct ipcchan_info info;
	int fd = opened_by(USER, O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(POLLOUT, poll_now(fd, POLLOUT));
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_STREQ(IPCCHAN_DEFAULT_NAME, info.name);
	EXPECT_EQ(USER, info.uid);
	close(fd);
	chan_unlink(IPCCHAN_DEFAULT_NAME);
}

TEST_HARNESS_MAIN
