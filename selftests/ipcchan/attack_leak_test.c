// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel addresses, and memory that somebody else had: neither is in anything that the module
 * returns or prints.  Where user space has room it is filled with a pattern, twice: what is
 * written is the same both times, what is not is the pattern still.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "genl.h"
#include "place.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define NAME		"leaky"
#define BUF_PAGES	16
#define ROOM		0x100000	/* for a text */
#define MOST		80000		/* bytes of a message */

/*
 * Is this a word of the kernel's half of the addresses?  Small negative numbers are no
 * addresses of anything.
 */
static bool is_address(uint64_t word)
{
	return word >= 0xffff000000000000ull && word < 0xffffffffff000000ull;
}

/* Whether there is one in this memory, wherever it begins. */
static bool has_address(const void *at, size_t len)
{
	uint64_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= len; i++) {
		memcpy(&word, (const char *)at + i, sizeof(word));
		if (is_address(word))
			return true;
	}
	return false;
}

/* Whether there is one in this text, in hexadecimal digits or in decimal ones. */
static bool tells_address(const char *text)
{
	char *end;

	for (; *text; text++) {
		if (is_address(strtoull(text, &end, 16)) && end - text >= 16)
			return true;
		if (isdigit(*text) && is_address(strtoull(text, &end, 10)) && end - text >= 20)
			return true;
	}
	return false;
}

FIXTURE(leak) {
	char *text;
	int fd;
};

FIXTURE_SETUP(leak)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL, .name = NAME,
		.buf_size = BUF_PAGES * page_size(), .options = IPCCHAN_OPT_LOANS,
		.max_msg_size = MOST,
	};

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
	ASSERT_LE(0, self->fd);
	self->text = malloc(ROOM);
	ASSERT_NE(NULL, self->text);
}

FIXTURE_TEARDOWN(leak)
{
	free(self->text);
	close(self->fd);
	chan_unlink(NAME);
}

/* What has to be given is given over the pattern. */
static void give_query(void *arg)
{
	((struct ipcchan_query *)arg)->reserved = 0;
}

static void give_info(void *arg)
{
	((struct ipcchan_info *)arg)->flags = 0;
}

/* Return: 0; 1 to 3, what is wrong: the call, what is not written, an address in it. */
static int leaks(int fd, unsigned long cmd, size_t size, void (*give)(void *arg), void *once)
{
	char twice[512];

	memset(once, 0xa5, size);
	memset(twice, 0x5a, size);
	give(once);
	give(twice);
	if (do_ioctl(fd, cmd, once) || do_ioctl(fd, cmd, twice))
		return 1;
	if (memcmp(once, twice, size))
		return 2;
	return has_address(once, size) ? 3 : 0;
}

TEST_F(leak, structures)
{
	struct ipcchan_query q;
	struct ipcchan_info info;

	EXPECT_EQ(0, leaks(self->fd, IPCCHAN_IOC_QUERY, sizeof(q), give_query, &q));
	EXPECT_EQ(0, q.reserved);
	EXPECT_EQ(0, leaks(self->fd, IPCCHAN_IOC_INFO, sizeof(info), give_info, &info));
	EXPECT_EQ(0, info.reserved);
	/* Behind the end of the name, too. */
	EXPECT_EQ(info.name[IPCCHAN_NAME_SIZE - 1], info.name[sizeof(NAME)]);
	EXPECT_EQ(0, info.name[sizeof(NAME)]);
}

/* A received header is written in whole but for where the room is, and no further. */
static int header_leaks(int fd, uint32_t flags)
{
	struct ipcchan_msghdr h[2][2];
	char payload[64];
	int i, err;

	for (i = 0; i < 2; i++) {
		memset(h[i], i ? 0xa5 : 0x5a, sizeof(h[i]));
		memset(payload, i ? 0xa5 : 0x5a, sizeof(payload));
		h[i][0].buf = (uintptr_t)payload;
		h[i][0].len = sizeof(payload);
		h[i][0].flags = 0;
		h[i][0].nr_fds = 0;
		h[i][0].fds = 0;
		if (label_send(fd, 7, 3, 5, 0))
			return 1;
		err = xfer_recv(fd, h[i], 1, flags, 0);
		if (err != 1)
			return 2;
		if (payload[4] != (char)(i ? 0xa5 : 0x5a) || *(uint32_t *)payload != 7)
			return 3;
		if (((char *)&h[i][1])[0] != (char)(i ? 0xa5 : 0x5a))
			return 4;
	}
	if (memcmp(&h[0][0], &h[1][0], sizeof(h[0][0])))
		return 5;
	/* What is before was given. */
	return has_address(&h[0][0].prio, sizeof(h[0][0]) -
			   offsetof(struct ipcchan_msghdr, prio)) ? 6 : 0;
}

TEST_F(leak, headers)
{
	EXPECT_EQ(0, header_leaks(self->fd, 0));
	EXPECT_EQ(0, header_leaks(self->fd, IPCCHAN_XFER_PLACE));
}

/* Of each length as many bytes as were sent, by whatever way they come. */
static int payload_leaks(int fd, size_t len, int way)
{
	static char sent[MOST], got[MOST + 64];
	struct ipcchan_msghdr h = { .buf = (uintptr_t)got, .len = sizeof(got) };
	size_t i;

	memset(sent, 's', len);
	memset(got, 'p', len + 64);
	if (msg_send(fd, sent, len) != (ssize_t)len)
		return 1;
	if (way ? xfer_recv(fd, &h, 1, 0, 0) != 1 :
		  msg_recv(fd, got, sizeof(got)) != (ssize_t)len)
		return 2;
	if (memcmp(got, sent, len))
		return 3;
	for (i = len; i < len + 64; i++) {
		if (got[i] != 'p')
			return 4;
	}
	return 0;
}

TEST_F(leak, payloads)
{
	static const size_t further[] = {
		1000, 1900, 2048, 4000, 4095, 4096, 4097, 8192, 32768, 65535, 65536, 65537,
		MOST,
	};
	size_t len, i;

	for (len = 1; len <= 320; len++) {
		EXPECT_EQ(0, payload_leaks(self->fd, len, len % 2)) TH_LOG("%zu bytes", len);
	}
	for (i = 0; i < ARRAY_SIZE(further); i++) {
		EXPECT_EQ(0, payload_leaks(self->fd, further[i], i % 2))
			TH_LOG("%zu bytes", further[i]);
	}
}

/* Freed by another, and full of what that had there. */
static void dirty_memory(void)
{
	struct ipcchan_attach a = { .buf_size = 4 << 20 };
	int i, fd;
	char *map;

	for (i = 0; i < 2; i++) {
		fd = chan_anon(&a);
		map = map_buf(fd, a.buf_size / page_size());
		if (map)
			memset(map, 'd', a.buf_size);
		munmap(map, a.buf_size);
		close(fd);
	}
}

static bool all_zero(const char *map, size_t len)
{
	return !map[0] && !memcmp(map, map + 1, len - 1);
}

TEST_F(leak, buffers)
{
	const uint32_t pages = (4 << 20) / page_size();
	struct ipcchan_attach a = { .buf_size = 4 << 20 };
	const char *map;
	int fd;

	dirty_memory();
	fd = chan_anon(&a);
	map = map_buf(fd, pages);
	ASSERT_NE(NULL, map);
	EXPECT_TRUE(all_zero(map, a.buf_size));
	close(fd);
	dirty_memory();
	ASSERT_EQ(0, pool(self->fd, pages, IPCCHAN_POOL_FAIL, 1));
	map = map_pool(self->fd, pages);
	ASSERT_NE(NULL, map);
	EXPECT_TRUE(all_zero(map, a.buf_size));
	/* Behind what is sent there is nothing. */
	ASSERT_EQ(1, msg_send(self->fd, "s", 1));
	ASSERT_EQ(IPCCHAN_POOL_OFFSET, recv_block(self->fd));
	EXPECT_EQ('s', map[0]);
	EXPECT_TRUE(all_zero(map + 1, page_size() - 1));
}

struct attrs {
	int messages;
	int wrong;	/* padding that is not zero, or an address */
};

/* Padding of attributes, of those within them too; whole words only: names are of users. */
static void look_at(const char *at, int len, struct attrs *seen)
{
	const struct nlattr *a;
	int size, padded, i;

	while (len >= (int)sizeof(*a)) {
		a = (const struct nlattr *)at;
		size = a->nla_len;
		if (size < (int)sizeof(*a) || size > len)
			break;
		padded = NLA_ALIGN(size) < len ? NLA_ALIGN(size) : len;
		for (i = size; i < padded; i++)
			seen->wrong += at[i] != 0;
		if (size == NLA_HDRLEN + 8)
			seen->wrong += has_address(at + NLA_HDRLEN, 8);
		at += padded;
		len -= padded;
	}
}

static void look(struct nlmsghdr *nlh, void *arg)
{
	const struct genlmsghdr *g = NLMSG_DATA(nlh);
	struct attrs *seen = arg;

	seen->messages++;
	seen->wrong += g->reserved != 0;
	look_at((const char *)g + GENL_HDRLEN, NLMSG_PAYLOAD(nlh, GENL_HDRLEN), seen);
	seen->wrong += has_address(nlh, nlh->nlmsg_len);
}

/* A channel that has of everything something. */
static void populate(FIXTURE_DATA(leak) *self)
{
	struct ipcchan_bell_fd b = { .fd = eventfd(0, EFD_CLOEXEC) };
	int64_t at = loan(self->fd, 1, 0, 0);

	send_block(self->fd, at, 1);
	loan(self->fd, 1, 0, 0);
	msg_send_u32(self->fd, 1);
	pool(self->fd, 4, IPCCHAN_POOL_COPY, 1);
	do_ioctl(self->fd, IPCCHAN_IOC_BELL_FD, &b);
	close(b.fd);
}

TEST_F(leak, netlink)
{
	static const uint8_t dumps[] = {
		IPCCHAN_CMD_GET, IPCCHAN_CMD_EP_GET, IPCCHAN_CMD_BUF_GET, IPCCHAN_CMD_LOAN_GET,
		IPCCHAN_CMD_QUOTA_GET,
	};
	struct genl *g = genl_open();
	struct attrs seen;
	unsigned int i;

	ASSERT_NE(NULL, g);
	populate(self);
	for (i = 0; i < ARRAY_SIZE(dumps); i++) {
		memset(&seen, 0, sizeof(seen));
		EXPECT_LE(1, genl_each(g, genl_msg(g, dumps[i], NLM_F_DUMP), look, &seen));
		EXPECT_LE(1, seen.messages);
		EXPECT_EQ(0, seen.wrong) TH_LOG("command %u", dumps[i]);
	}
	genl_close(g);
}

/* All of a file.  Return: bytes, or -errno. */
static int slurp(FIXTURE_DATA(leak) *self, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), total = 0, len;

	if (fd < 0)
		return -errno;
	do {
		len = read(fd, self->text + total, ROOM - 1 - total);
		total += len > 0 ? len : 0;
	} while (len > 0);
	self->text[total] = 0;
	close(fd);
	return total;
}

TEST_F(leak, fdinfo)
{
	char path[64];

	populate(self);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", self->fd);
	ASSERT_LT(0, slurp(self, path));
	EXPECT_NE(NULL, strstr(self->text, "ipcchan-pool"));
	EXPECT_FALSE(tells_address(self->text));
}

/* Not even to root, who may read it into a report. */
TEST_F(leak, debugfs)
{
	populate(self);
	if (slurp(self, "/sys/kernel/debug/ipcchan/state") < 0)
		SKIP(return, "no debugfs");
	EXPECT_NE(NULL, strstr(self->text, NAME));
	EXPECT_FALSE(tells_address(self->text));
}

TEST_F(leak, locks)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

	ASSERT_EQ(0, fcntl(self->fd, F_OFD_SETLK, &l));
	ASSERT_LT(0, slurp(self, "/proc/locks"));
	EXPECT_FALSE(tells_address(self->text));
}

/* How tracepoints are printed: what is an address is hashed, as %p does and %px does not. */
TEST_F(leak, tracepoints)
{
	static const char *const names[] = {
		"attach", "detach", "enqueue", "dequeue", "drop", "handover", "wait", "wake",
		"map", "loan", "give_back",
	};
	static const char raw[] = { '%', 'p', 'x', 0 };
	char path[128];
	unsigned int i;
	const char *print;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path),
			 "/sys/kernel/tracing/events/ipcchan/ipcchan_%s/format", names[i]);
		err = slurp(self, path);
		if (err < 0)
			break;
		print = strstr(self->text, "print fmt:");
		ASSERT_NE(NULL, print);
		EXPECT_EQ(NULL, strstr(print, raw)) TH_LOG("%s", names[i]);
		EXPECT_EQ(NULL, strstr(print, "%llx")) TH_LOG("%s", names[i]);
	}
	if (err == -ENOENT && !i)
		SKIP(return, "no tracefs");
	EXPECT_LT(0, err);
}

/* What the module has said in the kernel's log. */
TEST_F(leak, log)
{
	char *line, *next;
	int len = klogctl(3, self->text, ROOM - 1);

	ASSERT_LE(0, len);
	self->text[len] = 0;
	for (line = self->text; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (strstr(line, "ipcchan")) {
			EXPECT_FALSE(tells_address(line)) TH_LOG("%s", line);
		}
	}
}

/* Parameters are no addresses, and where the module lies only root may read. */
TEST_F(leak, sysfs)
{
	static const char *const secret[] = {
		"/sys/module/ipcchan/sections/.text", "/sys/module/ipcchan/sections/.data",
	};
	struct stat st;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(secret); i++) {
		if (stat(secret[i], &st))
			continue;
		EXPECT_EQ(0, st.st_mode & 0077) TH_LOG("%s", secret[i]);
	}
}

TEST_HARNESS_MAIN
