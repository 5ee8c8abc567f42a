// SPDX-License-Identifier: GPL-2.0
/* What the tracepoints tell of the life of a message, and in which order. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "place.h"
#include "rpc.h"
#include "trace.h"
#include "util.h"

#include "harness.h"

#define TEXT_SIZE	4096

FIXTURE(trace) {
	char told[TEXT_SIZE];
	char want[TEXT_SIZE];
};

FIXTURE_SETUP(trace)
{
	int err = trace_start();

	if (err == -ENOENT)
		SKIP(return, "this kernel has no events");
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(trace)
{
	trace_stop();
}

static uint32_t chan_id(int fd)
{
	struct ipcchan_info info;

	return chan_info(fd, &info) ? 0 : info.id;
}

/* Forget what was told so far: the test begins here. */
static void begin(struct __test_metadata *_metadata, FIXTURE_DATA(trace) *self)
{
	ASSERT_EQ(0, trace_take(self->told, TEXT_SIZE));
}

static void expect_told(struct __test_metadata *_metadata, FIXTURE_DATA(trace) *self)
{
	ASSERT_EQ(0, trace_take(self->told, TEXT_SIZE));
	EXPECT_STREQ(self->want, self->told);
}

TEST_F(trace, attach_and_detach)
{
	char name[IPCCHAN_NAME_SIZE];
	uint32_t id;
	int fd;

	unique_name(name);
	fd = chan_named(name, O_RDWR, IPCCHAN_ATTACH_CREATE);
	ASSERT_LE(0, fd);
	id = chan_id(fd);
	close(fd);
	chan_unlink(name);
	fd = chan_anon(NULL);
	ASSERT_LE(0, fd);
	snprintf(self->want, TEXT_SIZE,
		 "attach chan=%u name=%s role=sr\n"
		 "detach chan=%u name=%s role=sr\n"
		 "attach chan=%u name= role=sr\n", id, name, id, name, chan_id(fd));
	expect_told(_metadata, self);
	close(fd);
}

TEST_F(trace, queued)
{
	int fd = chan_anon(NULL);
	uint32_t id = chan_id(fd);

	begin(_metadata, self);
	ASSERT_EQ(0, label_send(fd, 1, 3, 0, 0));
	ASSERT_EQ(0, msg_send_u32(fd, 2));
	ASSERT_EQ(1, label_recv(fd, NULL, 0));
	ASSERT_EQ(2, msg_recv_u32(fd));
	snprintf(self->want, TEXT_SIZE,
		 "enqueue chan=%u msg=a len=4 prio=3 cookie=0 queued=1\n"
		 "enqueue chan=%u msg=b len=4 prio=0 cookie=0 queued=2\n"
		 "dequeue chan=%u msg=a len=4 prio=3 cookie=0 queued=1\n"
		 "dequeue chan=%u msg=b len=4 prio=0 cookie=0 queued=0\n", id, id, id, id);
	expect_told(_metadata, self);
	close(fd);
}

/* It is the channel's network namespace, not that of who uses it. */
TEST_F(trace, namespace)
{
	int fd = chan_anon(NULL);
	uint32_t id = chan_id(fd);
	struct stat ns;

	ASSERT_EQ(0, stat("/proc/self/ns/net", &ns));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	begin(_metadata, self);
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	snprintf(self->want, TEXT_SIZE,
		 "enqueue chan=%u msg=a len=4 prio=0 cookie=0 queued=1 netns=%llu\n", id,
		 (unsigned long long)ns.st_ino);
	expect_told(_metadata, self);
	close(fd);
}

/* What moves in one piece is told one by one; what is left when the channel ends, as lost. */
TEST_F(trace, batch)
{
	struct ipcchan_msghdr h[3] = {};
	uint64_t value = 7;
	int fd = chan_anon(NULL), i;
	uint32_t id = chan_id(fd);

	for (i = 0; i < 3; i++) {
		h[i].buf = (uintptr_t)&value;
		h[i].len = sizeof(value);
		h[i].cookie = 10 + i;
	}
	begin(_metadata, self);
	ASSERT_EQ(3, xfer_send(fd, h, 3, 0, -1));
	for (i = 0; i < 3; i++)
		h[i].len = sizeof(value);
	ASSERT_EQ(2, xfer_recv(fd, h, 2, 0, -1));
	close(fd);
	snprintf(self->want, TEXT_SIZE,
		 "enqueue chan=%u msg=a len=8 prio=0 cookie=10 queued=3\n"
		 "enqueue chan=%u msg=b len=8 prio=0 cookie=11 queued=3\n"
		 "enqueue chan=%u msg=c len=8 prio=0 cookie=12 queued=3\n"
		 "dequeue chan=%u msg=a len=8 prio=0 cookie=10 queued=1\n"
		 "dequeue chan=%u msg=b len=8 prio=0 cookie=11 queued=1\n"
		 "detach chan=%u name= role=sr\n"
		 "drop chan=%u msg=c len=8 prio=0 cookie=12 queued=1\n",
		 id, id, id, id, id, id, id);
	expect_told(_metadata, self);
}

TEST_F(trace, handed_over)
{
	int fd = chan_anon(NULL);
	uint32_t id = chan_id(fd);
	pid_t pid;

	begin(_metadata, self);
	pid = child_recv(fd);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, msg_send_u32(fd, 42));
	ASSERT_EQ(42, child_wait(pid));
	snprintf(self->want, TEXT_SIZE,
		 "wait chan=%u for=message queued=0\n"
		 "handover chan=%u msg=a len=4 prio=0 cookie=0 to=%d\n"
		 "wake chan=%u pid=%d result=0\n"
		 "dequeue chan=%u msg=a len=4 prio=0 cookie=0 queued=0\n",
		 id, id, pid, id, pid, id);
	expect_told(_metadata, self);
	close(fd);
}

TEST_F(trace, room)
{
	struct ipcchan_attach limits = { .max_msgs = 1 };
	int fd = chan_anon(&limits);
	uint32_t id = chan_id(fd);
	pid_t pid;

	begin(_metadata, self);
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	pid = child_send(fd, 2, 0, 0);
	ASSERT_LT(0, pid);
	ASSERT_EQ(1, msg_recv_u32(fd));
	ASSERT_EQ(0, child_wait(pid));
	snprintf(self->want, TEXT_SIZE,
		 "enqueue chan=%u msg=a len=4 prio=0 cookie=0 queued=1\n"
		 "wait chan=%u for=room queued=1\n"
		 "dequeue chan=%u msg=a len=4 prio=0 cookie=0 queued=0\n"
		 "enqueue chan=%u msg=b len=4 prio=0 cookie=0 queued=1\n"
		 "wake chan=%u pid=%d result=0\n", id, id, id, id, id, pid);
	expect_told(_metadata, self);
	close(fd);
}

/* The memory of the request that a server is done with has its reply. */
TEST_F(trace, call)
{
	struct ipcchan_attach rpc = { .kind = IPCCHAN_KIND_RPC, .flags = IPCCHAN_ATTACH_ANON };
	int fd = chan_open(O_RDWR, &rpc);
	uint32_t id = chan_id(fd);
	struct taken taken;
	pid_t pid;

	ASSERT_LE(0, fd);
	begin(_metadata, self);
	pid = start_call(fd, 5, 0);
	ASSERT_LT(0, pid);
	ASSERT_EQ(1, rpc_take(fd, &taken, 0));
	ASSERT_EQ(0, rpc_reply(fd, taken.call, 6));
	ASSERT_EQ(6, child_wait(pid));
	snprintf(self->want, TEXT_SIZE,
		 "enqueue chan=%u msg=a len=4 prio=0 cookie=0 queued=1\n"
		 "wait chan=%u for=reply queued=1\n"
		 "dequeue chan=%u msg=a len=4 prio=0 cookie=0 queued=0\n"
		 "handover chan=%u msg=a len=4 prio=0 cookie=0 to=%d\n"
		 "wake chan=%u pid=%d result=0\n"
		 "dequeue chan=%u msg=a len=4 prio=0 cookie=0 queued=0\n",
		 id, id, id, id, pid, id, pid, id);
	expect_told(_metadata, self);
	close(fd);
}

TEST_F(trace, dropped)
{
	struct ipcchan_attach news = {
		.kind = IPCCHAN_KIND_BROADCAST, .flags = IPCCHAN_ATTACH_ANON,
		.slow = IPCCHAN_SLOW_DROP_OLDEST, .max_msgs = 1,
	};
	int fd = chan_open(O_RDWR, &news);
	uint32_t id = chan_id(fd);

	ASSERT_LE(0, fd);
	begin(_metadata, self);
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	ASSERT_EQ(0, msg_send_u32(fd, 2));
	snprintf(self->want, TEXT_SIZE,
		 "enqueue chan=%u msg=a len=4 prio=0 cookie=0 queued=1\n"
		 "drop chan=%u msg=a len=4 prio=0 cookie=0 queued=0\n"
		 "enqueue chan=%u msg=b len=4 prio=0 cookie=0 queued=1\n", id, id, id);
	expect_told(_metadata, self);
	close(fd);
}

TEST_F(trace, blocks)
{
	int fd = loans_anon(IPCCHAN_KIND_QUEUE, 4);
	uint32_t id = chan_id(fd), page = page_size();
	int64_t offset;

	ASSERT_LE(0, fd);
	begin(_metadata, self);
	offset = loan(fd, page + 1, 0, -1);
	ASSERT_LE(0, offset);
	ASSERT_EQ(1, give_back(fd, (uint64_t)offset));
	snprintf(self->want, TEXT_SIZE,
		 "loan chan=%u offset=%lld bytes=%u\n"
		 "give_back chan=%u offset=%lld bytes=%u\n", id, (long long)offset, 2 * page,
		 id, (long long)offset, 2 * page);
	expect_told(_metadata, self);
	close(fd);

	fd = chan_anon(NULL);
	id = chan_id(fd);
	ASSERT_EQ(0, pool(fd, 2, IPCCHAN_POOL_COPY, 0));
	begin(_metadata, self);
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	snprintf(self->want, TEXT_SIZE,
		 "map chan=%u offset=0 bytes=%u\n"
		 "enqueue chan=%u msg=a len=4 prio=0 cookie=0 queued=1\n", id, page, id);
	expect_told(_metadata, self);
	close(fd);
}

TEST_HARNESS_MAIN
