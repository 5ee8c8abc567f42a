// SPDX-License-Identifier: GPL-2.0
/* /proc/PID/fdinfo of an endpoint. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bell.h"
#include "ns.h"
#include "place.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

FIXTURE(fdinfo) {
	char text[2048];
};

FIXTURE_SETUP(fdinfo)
{
}

FIXTURE_TEARDOWN(fdinfo)
{
}

static int cannot_send(const void *fd)
{
	set_nonblock(*(const int *)fd, true);
	return msg_send_u32(*(const int *)fd, 3) == -EAGAIN ?
		       set_nonblock(*(const int *)fd, false) : -EINVAL;
}

static int look(FIXTURE_DATA(fdinfo) *self, int fd)
{
	char path[64];
	int info, len;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	len = read(info, self->text, sizeof(self->text) - 1);
	close(info);
	self->text[len < 0 ? 0 : len] = '\0';
	return len;
}

/* The value on the line of @key, in a buffer of its own; NULL if there is none. */
static const char *value(FIXTURE_DATA(fdinfo) *self, const char *key)
{
	static char found[200];
	const char *line = self->text;
	size_t len = strlen(key);

	for (; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) || strncmp(line + len, ":\t", 2))
			continue;
		snprintf(found, sizeof(found), "%.*s", (int)strcspn(line + len + 2, "\n"),
			 line + len + 2);
		return found;
	}
	return NULL;
}

#define EXPECT_VALUE(expected, key) do { \
	const char *seen = value(self, key); \
	EXPECT_STREQ(expected, seen ? seen : "no such line"); \
} while (0)

#define EXPECT_NUMBER(expected, key) do { \
	const char *seen = value(self, key); \
	EXPECT_EQ(expected, seen ? strtoll(seen, NULL, 10) : -1); \
} while (0)

TEST_F(fdinfo, unattached)
{
	int fd = dev_open(O_RDWR);

	ASSERT_LT(0, look(self, fd));
	EXPECT_EQ(NULL, strstr(self->text, "ipcchan"));
	close(fd);
}

TEST_F(fdinfo, queue)
{
	char name[IPCCHAN_NAME_SIZE];
	struct ipcchan_info info;
	struct stat ns;
	int fd, rd;

	unique_name(name);
	fd = chan_named(name, O_RDWR, IPCCHAN_ATTACH_CREATE);
	ASSERT_LE(0, fd);
	rd = chan_peer(fd, O_RDONLY);
	ASSERT_EQ(0, chan_info(fd, &info));
	ASSERT_EQ(3, msg_send(fd, "abc", 3));
	ASSERT_EQ(4, msg_send(fd, "defg", 4));
	ASSERT_LT(0, look(self, fd));
	EXPECT_NUMBER(info.id, "ipcchan-id");
	ASSERT_EQ(0, stat("/proc/self/ns/net", &ns));
	EXPECT_NUMBER((long long)ns.st_ino, "ipcchan-netns");
	EXPECT_VALUE(name, "ipcchan-name");
	EXPECT_NUMBER(IPCCHAN_KIND_QUEUE, "ipcchan-kind");
	EXPECT_NUMBER(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV, "ipcchan-role");
	EXPECT_NUMBER(2, "ipcchan-msgs");
	EXPECT_NUMBER(7, "ipcchan-bytes");
	EXPECT_EQ(NULL, value(self, "ipcchan-filter"));

	ASSERT_LT(0, look(self, rd));
	EXPECT_NUMBER(IPCCHAN_ROLE_RECV, "ipcchan-role");
	ASSERT_EQ(0, chan_filter(rd, -1, 4));
	ASSERT_LT(0, look(self, rd));
	EXPECT_VALUE("type 0 (any) min-prio 4", "ipcchan-filter");
	ASSERT_EQ(0, chan_filter(rd, 0, 0));
	ASSERT_LT(0, look(self, rd));
	EXPECT_VALUE("type 0 min-prio 0", "ipcchan-filter");
	ASSERT_EQ(0, chan_filter(rd, -1, 0));
	ASSERT_LT(0, look(self, rd));
	EXPECT_EQ(NULL, value(self, "ipcchan-filter"));
	close(rd);
	chan_unlink(name);
	close(fd);
}

/*
 * A name may hold blanks, which are how such lines are taken apart, and what a terminal
 * takes for a command, in an encoding of eight bits or as two bytes.
 */
TEST_F(fdinfo, name_is_escaped)
{
	const char *name = "a b\\c\2332J\302\233";
	int fd = chan_named(name, O_RDWR, IPCCHAN_ATTACH_CREATE);

	ASSERT_LE(0, fd);
	ASSERT_LT(0, look(self, fd));
	EXPECT_VALUE("a\\040b\\134c\\2332J\\302\\233", "ipcchan-name");
	chan_unlink(name);
	close(fd);
}

/* Who opened it, who has sent through it last, and who waits. */
TEST_F(fdinfo, processes)
{
	struct ipcchan_attach one = { .max_msgs = 1 };
	int fd = chan_anon(&one), rd = chan_peer(fd, O_RDONLY);
	char expected[64];
	pid_t pid;

	ASSERT_LT(0, look(self, fd));
	snprintf(expected, sizeof(expected), "pid %d uid 0", getpid());
	EXPECT_VALUE(expected, "ipcchan-opener");
	EXPECT_EQ(NULL, value(self, "ipcchan-last-sender"));
	EXPECT_VALUE("senders 0 receivers 0", "ipcchan-waiting");
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	ASSERT_EQ(0, as_user(OTHER_ID, OTHER_ID, cannot_send, &fd));
	pid = child_send(fd, 2, 0, 0);
	ASSERT_LT(0, look(self, fd));
	snprintf(expected, sizeof(expected), "pid %d uid 0", pid);
	EXPECT_VALUE(expected, "ipcchan-last-sender");
	EXPECT_VALUE("senders 1 receivers 0", "ipcchan-waiting");
	ASSERT_EQ(1, msg_recv_u32(fd));
	ASSERT_EQ(2, msg_recv_u32(fd));
	EXPECT_EQ(0, child_wait(pid));
	pid = child_recv(rd);
	ASSERT_LT(0, look(self, fd));
	EXPECT_VALUE("senders 0 receivers 1", "ipcchan-waiting");
	child_kill(pid);
	close(rd);
	close(fd);
}

TEST_F(fdinfo, server)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC };
	int wr = chan_open(O_WRONLY, &a), rd = chan_peer(wr, O_RDONLY), i;
	struct taken t;
	pid_t pid[2];

	for (i = 0; i < 2; i++) {
		pid[i] = start_call(wr, i, 0);
		ASSERT_EQ(1, rpc_take(rd, &t, 0));
	}
	ASSERT_LT(0, look(self, wr));
	EXPECT_EQ(NULL, value(self, "ipcchan-calls"));
	ASSERT_LT(0, look(self, rd));
	EXPECT_NUMBER(2, "ipcchan-calls");
	ASSERT_EQ(0, rpc_reply(rd, t.call, 5));
	EXPECT_EQ(5, child_wait(pid[1]));
	ASSERT_LT(0, look(self, rd));
	EXPECT_NUMBER(1, "ipcchan-calls");
	child_kill(pid[0]);
	close(wr);
	close(rd);
}

TEST_F(fdinfo, doorbell_and_watermark)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .buf_size = 1 };
	struct ipcchan_filter low = { .low_msgs = 3, .low_bytes = 70 };
	int fd = chan_open(O_RDWR, &a), efd = eventfd(0, EFD_CLOEXEC);

	ASSERT_LT(0, look(self, fd));
	EXPECT_NUMBER(0, "ipcchan-eventfds");
	EXPECT_EQ(NULL, value(self, "ipcchan-watch"));
	EXPECT_EQ(NULL, value(self, "ipcchan-watermark"));
	ASSERT_EQ(0, bell_fd(fd, 8, efd, 0));
	ASSERT_EQ(0, bell_fd(fd, 12, efd, 0));
	ASSERT_EQ(0, watch(fd, 40, 1));
	ASSERT_EQ(0, do_ioctl(fd, IPCCHAN_IOC_FILTER, &low));
	ASSERT_LT(0, look(self, fd));
	EXPECT_NUMBER(2, "ipcchan-eventfds");
	EXPECT_VALUE("offset 40", "ipcchan-watch");
	EXPECT_VALUE("msgs 3 bytes 70", "ipcchan-watermark");
	ASSERT_EQ(0, watch_off(fd));
	ASSERT_LT(0, look(self, fd));
	EXPECT_EQ(NULL, value(self, "ipcchan-watch"));
	close(efd);
	close(fd);
}

/* Of a subscriber it is its own queue, of an anonymous channel there is no name. */
TEST_F(fdinfo, subscriber)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
		.max_msgs = 1, .slow = IPCCHAN_SLOW_DROP_OLDEST,
	};
	int wr = chan_open(O_WRONLY, &a);
	int sub = chan_peer(wr, O_RDONLY), late;

	ASSERT_LE(0, sub);
	ASSERT_EQ(0, msg_send_u32(wr, 1));
	late = chan_peer(wr, O_RDONLY);
	ASSERT_LT(0, look(self, sub));
	EXPECT_EQ(NULL, value(self, "ipcchan-name"));
	EXPECT_NUMBER(IPCCHAN_KIND_BROADCAST, "ipcchan-kind");
	EXPECT_NUMBER(1, "ipcchan-msgs");
	EXPECT_NUMBER(4, "ipcchan-bytes");
	ASSERT_LT(0, look(self, late));
	EXPECT_NUMBER(0, "ipcchan-msgs");
	EXPECT_NUMBER(0, "ipcchan-lost");
	ASSERT_EQ(0, msg_send_u32(wr, 2));
	ASSERT_LT(0, look(self, sub));
	EXPECT_NUMBER(1, "ipcchan-lost");
	ASSERT_LT(0, look(self, wr));
	EXPECT_EQ(NULL, value(self, "ipcchan-lost"));
	close(late);
	close(sub);
	close(wr);
}

static int take_page(const void *fd)
{
	return loan(*(const int *)fd, 1, 0, -1) < 0;
}

static int send_one(const void *fd)
{
	return msg_send_u32(*(const int *)fd, 1);
}

/* Of each user what it has: of the channel, and only of this endpoint's own pool. */
TEST_F(fdinfo, blocks)
{
	const uint32_t page = page_size();
	char expected[64];
	int fd = loans_anon(IPCCHAN_KIND_QUEUE, 8), rd = chan_peer(fd, O_RDONLY);

	ASSERT_LT(0, look(self, fd));
	EXPECT_NUMBER(0, "ipcchan-buf-used");
	EXPECT_EQ(NULL, value(self, "ipcchan-buf-of"));
	EXPECT_EQ(NULL, value(self, "ipcchan-pool"));
	ASSERT_EQ(0, loan(fd, 2 * page, 0, -1));
	ASSERT_EQ(0, as_user(OTHER_ID, OTHER_ID, take_page, &fd));
	ASSERT_EQ(0, pool(rd, 4, IPCCHAN_POOL_COPY, 1));
	ASSERT_EQ(0, as_user(OTHER_ID, OTHER_ID, send_one, &fd));

	ASSERT_LT(0, look(self, fd));
	EXPECT_NUMBER(3 * page, "ipcchan-buf-used");
	snprintf(expected, sizeof(expected), "2 bytes %u", 3 * page);
	EXPECT_VALUE(expected, "ipcchan-loans");
	snprintf(expected, sizeof(expected), "uid 0 bytes %u", 2 * page);
	EXPECT_VALUE(expected, "ipcchan-buf-of");
	snprintf(expected, sizeof(expected), "ipcchan-buf-of:\tuid %u bytes %u\n", OTHER_ID, page);
	EXPECT_NE(NULL, strstr(self->text, expected)) TH_LOG("%s", self->text);
	EXPECT_EQ(NULL, value(self, "ipcchan-pool"));

	ASSERT_LT(0, look(self, rd));
	EXPECT_NUMBER(4 * page, "ipcchan-pool");
	EXPECT_NUMBER(page, "ipcchan-pool-used");
	snprintf(expected, sizeof(expected), "uid %u bytes %u", OTHER_ID, page);
	EXPECT_VALUE(expected, "ipcchan-pool-of");
	EXPECT_VALUE("0 bytes 0", "ipcchan-loans");
	ASSERT_EQ(1, give_back(fd, 0));
	ASSERT_LT(0, look(self, fd));
	snprintf(expected, sizeof(expected), "1 bytes %u", page);
	EXPECT_VALUE(expected, "ipcchan-loans");
	close(rd);
	close(fd);
}

/* A block that two subscribers have counts for each of them, and for who sent it. */
TEST_F(fdinfo, shared_block)
{
	const uint32_t page = page_size();
	int fd = loans_anon(IPCCHAN_KIND_BROADCAST, 8), sub[2], i;
	char expected[64];

	for (i = 0; i < 2; i++)
		sub[i] = chan_peer(fd, O_RDONLY);
	ASSERT_EQ(1, send_block(fd, loan(fd, page, 0, -1), 1));
	for (i = 0; i < 2; i++)
		ASSERT_LE(0, recv_block(sub[i]));
	ASSERT_LT(0, look(self, fd));
	EXPECT_NUMBER(page, "ipcchan-buf-used");
	snprintf(expected, sizeof(expected), "uid 0 bytes %u", 3 * page);
	EXPECT_VALUE(expected, "ipcchan-buf-of");
	for (i = 0; i < 2; i++)
		close(sub[i]);
	close(fd);
}

TEST_HARNESS_MAIN
