// SPDX-License-Identifier: GPL-2.0
/*
 * 32-bit processes on a 64-bit kernel: every ioctl's structure, messages, poll,
 * the buffer and the doorbell.  compat_peer is the 32-bit side.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "place.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define PAGE		4096
#define OWN_NAME	"of 32 bits"	/* as in compat_peer.c */
/* Numbers of i386's system calls. */
#define I386_IOCTL	54
#define I386_POLL	168

FIXTURE(compat) {
	char *map;
	int fd;
};

FIXTURE_SETUP(compat)
{
	struct ipcchan_attach limits = { .max_msgs = 4, .buf_size = 3 * PAGE };

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->map = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->map);
}

FIXTURE_TEARDOWN(compat)
{
	munmap(self->map, 3 * PAGE);
	close(self->fd);
}

static void peer_path(char path[PATH_MAX])
{
	char exe[PATH_MAX - 16];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	exe[len < 0 ? 0 : len] = '\0';
	snprintf(path, PATH_MAX, "%s/compat_peer", dirname(exe));
}

/* Start the 32-bit side at @step; it exits with 0, or 126 when it cannot run. */
static pid_t peer_start(int fd, const char *step)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		char path[PATH_MAX];

		peer_path(path);
		/* Also where it is that one already. */
		if (dup2(fd, 3) == 3 && !fcntl(3, F_SETFD, 0))
			execl(path, path, step, NULL);
		_exit(126);
	}
	return pid;
}

static int peer_run(int fd, const char *step)
{
	return child_wait(peer_start(fd, step));
}

static bool peer_missing(void)
{
	char path[PATH_MAX];

	peer_path(path);
	return access(path, X_OK) || access("/proc/sys/abi/vsyscall32", F_OK);
}

#define NO_PEER "no 32-bit programs on this kernel, or none built"

TEST_F(compat, query)
{
	struct ipcchan_query q = { 0 };

	if (peer_missing())
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, do_ioctl(self->fd, IPCCHAN_IOC_QUERY, &q));
	ASSERT_EQ(sizeof(q), msg_send(self->fd, &q, sizeof(q)));
	EXPECT_EQ(0, peer_run(self->fd, "query"));
}

TEST_F(compat, info)
{
	struct ipcchan_info info;

	if (peer_missing())
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, chan_info(self->fd, &info));
	ASSERT_EQ(sizeof(info), msg_send(self->fd, &info, sizeof(info)));
	EXPECT_EQ(0, peer_run(self->fd, "info"));
}

TEST_F(compat, attach_and_unlink)
{
	struct ipcchan_info info;
	int fd;

	if (peer_missing())
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, peer_run(self->fd, "attach"));
	fd = chan_named(OWN_NAME, O_RDWR, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(info.id, msg_recv_u32(self->fd));
	EXPECT_EQ(0640, info.mode);
	EXPECT_EQ(7, info.max_msgs);
	EXPECT_EQ(100, info.max_msg_size);
	EXPECT_EQ(300, info.max_bytes);
	EXPECT_EQ(3 * PAGE, info.buf_size);
	EXPECT_EQ(1, info.endpoints);

	EXPECT_EQ(0, peer_run(self->fd, "unlink"));
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(IPCCHAN_CHAN_UNLINKED, info.flags);
	close(fd);
}

TEST_F(compat, messages)
{
	char buf[16];

	if (peer_missing())
		SKIP(return, NO_PEER);
	ASSERT_EQ(7, msg_send(self->fd, "from 64", 7));
	ASSERT_EQ(0, peer_run(self->fd, "messages"));
	ASSERT_EQ(7, msg_recv(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "from 32", 7));
	ASSERT_EQ(6, msg_recv(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "vector", 6));
	EXPECT_EQ(0, chan_msgs(self->fd));
}

TEST_F(compat, poll)
{
	pid_t pid;

	if (peer_missing())
		SKIP(return, NO_PEER);
	pid = peer_start(self->fd, "poll");
	ASSERT_TRUE(wait_blocked(pid, I386_POLL));
	EXPECT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(1, msg_recv_u32(self->fd));
}

TEST_F(compat, map)
{
	if (peer_missing())
		SKIP(return, NO_PEER);
	strcpy(self->map + PAGE, "second page");
	EXPECT_EQ(0, peer_run(self->fd, "map"));
	EXPECT_STREQ("third page", self->map + 2 * PAGE);
}

TEST_F(compat, send)
{
	char buf[2][8];
	int32_t fd = -1;
	struct ipcchan_msghdr h[2] = {
		{ .buf = (uintptr_t)buf[0], .len = 8 },
		{ .buf = (uintptr_t)buf[1], .len = 8, .fds = (uintptr_t)&fd, .nr_fds = 1 },
	};
	pid_t pid;

	if (peer_missing())
		SKIP(return, NO_PEER);
	pid = peer_start(self->fd, "send");
	ASSERT_EQ(1, xfer_recv(self->fd, &h[0], 1, 0, -1));
	ASSERT_EQ(1, xfer_recv(self->fd, &h[1], 1, 0, -1));
	EXPECT_EQ(3, h[0].len);
	EXPECT_EQ(0, memcmp(buf[0], "one", 3));
	EXPECT_EQ(0, memcmp(buf[1], "two", 3));
	EXPECT_EQ(3, h[0].prio);
	EXPECT_EQ(UINT32_MAX, h[0].type);
	EXPECT_EQ(0x100000005ull, h[0].cookie);
	EXPECT_EQ(pid, h[0].pid);
	EXPECT_EQ(getpid(), h[0].opener_pid);
	ASSERT_EQ(1, h[1].nr_fds);
	EXPECT_EQ(1, write(fd, "x", 1));
	EXPECT_EQ(0, child_wait(pid));
	close(fd);
}

TEST_F(compat, recv)
{
	pid_t pid;

	if (peer_missing())
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, label_send(self->fd, getpid(), 9, 0x80000001, 0));
	pid = peer_start(self->fd, "recv");
	/* Its short wait is over. */
	while (chan_msgs(self->fd))
		sleep_ms(1);
	sleep_ms(100);
	ASSERT_TRUE(wait_blocked(pid, I386_IOCTL));
	EXPECT_EQ(0, msg_send_u32(self->fd, 77));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F(compat, filter)
{
	if (peer_missing())
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, label_send(self->fd, 1, 0, 6, 0));
	ASSERT_EQ(0, label_send(self->fd, 2, 0, 7, 0));
	EXPECT_EQ(0, peer_run(self->fd, "filter"));
	EXPECT_EQ(1, chan_msgs(self->fd));
}

TEST_F(compat, loan)
{
	int fd = loans_anon(IPCCHAN_KIND_QUEUE, 3);
	char *map = map_buf(fd, 3);

	if (peer_missing())
		SKIP(return, NO_PEER);
	ASSERT_NE(NULL, map);
	EXPECT_EQ(0, peer_run(fd, "loan"));
	ASSERT_EQ(PAGE, recv_block(fd));
	EXPECT_STREQ("built by 32", map + PAGE);
	/* The second, and what was given back: the endpoint is the same. */
	EXPECT_EQ(1, give_back(fd, PAGE));
	EXPECT_EQ(1, give_back(fd, 0));
	EXPECT_EQ(-ENOENT, give_back(fd, 2 * PAGE));
	close(fd);
}

TEST_F(compat, pool)
{
	if (peer_missing())
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	EXPECT_EQ(0, peer_run(self->fd, "pool"));
	EXPECT_EQ(0, chan_msgs(self->fd));
	EXPECT_NE(NULL, map_pool(self->fd, 1));
}

static int rpc_create(void)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC,
	};

	return chan_open(O_RDWR, &a);
}

TEST_F(compat, call)
{
	int rpc = rpc_create();
	pid_t pid;

	if (peer_missing())
		SKIP(return, NO_PEER);
	ASSERT_LE(0, rpc);
	pid = start_adder(rpc);
	EXPECT_EQ(0, peer_run(rpc, "call"));
	child_kill(pid);
	close(rpc);
}

TEST_F(compat, serve)
{
	int rpc = rpc_create();
	pid_t peer, call[2];

	if (peer_missing())
		SKIP(return, NO_PEER);
	ASSERT_LE(0, rpc);
	call[0] = start_call(rpc, 7, 0);
	call[1] = start_call(rpc, 9, 0);
	peer = peer_start(rpc, "serve");
	EXPECT_EQ(8, child_wait(call[0]));
	EXPECT_EQ(CHILD_ERROR + EDOM, child_wait(call[1]));
	EXPECT_EQ(0, child_wait(peer));
	close(rpc);
}

static int bell_wake(int fd)
{
	struct ipcchan_wake w = { .offset = PAGE + 4, .count = 5 };

	return do_ioctl(fd, IPCCHAN_IOC_WAKE, &w);
}

TEST_F(compat, doorbell)
{
	int i;
	pid_t pid;

	if (peer_missing())
		SKIP(return, NO_PEER);
	EXPECT_EQ(0, peer_run(self->fd, "bell-errors"));
	EXPECT_EQ(0, peer_run(self->fd, "ears"));
	pid = peer_start(self->fd, "bell-wait");
	/* With a time that needs more than 32 bits, then for ever. */
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(wait_blocked(pid, I386_IOCTL));
		sleep_ms(50);
		ASSERT_TRUE(is_blocked(pid, I386_IOCTL));
		EXPECT_EQ(1, bell_wake(self->fd));
	}
	EXPECT_EQ(0, child_wait(pid));

	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		struct ipcchan_wait w = {
			.offset = PAGE + 4, .timeout_ns = IPCCHAN_WAIT_FOREVER,
		};

		_exit(-do_ioctl(self->fd, IPCCHAN_IOC_WAIT, &w));
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_EQ(0, peer_run(self->fd, "bell-wake"));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_HARNESS_MAIN
