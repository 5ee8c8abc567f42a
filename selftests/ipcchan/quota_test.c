// SPDX-License-Identifier: GPL-2.0
/* What a user may have: channels, what they may hold, buffers; and that it is given back. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "ns.h"
#include "param.h"
#include "util.h"

#include "harness.h"

#define USER	OTHER_ID
#define OTHER	(OTHER_ID + 1)

FIXTURE(quota) {
};

FIXTURE_SETUP(quota)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	ASSERT_EQ(0, param_set("user_channels", 4));
	ASSERT_EQ(0, param_set("user_msgs", 100));
	ASSERT_EQ(0, param_set("user_bytes", 10000));
	ASSERT_EQ(0, param_set("user_buffers", 16384));
}

FIXTURE_TEARDOWN(quota)
{
	param_restore();
}

static int make(uint32_t kind, uint32_t msgs, uint64_t bytes, uint64_t buf)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = kind, .max_msgs = msgs,
		.max_bytes = bytes, .buf_size = buf,
	};

	return chan_open(kind == IPCCHAN_KIND_BROADCAST ? O_WRONLY : O_RDWR, &a);
}

/* 0 if such a channel is made, or refused with @err; else -@step. */
static int tries(int step, int err, uint32_t kind, uint32_t msgs, uint64_t bytes,
		 uint64_t buf)
{
	int fd = make(kind, msgs, bytes, buf);

	if (fd < 0)
		return fd == err ? 0 : -step;
	close(fd);
	return err ? -step : 0;
}

static int channels(const void *arg)
{
	int fd[4], i, ret;

	(void)arg;
	for (i = 0; i < 4; i++) {
		fd[i] = make(0, 1, 1, 0);
		if (fd[i] < 0)
			return -50 - i;
	}
	ret = tries(1, -EDQUOT, 0, 1, 1, 0);
	if (ret)
		return ret;
	/* One more endpoint of one is none more. */
	i = chan_peer(fd[0], O_RDWR);
	if (i < 0)
		return -60;
	close(fd[0]);
	ret = tries(2, -EDQUOT, 0, 1, 1, 0);
	if (ret)
		return ret;
	close(i);
	return tries(3, 0, 0, 1, 1, 0);
}

TEST_F(quota, channels)
{
	EXPECT_EQ(0, as_user(USER, USER, channels, NULL));
	/* All is given back with the process. */
	EXPECT_EQ(0, as_user(USER, USER, channels, NULL));
	EXPECT_EQ(0, as_user(OTHER, OTHER, channels, NULL));
}

static int contents(const void *arg)
{
	int fd, ret;

	(void)arg;
	ret = tries(4, -EDQUOT, 0, 101, 1000, 0) ?:
	      tries(5, 0, 0, 100, 1000, 0) ?:
	      tries(6, -EDQUOT, 0, 10, 10001, 0) ?:
	      tries(7, 0, 0, 10, 10000, 0) ?:
	      tries(8, 0, IPCCHAN_KIND_RPC, 100, 10000, 0) ?:
	      tries(9, -EDQUOT, 0, 0, 0, 0) ?:
	      tries(10, -EDQUOT, 0, 1, 1, 16385) ?:
	      tries(11, 0, 0, 1, 1, 16384);
	if (ret)
		return ret;
	fd = make(0, 60, 6000, 8192);
	if (fd < 0)
		return -70;
	ret = tries(12, -EDQUOT, 0, 41, 100, 0) ?:
	      tries(13, -EDQUOT, 0, 4, 4001, 0) ?:
	      tries(14, -EDQUOT, 0, 4, 100, 8193) ?:
	      tries(15, 0, 0, 40, 4000, 8192);
	if (ret)
		return ret;
	close(fd);
	return tries(16, 0, 0, 100, 10000, 16384);
}

TEST_F(quota, contents)
{
	EXPECT_EQ(0, as_user(USER, USER, contents, NULL));
	EXPECT_EQ(0, as_user(USER, USER, contents, NULL));
}

/* Of a broadcast channel each subscription costs who has it. */
static int subscriptions(const void *arg)
{
	int fd = make(IPCCHAN_KIND_BROADCAST, 40, 3000, 0), sub[2], i, ret;

	(void)arg;
	if (fd < 0)
		return -80;
	for (i = 0; i < 2; i++) {
		sub[i] = chan_peer(fd, O_RDONLY);
		if (sub[i] < 0)
			return -81 - i;
	}
	if (chan_peer(fd, O_RDONLY) != -EDQUOT)
		return -83;
	ret = tries(17, 0, 0, 20, 4000, 0) ?:
	      tries(18, -EDQUOT, 0, 21, 4000, 0);
	if (ret)
		return ret;
	/* What was refused has left nothing, and the channel is as it was. */
	if (msg_send_u32(fd, 1) || msg_recv_u32(sub[0]) != 1 || msg_recv_u32(sub[1]) != 1)
		return -84;
	close(sub[0]);
	sub[0] = chan_peer(fd, O_RDONLY);
	return sub[0] < 0 ? -85 : 0;
}

TEST_F(quota, subscriptions)
{
	EXPECT_EQ(0, as_user(USER, USER, subscriptions, NULL));
	EXPECT_EQ(0, as_user(USER, USER, subscriptions, NULL));
}

/* The creator pays, also when it is gone, until the channel is. */
static int leave_behind(const void *name)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .max_msgs = 90, .max_bytes = 100, .mode = 0666,
	};
	int fd;

	strcpy(a.name, name);
	fd = chan_open(O_RDWR, &a);
	return fd < 0 ? fd : msg_send_u32(fd, 1);
}

static int make_eleven(const void *arg)
{
	int fd = make(0, 11, 100, 0);

	(void)arg;
	return fd < 0 ? fd : 0;
}

TEST_F(quota, named)
{
	ASSERT_EQ(0, as_user(USER, USER, leave_behind, "left"));
	EXPECT_EQ(-EDQUOT, as_user(USER, USER, make_eleven, NULL));
	EXPECT_EQ(0, as_user(OTHER, OTHER, make_eleven, NULL));
	EXPECT_EQ(0, chan_unlink("left"));
	EXPECT_EQ(0, as_user(USER, USER, make_eleven, NULL));
}

/* A failure leaves nothing charged. */
static int failures(const void *arg)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL, .max_msgs = 1,
		.max_bytes = 1,
	};
	int i, fd;

	(void)arg;
	strcpy(a.name, "taken");
	for (i = 0; i < 10; i++) {
		if (chan_open(O_RDWR, &a) != -EEXIST)
			return -90;
		if (chan_named("roots", O_RDWR, 0) != -EACCES)
			return -91;
		fd = make(0, 101, 1, 4096);
		if (fd != -EDQUOT)
			return -92;
	}
	return channels(NULL);
}

TEST_F(quota, failures)
{
	int fd = chan_named("roots", O_RDWR, IPCCHAN_ATTACH_CREATE);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, as_user(OTHER, OTHER, leave_behind, "taken"));
	EXPECT_EQ(0, as_user(USER, USER, failures, NULL));
	chan_unlink("taken");
	chan_unlink("roots");
	close(fd);
}

/* Only the capability over the machine exempts. */
static int drop_capability(const void *arg)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];
	int ret;

	(void)arg;
	ret = tries(19, 0, 0, 1000, 20000, 65536);
	if (ret)
		return ret;
	if (syscall(SYS_capget, &h, d))
		return -95;
	d[0].effective &= ~(1u << CAP_SYS_RESOURCE);
	if (syscall(SYS_capset, &h, d))
		return -96;
	return tries(20, -EDQUOT, 0, 1000, 2000, 0) ?:
	       tries(21, 0, 0, 10, 2000, 0);
}

static int make_many(const void *arg)
{
	int fd = make(0, 101, 100, 0);

	(void)arg;
	return fd < 0 ? fd : 0;
}

TEST_F(quota, exempt)
{
	EXPECT_EQ(0, as_user(0, 0, drop_capability, NULL));
	EXPECT_EQ(-EDQUOT, in_userns(0, "0 100000 10\n", "0 100000 10\n", make_many, NULL));
}

/* The effective user pays, and is the one it is given back to. */
TEST_F(quota, effective_user)
{
	EXPECT_EQ(0, as_user(0, USER, channels, NULL));
	EXPECT_EQ(0, as_user(USER, USER, channels, NULL));
}

/* Who may not subscribe has neither come nor gone.  Return: 0, or minus the step that failed. */
static int refused_subscribers(const void *max_msgs)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
		.max_msgs = *(const int *)max_msgs, .max_msg_size = 8, .max_bytes = 480,
		.options = IPCCHAN_OPT_HANGUP,
	};
	int wr = chan_open(O_WRONLY, &a), other = make(IPCCHAN_KIND_QUEUE, 60, 480, 0), sub;

	if (wr < 0 || other < 0)
		return -1;
	if (chan_peer(wr, O_RDONLY) != -EDQUOT || msg_send_u32(wr, 1))
		return -2;
	close(other);
	sub = chan_peer(wr, O_RDONLY);
	if (sub < 0 || chan_peer(wr, O_RDONLY) != -EDQUOT || msg_send_u32(wr, 2))
		return -3;
	if (msg_recv_u32(sub) != 2)
		return -4;
	close(sub);
	signal(SIGPIPE, SIG_IGN);
	return msg_send_u32(wr, 3) == -EPIPE ? 0 : -5;
}

TEST_F(quota, refused_subscribers)
{
	const int msgs = 60;

	EXPECT_EQ(0, as_user(USER, USER, refused_subscribers, &msgs));
}

TEST_HARNESS_MAIN
