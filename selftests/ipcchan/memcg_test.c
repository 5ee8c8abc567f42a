// SPDX-License-Identifier: GPL-2.0
/*
 * Memory is charged to the memory cgroup of the task that asks for it, for as
 * long as it is used, and that cgroup's limit makes a call fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup.h"
#include "place.h"
#include "util.h"

#include "harness.h"

#define SIZE		(8l << 20)
#define SIZE_SMALL	(4l << 20)	/* enough, where there are many messages in it */
/* What is charged beside: a part of a huge page, and ahead by each CPU. */
#define SLACK		(3l << 20)
#define LIMIT		(2l << 20)

FIXTURE(memcg) {
	char name[IPCCHAN_NAME_SIZE];
	char dir[128];
	char *payload;		/* SIZE bytes, present */
	long size;		/* SIZE or SIZE_SMALL */
	uint32_t buf_flags;
	uint32_t options;
	int pool;		/* endpoint that will have one; else -1 */
	int current;		/* memory.current */
	char why[128];		/* nothing is charged */
};

/* @size bytes, in messages of @len or, where it is 0, in a shared buffer or a pool. */
FIXTURE_VARIANT(memcg) {
	long size;
	long len;
	uint32_t buf_flags;
	uint32_t options;
	bool pool;
};

FIXTURE_VARIANT_ADD(memcg, buffer) { SIZE };
FIXTURE_VARIANT_ADD(memcg, huge_buffer) { SIZE, .buf_flags = IPCCHAN_BUF_HUGE };
#define BLOCKS	(IPCCHAN_OPT_LOANS | IPCCHAN_OPT_REVOKE)
FIXTURE_VARIANT_ADD(memcg, blocks) { SIZE, .options = BLOCKS };
FIXTURE_VARIANT_ADD(memcg, pool) { SIZE, .pool = true };
FIXTURE_VARIANT_ADD(memcg, message) { SIZE, SIZE };
FIXTURE_VARIANT_ADD(memcg, half_a_message) { SIZE, SIZE / 2 - 4096 };
FIXTURE_VARIANT_ADD(memcg, messages_of_pages) { SIZE, 15 * 4096 };
FIXTURE_VARIANT_ADD(memcg, messages_of_1900) { SIZE_SMALL, 1900 };
FIXTURE_VARIANT_ADD(memcg, messages_in_slots) { SIZE_SMALL, 216 };

/* Pages of the kernel's own and of the programs'.  At the limit, too: it takes no memory. */
static long current_bytes(FIXTURE_DATA(memcg) *self)
{
	char text[32];
	ssize_t len = pread(self->current, text, sizeof(text) - 1, 0);

	if (len <= 0)
		return len ? -errno : -EIO;
	text[len] = 0;
	return atol(text);
}

/* What is to be read at the limit has been read before. */
static int current_open(FIXTURE_DATA(memcg) *self)
{
	char path[256];
	long ret;

	snprintf(path, sizeof(path), "%s/memory.current", self->dir);
	self->current = open(path, O_RDONLY | O_CLOEXEC);
	if (self->current < 0)
		return -errno;
	ret = current_bytes(self);
	return ret < 0 ? ret : 0;
}

/*
 * What the allocator takes for @size in such messages: more in a kernel that has a
 * zone behind each object to see who writes there.
 */
static long taken(long size, long len)
{
	long slab = -ENOENT;

	if (len == 1900)
		slab = file_number("/sys/kernel/slab/kmalloc-cg-2k", "slab_size", NULL);
	else if (len == 216)
		slab = file_number("/sys/kernel/slab/ipcchan_msg", "slab_size", NULL);
	return slab > 0 ? size / len * slab : size;
}

/* Newer kernels give the pages of a large allocation back from a work queue, a moment later. */
static bool settles_below(FIXTURE_DATA(memcg) *self, long bytes)
{
	int i;

	for (i = 0; i < 500 && current_bytes(self) > bytes; i++)
		usleep(10000);
	return current_bytes(self) <= bytes;
}

/* What the kernel tells is up to two seconds old.  Return: @bytes or more, if it ever is. */
static long kernel_bytes(FIXTURE_DATA(memcg) *self, long bytes)
{
	long kernel;
	int i;

	for (i = 0; i < 500; i++) {
		kernel = file_number(self->dir, "memory.stat", "kernel");
		if (kernel < 0 || kernel >= bytes)
			break;
		usleep(10000);
	}
	return kernel;
}

static bool buffers_are_charged(void)
{
	struct ipcchan_query query = {};
	int fd = dev_open(O_RDWR);
	int ret = do_ioctl(fd, IPCCHAN_IOC_QUERY, &query);

	close(fd);
	return ret || query.features & IPCCHAN_FEAT_BUFFER_CHARGED;
}

FIXTURE_SETUP(memcg)
{
	int ret = cgroup_mount("+memory");

	unique_name(self->name);
	self->size = variant->size;
	self->buf_flags = variant->buf_flags;
	self->options = variant->options;
	self->pool = variant->pool ? dev_open(O_RDWR) : -1;
	self->payload = malloc(SIZE);
	ASSERT_NE(NULL, self->payload);
	memset(self->payload, 0xa5, SIZE);
	if (!ret)
		ret = cgroup_make(self->dir, "memcg");
	if (!ret)
		ret = current_open(self);
	if (ret)
		snprintf(self->why, sizeof(self->why), "no memory cgroup: %s",
			 strerror(-ret));
	else if (!variant->len && !buffers_are_charged())
		strcpy(self->why, "this kernel cannot charge pages that are mapped");
}

FIXTURE_TEARDOWN(memcg)
{
	chan_unlink(self->name);
	close(self->pool);
	file_write(CGROUP_ROOT, "cgroup.procs", "0");
	close(self->current);
	rmdir(self->dir);
}

/* Attach @fd, then send all; nothing but system calls, for it may be at a limit. */
static int fill(FIXTURE_DATA(memcg) *self, int fd, struct ipcchan_attach *a, long len)
{
	long sent, ret;

	a->role = self->pool < 0 ? IPCCHAN_ROLE_SEND : IPCCHAN_ROLE_RECV;
	if (self->pool >= 0) {
		ret = do_ioctl(fd, IPCCHAN_IOC_ATTACH, a);
		return ret ? ret : pool(fd, self->size / page_size(), IPCCHAN_POOL_COPY, 1);
	}
	if (len) {
		a->max_msgs = self->size / len + 1;
		a->max_msg_size = len;
		a->max_bytes = self->size;
	} else {
		a->buf_size = self->size;
		a->buf_flags = self->buf_flags;
		a->options = self->options;
	}
	ret = do_ioctl(fd, IPCCHAN_IOC_ATTACH, a);
	if (ret || !len)
		return ret;
	for (sent = 0; sent + len <= self->size; sent += len) {
		ret = msg_send(fd, self->payload, len);
		if (ret != len)
			return ret < 0 ? ret : -EIO;
	}
	return 0;
}

/*
 * A named channel, by a child in the cgroup, which then is gone; this process has the
 * endpoint of a pool, too.
 */
static int fill_by_child(FIXTURE_DATA(memcg) *self, long len)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_CREATE };
	pid_t pid = child_fork();

	if (pid == 0) {
		strcpy(a.name, self->name);
		if (file_write(self->dir, "cgroup.procs", "0"))
			_exit(255);
		_exit(-fill(self, self->pool < 0 ? dev_open(O_WRONLY) : self->pool, &a, len));
	}
	return child_wait(pid);
}

/* An anonymous one, by this process. */
static int fill_and_close(FIXTURE_DATA(memcg) *self, long len)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON };
	int fd = dev_open(self->pool < 0 ? O_WRONLY : O_RDWR);
	int ret = fill(self, fd, &a, len);

	close(fd);
	return ret;
}

/* What is sent by one is freed by another. */
static void receive_all(struct __test_metadata *_metadata, FIXTURE_DATA(memcg) *self,
			long len)
{
	int fd = chan_named(self->name, O_RDONLY, 0);
	char *there = malloc(len);

	ASSERT_NE(NULL, there);
	ASSERT_LE(0, fd);
	while (chan_next(fd)) {
		ASSERT_EQ(len, msg_recv(fd, there, len));
		ASSERT_EQ(0, memcmp(there, self->payload, len));
	}
	close(fd);
	free(there);
}

/* To whom it was created by, no matter who uses it and who frees it. */
TEST_F(memcg, charged)
{
	const long size = variant->len ? self->size / variant->len * variant->len : self->size;
	long before, used, kernel;

	if (self->why[0])
		SKIP(return, "%s", self->why);
	before = current_bytes(self);
	ASSERT_LE(0, before);
	ASSERT_EQ(0, fill_by_child(self, variant->len));
	used = current_bytes(self);
	EXPECT_LE(before + size, used);
	EXPECT_GE(before + taken(self->size, variant->len) + SLACK, used);
	kernel = kernel_bytes(self, size);
	/* Before 5.18 there is no such line. */
	if (kernel != -ENOENT) {
		EXPECT_LE(size, kernel);
	}
	if (variant->len)
		receive_all(_metadata, self, variant->len);
	else
		ASSERT_EQ(0, chan_unlink(self->name));
	close(self->pool);
	self->pool = -1;
	EXPECT_TRUE(settles_below(self, before + SLACK));
}

/*
 * At the limit the call fails.  What was got until then is given back, and
 * nobody is killed: this test is the only one that could be.
 */
TEST_F(memcg, limited)
{
	char limit[32];
	long before;
	int i;

	if (self->why[0])
		SKIP(return, "%s", self->why);
	ASSERT_EQ(0, file_write(self->dir, "cgroup.procs", "0"));
	/* All the code has run, and what it needs is there. */
	ASSERT_EQ(0, fill_and_close(self, variant->len));
	before = current_bytes(self);
	ASSERT_LE(0, before);
	snprintf(limit, sizeof(limit), "%ld", before + LIMIT);
	ASSERT_EQ(0, file_write(self->dir, "memory.max", limit));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-ENOMEM, fill_and_close(self, variant->len));
		EXPECT_TRUE(settles_below(self, before + LIMIT / 2));
	}
	EXPECT_LT(0, file_number(self->dir, "memory.events", "max"));
	EXPECT_EQ(0, file_number(self->dir, "memory.events", "oom_kill"));
	ASSERT_EQ(0, file_write(self->dir, "memory.max", "max"));
	EXPECT_EQ(0, fill_and_close(self, variant->len));
}

#define BATCH	64
#define LONG	0x100000l

/* A batch of long messages that waits for room holds no more of them than a few. */
TEST(batch_that_waits)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .max_msg_size = LONG, .max_bytes = LONG,
	};
	struct ipcchan_msghdr h[BATCH];
	int ret = cgroup_mount("+memory"), fd, i;
	char *payload = calloc(1, LONG);
	char dir[128];
	pid_t pid;

	if (!ret)
		ret = cgroup_make(dir, "batch");
	if (ret)
		SKIP(return, "no memory cgroup: %s", strerror(-ret));
	ASSERT_NE(NULL, payload);
	for (i = 0; i < BATCH; i++)
		h[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)payload, .len = LONG };
	fd = chan_open(O_RDWR, &a);
	ASSERT_LE(0, fd);
	pid = child_fork();
	if (pid == 0) {
		if (file_write(dir, "cgroup.procs", "0"))
			_exit(255);
		_exit(xfer_send(fd, h, BATCH, 0, -1) != BATCH);
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_LE(LONG, file_number(dir, "memory.current", NULL));
	EXPECT_GE(BATCH * LONG / 4, file_number(dir, "memory.current", NULL));
	child_kill(pid);
	close(fd);
	rmdir(dir);
	free(payload);
}

TEST_HARNESS_MAIN
