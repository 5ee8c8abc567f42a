// SPDX-License-Identifier: GPL-2.0
/* Counters of a channel, exactly; and channels of several network namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "place.h"
#include "util.h"

#include "harness.h"

FIXTURE(stats) {
	struct genl *g;
	uint32_t id;
	int fd;		/* room for two messages */
};

FIXTURE_SETUP(stats)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };
	struct ipcchan_info info;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->g = genl_open();
	ASSERT_NE(NULL, self->g);
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, chan_info(self->fd, &info));
	self->id = info.id;
}

FIXTURE_TEARDOWN(stats)
{
	close(self->fd);
	genl_close(self->g);
}

/* In the order of enum ipcchan_attr_stats. */
static void expect_stats(struct __test_metadata *_metadata, FIXTURE_DATA(stats) *self,
			 const uint64_t want[9])
{
	static const char *const names[9] = {
		"sent", "sent bytes", "received", "received bytes", "handovers",
		"send waits", "recv waits", "wakeups", "lost",
	};
	struct genl_chan c;
	int i;

	ASSERT_EQ(0, genl_get(self->g, NULL, self->id, &c));
	for (i = 0; i < 9; i++) {
		EXPECT_EQ(want[i], c.stats[IPCCHAN_A_STATS_SENT + i])
			TH_LOG("%s", names[i]);
	}
}

TEST_F(stats, nobody_waits)
{
	char buf[10] = { 0 };

	expect_stats(_metadata, self, (uint64_t[9]){ 0 });
	ASSERT_EQ(10, msg_send(self->fd, buf, 10));
	ASSERT_EQ(1, msg_send(self->fd, buf, 1));
	expect_stats(_metadata, self, (uint64_t[9]){ 2, 11 });
	ASSERT_EQ(10, msg_recv(self->fd, buf, 10));
	expect_stats(_metadata, self, (uint64_t[9]){ 2, 11, 1, 10 });
	ASSERT_EQ(1, msg_recv(self->fd, buf, 10));
	expect_stats(_metadata, self, (uint64_t[9]){ 2, 11, 2, 11 });
}

static void expect_used(struct __test_metadata *_metadata, FIXTURE_DATA(stats) *self, int fd,
			uint64_t buf_used, uint64_t pool_size, uint64_t pool_used)
{
	struct ipcchan_info info;
	struct genl_chan c;

	ASSERT_EQ(0, chan_info(fd, &info));
	ASSERT_EQ(0, genl_get(self->g, NULL, info.id, &c));
	EXPECT_EQ(buf_used, c.buf_used);
	EXPECT_EQ(pool_size, c.pool_size);
	EXPECT_EQ(pool_used, c.pool_used);
}

/* Whoever has it, until it is given back. */
TEST_F(stats, blocks)
{
	const uint32_t page = page_size();
	int fd = loans_anon(IPCCHAN_KIND_QUEUE, 8), rd = chan_peer(fd, O_RDONLY);

	expect_used(_metadata, self, fd, 0, 0, 0);
	ASSERT_EQ(0, loan(fd, 2 * page, 0, -1));
	expect_used(_metadata, self, fd, 2 * page, 0, 0);
	ASSERT_EQ(1, send_block(fd, 0, 1));
	expect_used(_metadata, self, fd, 2 * page, 0, 0);
	ASSERT_EQ(0, recv_block(rd));
	expect_used(_metadata, self, fd, 2 * page, 0, 0);
	ASSERT_EQ(1, give_back(rd, 0));
	expect_used(_metadata, self, fd, 0, 0, 0);

	ASSERT_EQ(0, pool(rd, 4, IPCCHAN_POOL_COPY, 1));
	expect_used(_metadata, self, fd, 0, 4 * page, 0);
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	expect_used(_metadata, self, fd, 0, 4 * page, page);
	ASSERT_EQ(1, msg_recv_u32(fd));
	expect_used(_metadata, self, fd, 0, 4 * page, 0);
	close(rd);
	expect_used(_metadata, self, fd, 0, 0, 0);
	close(fd);
}

/* Calls that fail are not counted. */
TEST_F(stats, failures)
{
	static char buf[1 << 20];
	char *bad = bad_page();

	ASSERT_EQ(0, set_nonblock(self->fd, true));
	EXPECT_EQ(-EAGAIN, msg_recv_u32(self->fd));
	EXPECT_EQ(-EFAULT, msg_send(self->fd, bad, 4));
	EXPECT_EQ(-EINVAL, msg_send(self->fd, buf, 0));
	EXPECT_EQ(-EMSGSIZE, msg_send(self->fd, buf, sizeof(buf)));
	expect_stats(_metadata, self, (uint64_t[9]){ 0 });
	EXPECT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(0, msg_send_u32(self->fd, 2));
	EXPECT_EQ(-EAGAIN, msg_send_u32(self->fd, 3));
	EXPECT_EQ(-EMSGSIZE, msg_recv(self->fd, buf, 3));
	EXPECT_EQ(-EFAULT, msg_recv(self->fd, bad, 4));
	expect_stats(_metadata, self, (uint64_t[9]){ 2, 8 });
	EXPECT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(2, msg_recv_u32(self->fd));
	expect_stats(_metadata, self, (uint64_t[9]){ 2, 8, 2, 8 });
}

TEST_F(stats, receiver_waits)
{
	pid_t pid = child_fork();

	ASSERT_LE(0, pid);
	if (pid == 0)
		_exit(msg_recv_u32(self->fd));
	ASSERT_TRUE(wait_blocked(pid, SYS_read));
	ASSERT_EQ(0, msg_send_u32(self->fd, 7));
	EXPECT_EQ(7, child_wait(pid));
	expect_stats(_metadata, self, (uint64_t[9]){ 1, 4, 1, 4, 1, 0, 1, 1 });
}

/* What a sleeper was handed and could not take has not been received. */
TEST_F(stats, refused_hand_over)
{
	char *bad = bad_page();
	pid_t pid = child_fork();

	ASSERT_LE(0, pid);
	if (pid == 0)
		_exit(-msg_recv(self->fd, bad, 16));
	ASSERT_TRUE(wait_blocked(pid, SYS_read));
	ASSERT_EQ(0, msg_send_u32(self->fd, 7));
	EXPECT_EQ(EFAULT, child_wait(pid));
	expect_stats(_metadata, self, (uint64_t[9]){ 1, 4, 0, 0, 1, 0, 1, 1 });
	EXPECT_EQ(7, msg_recv_u32(self->fd));
	expect_stats(_metadata, self, (uint64_t[9]){ 1, 4, 1, 4, 1, 0, 1, 1 });
}

TEST_F(stats, sender_waits)
{
	pid_t pid;

	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(0, msg_send_u32(self->fd, 2));
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0)
		_exit(-msg_send_u32(self->fd, 3));
	ASSERT_TRUE(wait_blocked(pid, SYS_write));
	expect_stats(_metadata, self, (uint64_t[9]){ 2, 8, 0, 0, 0, 1, 0, 0 });
	ASSERT_EQ(1, msg_recv_u32(self->fd));
	EXPECT_EQ(0, child_wait(pid));
	expect_stats(_metadata, self, (uint64_t[9]){ 3, 12, 1, 4, 0, 1, 0, 1 });
	ASSERT_EQ(2, msg_recv_u32(self->fd));
	ASSERT_EQ(3, msg_recv_u32(self->fd));
	expect_stats(_metadata, self, (uint64_t[9]){ 3, 12, 3, 12, 0, 1, 0, 1 });
}

FIXTURE(netns) {
	char name[IPCCHAN_NAME_SIZE];
	int fd;
	int to_child[2], to_parent[2];
};

FIXTURE_SETUP(netns)
{
	unique_name(self->name);
	self->fd = chan_named(self->name, O_RDWR, IPCCHAN_ATTACH_CREATE);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, pipe(self->to_child));
	ASSERT_EQ(0, pipe(self->to_parent));
}

FIXTURE_TEARDOWN(netns)
{
	close(self->fd);
	chan_unlink(self->name);
}

static void meet(int to, int from)
{
	char c = 0;

	if (write(to, &c, 1) != 1 || read(from, &c, 1) != 1)
		_exit(50);
}

/* In a namespace of its own: empty at first, the same name is free there. */
static int stranger(FIXTURE_DATA(netns) *self)
{
	struct genl *g;
	int fd;

	if (unshare(CLONE_NEWNET))
		return 1;
	if (chan_count() != 0)
		return 2;
	if (chan_named(self->name, O_RDWR, 0) != -ENOENT)
		return 3;
	if (chan_unlink(self->name) != -ENOENT)
		return 4;
	g = genl_open();
	if (!g || genl_del(g, self->name, 0) != -ENOENT)
		return 5;
	fd = chan_named(self->name, O_RDWR, IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL);
	if (fd < 0 || chan_count() != 1)
		return 6;
	if (chan_next(fd) != 0 || msg_send_u32(fd, 2))
		return 7;
	/* An inherited endpoint goes on where it was attached. */
	if (msg_recv_u32(self->fd) != 1 || msg_send_u32(self->fd, 3))
		return 8;
	/* A channel that stays behind, with a message, when the namespace goes. */
	if (genl_new(g, "left-behind"))
		return 9;
	close(fd);
	fd = chan_named("left-behind", O_RDWR, 0);
	if (fd < 0 || msg_send_u32(fd, 9))
		return 10;
	meet(self->to_parent[1], self->to_child[0]);
	return 0;
}

TEST_F(netns, apart)
{
	int count = chan_count();
	pid_t pid;
	char c;

	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0)
		_exit(stranger(self));
	ASSERT_EQ(1, read(self->to_parent[0], &c, 1)) {
		TH_LOG("the child left at step %d", child_wait(pid));
	}
	EXPECT_EQ(count, chan_count());
	EXPECT_EQ(-ENOENT, chan_named("left-behind", O_RDWR, 0));
	EXPECT_EQ(1, chan_msgs(self->fd));
	EXPECT_EQ(3, msg_recv_u32(self->fd));
	ASSERT_EQ(1, write(self->to_child[1], &c, 1));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(count, chan_count());
}

/* A descriptor carries its channel into another namespace, and keeps it. */
TEST_F(netns, channel_outlives_its_namespace)
{
	pid_t pid = child_fork();
	int i;

	ASSERT_LE(0, pid);
	if (pid == 0) {
		int fd;

		if (unshare(CLONE_NEWNET))
			_exit(1);
		fd = chan_named("mine", O_RDWR, IPCCHAN_ATTACH_CREATE);
		if (fd < 0 || setns(open("/proc/1/ns/net", O_RDONLY), CLONE_NEWNET))
			_exit(2);
		/* The namespace is dismantled by a work item, some time later. */
		for (i = 0; i < 20; i++) {
			if (msg_send_u32(fd, i) || msg_recv_u32(fd) != i)
				_exit(3);
			sleep_ms(20);
		}
		close(fd);
		_exit(chan_named("mine", O_RDWR, 0) == -ENOENT ? 0 : 4);
	}
	EXPECT_EQ(0, child_wait(pid));
}

TEST_HARNESS_MAIN
