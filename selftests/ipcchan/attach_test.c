// SPDX-License-Identifier: GPL-2.0
/* Opening, attaching and leaving: which channel, which limits, which role. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define ROLE_BOTH	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)

FIXTURE(attach) {
	char name[IPCCHAN_NAME_SIZE];
};

FIXTURE_SETUP(attach)
{
	unique_name(self->name);
}

FIXTURE_TEARDOWN(attach)
{
	chan_unlink(self->name);
}

static int create(const char *name, const struct ipcchan_attach *limits)
{
	struct ipcchan_attach a = *limits;

	a.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL;
	strcpy(a.name, name);
	return chan_open(O_RDWR, &a);
}

TEST_F(attach, query)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	struct ipcchan_info info;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		struct ipcchan_query q = { 0 };
		int fd = dev_open(modes[i]);

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, do_ioctl(fd, IPCCHAN_IOC_QUERY, &q));
		EXPECT_EQ(IPCCHAN_ABI_VERSION, q.abi_version);
		EXPECT_EQ(0, q.reserved);
		EXPECT_EQ(IPCCHAN_FEAT_QUEUE | IPCCHAN_FEAT_BUFFER | IPCCHAN_FEAT_DOORBELL,
			  q.features & (IPCCHAN_FEAT_QUEUE | IPCCHAN_FEAT_BUFFER |
					IPCCHAN_FEAT_DOORBELL));
		EXPECT_LE(1024, q.limit_msgs);
		EXPECT_LE(65536, q.limit_msg_size);
		EXPECT_LE(1048576, q.limit_bytes);
		EXPECT_LE(1048576, q.limit_buf_size);
		/* Asking does not attach. */
		EXPECT_EQ(-ENOTCONN, chan_info(fd, &info));
		close(fd);
	}
}

TEST_F(attach, create_open_exclusive)
{
	struct ipcchan_attach a = { .role = ROLE_BOTH };
	struct ipcchan_info first, second;
	int fd, fd2;

	EXPECT_EQ(-ENOENT, chan_named(self->name, O_RDWR, 0));

	fd = chan_named(self->name, O_RDWR, IPCCHAN_ATTACH_CREATE);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &first));
	EXPECT_STREQ(self->name, first.name);
	EXPECT_EQ(1, first.endpoints);
	EXPECT_EQ(0, first.flags);

	/* A refused attach leaves the descriptor free for another try. */
	fd2 = dev_open(O_RDWR);
	ASSERT_LE(0, fd2);
	strcpy(a.name, self->name);
	a.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL;
	EXPECT_EQ(-EEXIST, do_ioctl(fd2, IPCCHAN_IOC_ATTACH, &a));
	EXPECT_EQ(-ENOTCONN, chan_info(fd2, &second));
	a.flags = IPCCHAN_ATTACH_CREATE;
	ASSERT_EQ(0, do_ioctl(fd2, IPCCHAN_IOC_ATTACH, &a));
	EXPECT_EQ(first.id, a.id);
	ASSERT_EQ(0, chan_info(fd2, &second));
	EXPECT_EQ(first.id, second.id);
	EXPECT_EQ(2, second.endpoints);
	close(fd2);

	ASSERT_EQ(0, chan_info(fd, &first));
	EXPECT_EQ(1, first.endpoints);
	EXPECT_EQ(0, msg_send_u32(fd, 7));
	close(fd);

	/* A named channel and what is queued in it outlive their descriptors. */
	fd = chan_named(self->name, O_RDWR, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &second));
	EXPECT_EQ(first.id, second.id);
	EXPECT_EQ(7, msg_recv_u32(fd));
	close(fd);
}

TEST_F(attach, exclusive_creates)
{
	int fd = chan_named(self->name, O_RDWR,
			    IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, msg_send_u32(fd, 1));
	EXPECT_EQ(1, msg_recv_u32(fd));
	close(fd);
}

TEST_F(attach, anonymous)
{
	struct ipcchan_info one, two;
	int fd = chan_anon(NULL);
	int fd2 = chan_anon(NULL);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, fd2);
	ASSERT_EQ(0, chan_info(fd, &one));
	ASSERT_EQ(0, chan_info(fd2, &two));
	EXPECT_NE(one.id, two.id);
	EXPECT_STREQ("", one.name);
	EXPECT_EQ(IPCCHAN_CHAN_ANON, one.flags);
	EXPECT_EQ(ROLE_BOTH, one.role);

	EXPECT_EQ(0, msg_send_u32(fd, 1));
	EXPECT_EQ(0, chan_next(fd2));
	EXPECT_EQ(1, msg_recv_u32(fd));

	EXPECT_TRUE(chan_exists(one.id));
	close(fd);
	EXPECT_FALSE(chan_exists(one.id));
	EXPECT_TRUE(chan_exists(two.id));
	close(fd2);
}

TEST_F(attach, anonymous_with_a_message_vanishes)
{
	struct ipcchan_info info;
	int fd = chan_anon(NULL);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &info));
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	close(fd);
	EXPECT_FALSE(chan_exists(info.id));
}

TEST_F(attach, by_descriptor)
{
	struct ipcchan_info one, two;
	int fd = chan_anon(NULL);
	int rd, wr, bare, other;

	ASSERT_LE(0, fd);
	rd = chan_peer(fd, O_RDONLY);
	wr = chan_peer(fd, O_WRONLY);
	ASSERT_LE(0, rd);
	ASSERT_LE(0, wr);
	ASSERT_EQ(0, chan_info(fd, &one));
	ASSERT_EQ(0, chan_info(rd, &two));
	EXPECT_EQ(one.id, two.id);
	EXPECT_EQ(3, one.endpoints);
	EXPECT_EQ(IPCCHAN_ROLE_RECV, two.role);
	EXPECT_EQ(0, msg_send_u32(wr, 5));
	EXPECT_EQ(5, msg_recv_u32(rd));

	/* The channel lives as long as any endpoint of it. */
	close(fd);
	EXPECT_EQ(0, msg_send_u32(wr, 6));
	EXPECT_EQ(6, msg_recv_u32(rd));

	bare = dev_open(O_RDWR);
	other = open("/dev/null", O_RDWR);
	ASSERT_LE(0, bare);
	ASSERT_LE(0, other);
	EXPECT_EQ(-EBADF, chan_peer(bare, O_RDWR));
	EXPECT_EQ(-EBADF, chan_peer(other, O_RDWR));
	EXPECT_EQ(-EBADF, chan_peer(9999, O_RDWR));
	EXPECT_EQ(-EBADF, chan_peer(-1, O_RDWR));
	/* Nor did it attach the descriptor that was only looked at. */
	EXPECT_EQ(-ENOTCONN, chan_info(bare, &two));
	close(bare);
	close(other);
	close(rd);
	close(wr);
	EXPECT_FALSE(chan_exists(one.id));
}

TEST_F(attach, twice)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .role = ROLE_BOTH };
	struct ipcchan_info before, after;
	int count;
	int fd = chan_anon(NULL);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &before));
	count = chan_count();
	EXPECT_EQ(-EISCONN, do_ioctl(fd, IPCCHAN_IOC_ATTACH, &a));
	a.flags = IPCCHAN_ATTACH_CREATE;
	strcpy(a.name, self->name);
	EXPECT_EQ(-EISCONN, do_ioctl(fd, IPCCHAN_IOC_ATTACH, &a));
	/* The refused attach has not created what it asked for. */
	EXPECT_EQ(-ENOENT, chan_named(self->name, O_RDWR, 0));
	EXPECT_EQ(count, chan_count());
	ASSERT_EQ(0, chan_info(fd, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	close(fd);
}

TEST_F(attach, limits)
{
	const long page = sysconf(_SC_PAGESIZE);
	const struct {
		struct ipcchan_attach ask;
		uint32_t msgs;
		uint32_t msg_size;
		uint64_t bytes;
		uint64_t buf;
	} cases[] = {
		{ { 0 }, 1024, 65536, 1048576, 0 },
		{ { .max_msgs = 3 }, 3, 65536, 1048576, 0 },
		{ { .max_msg_size = 100 }, 1024, 100, 1048576, 0 },
		{ { .max_bytes = 1000 }, 1024, 1000, 1000, 0 },
		{ { .max_bytes = 65537 }, 1024, 65536, 65537, 0 },
		{ { .max_msg_size = 1, .max_bytes = 1, .max_msgs = 1 }, 1, 1, 1, 0 },
		{ { .max_msg_size = 1000, .max_bytes = 1000 }, 1024, 1000, 1000, 0 },
		{ { .buf_size = 1 }, 1024, 65536, 1048576, page },
		{ { .buf_size = page }, 1024, 65536, 1048576, page },
		{ { .buf_size = page + 1 }, 1024, 65536, 1048576, 2 * page },
	};
	struct ipcchan_info info;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = create(self->name, &cases[i].ask);

		ASSERT_LE(0, fd) TH_LOG("case %u", i);
		ASSERT_EQ(0, chan_info(fd, &info));
		EXPECT_EQ(cases[i].msgs, info.max_msgs) TH_LOG("case %u", i);
		EXPECT_EQ(cases[i].msg_size, info.max_msg_size) TH_LOG("case %u", i);
		EXPECT_EQ(cases[i].bytes, info.max_bytes) TH_LOG("case %u", i);
		EXPECT_EQ(cases[i].buf, info.buf_size) TH_LOG("case %u", i);
		EXPECT_EQ(IPCCHAN_KIND_QUEUE, info.kind);
		close(fd);
		ASSERT_EQ(0, chan_unlink(self->name));
	}
}

TEST_F(attach, large_limits)
{
	struct ipcchan_query q = { 0 };
	struct ipcchan_attach a = { 0 };
	struct ipcchan_info info;
	int fd = dev_open(O_RDWR);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, do_ioctl(fd, IPCCHAN_IOC_QUERY, &q));
	close(fd);
	a.max_msgs = q.limit_msgs;
	a.max_msg_size = q.limit_msg_size;
	a.max_bytes = q.limit_bytes;
	fd = chan_anon(&a);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(q.limit_msgs, info.max_msgs);
	EXPECT_EQ(q.limit_msg_size, info.max_msg_size);
	EXPECT_EQ(q.limit_bytes, info.max_bytes);
	close(fd);

	/* Above the default of max_bytes the one limit pulls the other along. */
	if (q.limit_msg_size <= 1048576)
		SKIP(return, "max_msg_size is never more than the default of max_bytes");
	a = (struct ipcchan_attach){ .max_msg_size = 1048577 };
	fd = chan_anon(&a);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(1048577, info.max_bytes);
	close(fd);
}

TEST_F(attach, existing_ignores_limits)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .max_msgs = 9, .max_msg_size = 99,
		.max_bytes = 999, .buf_size = 1, .mode = 0666,
	};
	struct ipcchan_attach small = { .max_msgs = 2 };
	struct ipcchan_info before, after;
	int fd = create(self->name, &small);
	int fd2;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &before));
	strcpy(a.name, self->name);
	fd2 = chan_open(O_RDWR, &a);
	ASSERT_LE(0, fd2);
	close(fd2);
	/* Ignored, but looked at first. */
	a.mode = 01000;
	EXPECT_EQ(-EINVAL, chan_open(O_RDWR, &a));
	ASSERT_EQ(0, chan_info(fd, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	close(fd);
}

TEST_HARNESS_MAIN
