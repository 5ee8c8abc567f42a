// SPDX-License-Identifier: GPL-2.0
/* Who sent a message, who opened the descriptor it was sent through, and when. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "util.h"

#include "harness.h"

#define UID	OTHER_ID
#define UIDS	"0 100000 10\n500 0 1\n"
#define UIDS_WITHOUT_ROOT	"0 100000 10\n"
#define OVERFLOW_ID	65534

FIXTURE(identity) {
	int fd;
};

FIXTURE_SETUP(identity)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .mode = 0666 };

	ASSERT_EQ(0, device_for_all());
	self->fd = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, set_nonblock(self->fd, true));
}

FIXTURE_TEARDOWN(identity)
{
	close(self->fd);
}

static void expect_from(struct __test_metadata *_metadata, int fd, uint32_t value,
			uint32_t pid, uint32_t uid, uint32_t opener_pid,
			uint32_t opener_uid)
{
	struct ipcchan_msghdr h = { 0 };

	EXPECT_EQ(value, label_recv(fd, &h, 0));
	EXPECT_EQ(pid, h.pid);
	EXPECT_EQ(uid, h.uid);
	EXPECT_EQ(uid, h.gid);
	EXPECT_EQ(opener_pid, h.opener_pid);
	EXPECT_EQ(opener_uid, h.opener_uid);
	EXPECT_EQ(opener_uid, h.opener_gid);
}

/* A child sends @value through @fd, or through one that it opens itself. */
static pid_t send_from_child(int fd, uint32_t value, uid_t before, uid_t after, bool own)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		if (setegid(before) || seteuid(before))
			_exit(1);
		if (own)
			fd = chan_peer(fd, O_WRONLY);
		if (seteuid(0) || setegid(after) || seteuid(after))
			_exit(2);
		_exit(-label_send(fd, value, 0, 0, 0));
	}
	return child_wait(pid) ? -1 : pid;
}

TEST_F(identity, own)
{
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	expect_from(_metadata, self->fd, 1, getpid(), 0, getpid(), 0);
	ASSERT_EQ(0, label_send(self->fd, 2, 3, 4, 0));
	expect_from(_metadata, self->fd, 2, getpid(), 0, getpid(), 0);
}

/* The pid is that of the process when it sent: it is gone when it is read. */
TEST_F(identity, across_fork)
{
	pid_t inherited = send_from_child(self->fd, 1, 0, 0, false);
	pid_t own = send_from_child(self->fd, 2, 0, 0, true);

	ASSERT_LT(0, inherited);
	ASSERT_LT(0, own);
	ASSERT_EQ(0, msg_send_u32(self->fd, 3));
	/* pid 0: no process has it any more. */
	expect_from(_metadata, self->fd, 1, inherited, 0, getpid(), 0);
	expect_from(_metadata, self->fd, 2, own, 0, own, 0);
	expect_from(_metadata, self->fd, 3, getpid(), 0, getpid(), 0);
}

TEST_F(identity, across_setuid)
{
	pid_t pid;

	pid = send_from_child(self->fd, 1, 0, UID, false);
	expect_from(_metadata, self->fd, 1, pid, UID, getpid(), 0);
	pid = send_from_child(self->fd, 2, UID, 0, true);
	expect_from(_metadata, self->fd, 2, pid, 0, pid, UID);
	pid = send_from_child(self->fd, 3, UID, UID, true);
	expect_from(_metadata, self->fd, 3, pid, UID, pid, UID);
}

/* In one batch, whose messages have each its own. */
TEST_F(identity, in_a_batch)
{
	struct ipcchan_msghdr h[40];
	uint32_t v[40];
	pid_t pid[40];
	int i;

	for (i = 0; i < 40; i++) {
		pid[i] = send_from_child(self->fd, i, i % 3 ? UID : 0,
					 i % 4 < 2 ? UID : 0, i % 5 < 2);
		ASSERT_LT(0, pid[i]);
		h[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)&v[i], .len = 4 };
	}
	ASSERT_EQ(40, xfer_recv(self->fd, h, 40, 0, -1));
	for (i = 0; i < 40; i++) {
		EXPECT_EQ(i, v[i]);
		EXPECT_EQ(pid[i], h[i].pid);
		EXPECT_EQ(i % 4 < 2 ? UID : 0, h[i].uid);
		EXPECT_EQ(i % 5 < 2 ? pid[i] : getpid(), h[i].opener_pid);
		EXPECT_EQ(i % 5 < 2 && i % 3 ? UID : 0, h[i].opener_uid);
	}
}

struct view {
	int fd;
	uint32_t pid, uid, opener_pid, opener_uid;
};

/* 0 if the next message is seen as @arg says. */
static int sees(const void *arg)
{
	const struct view *v = arg;
	struct ipcchan_msghdr h;

	if (label_recv(v->fd, &h, 0) < 0)
		return -1;
	if (h.pid != v->pid)
		return -2;
	if (h.opener_pid != v->opener_pid)
		return -3;
	if (h.uid != v->uid || h.gid != v->uid)
		return -4;
	if (h.opener_uid != v->opener_uid || h.opener_gid != v->opener_uid)
		return -5;
	return 0;
}

TEST_F(identity, user_namespace)
{
	struct view mapped = { self->fd, getpid(), 500, getpid(), 500 };
	struct view unmapped = { self->fd, getpid(), OVERFLOW_ID, getpid(), OVERFLOW_ID };

	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(0, in_userns(0, UIDS, UIDS, sees, &mapped));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	EXPECT_EQ(0, in_userns(0, UIDS_WITHOUT_ROOT, UIDS_WITHOUT_ROOT, sees, &unmapped));
}

static int sends(const void *arg)
{
	const struct view *v = arg;

	return label_send(v->fd, 7, 0, 0, 0);
}

TEST_F(identity, from_a_user_namespace)
{
	struct view v = { .fd = self->fd };
	struct ipcchan_msghdr h;

	ASSERT_EQ(0, in_userns(0, UIDS, UIDS, sends, &v));
	EXPECT_EQ(7, label_recv(self->fd, &h, 0));
	EXPECT_EQ(100000, h.uid);
	EXPECT_EQ(100000, h.gid);
	EXPECT_EQ(0, h.opener_uid);
	EXPECT_EQ((uint32_t)getpid(), h.opener_pid);
}

/* A child of a new PID namespace is its process 1; it has no number for others. */
TEST_F(identity, pid_namespace)
{
	struct view outer = { self->fd, 0, 0, 0, 0 }, inner = { self->fd, 1, 0, 0, 0 };
	struct ipcchan_msghdr h;
	pid_t pid;

	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	pid = fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		int own, ret = sees(&outer);

		if (ret)
			_exit(10 - ret);
		if (label_send(self->fd, 2, 0, 0, 0) || sees(&inner))
			_exit(20);
		own = chan_peer(self->fd, O_WRONLY);
		inner.opener_pid = 1;
		if (label_send(own, 3, 0, 0, 0) || sees(&inner))
			_exit(30);
		_exit(-label_send(own, 4, 0, 0, 0));
	}
	EXPECT_EQ(0, child_wait(pid));
	/* Seen from outside it has the number it has there. */
	EXPECT_EQ(4, label_recv(self->fd, &h, 0));
	EXPECT_EQ((uint32_t)pid, h.pid);
	EXPECT_EQ((uint32_t)pid, h.opener_pid);
}

TEST_F(identity, timestamps)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .options = IPCCHAN_OPT_TIMESTAMP,
	};
	uint64_t before, middle, after;
	int fd = chan_open(O_RDWR, &a);
	struct ipcchan_msghdr h;

	ASSERT_LE(0, fd);
	before = now_ns();
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	middle = now_ns();
	ASSERT_EQ(0, label_send(fd, 2, 0, 0, 0));
	after = now_ns();
	sleep_ms(10);
	ASSERT_EQ(1, label_recv(fd, &h, 0));
	EXPECT_LE(before, h.time_ns);
	EXPECT_GE(middle, h.time_ns);
	ASSERT_EQ(2, label_recv(fd, &h, 0));
	EXPECT_LE(middle, h.time_ns);
	EXPECT_GE(after, h.time_ns);
	close(fd);
}

TEST_HARNESS_MAIN
