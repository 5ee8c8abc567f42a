// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: create, get, dump, delete; who may, and what is
 * refused with which words.  Each test has a network namespace for itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define MANY		2000
#define ALL_ATTRS	(((1u << (IPCCHAN_A_MAX + 1)) - 1) & \
			 ~(1u << IPCCHAN_A_UNSPEC | 1u << IPCCHAN_A_PAD | \
			   1u << IPCCHAN_A_TIME_BUCKETS))
#define ALL_STATS	(((1u << (IPCCHAN_A_STATS_MAX + 1)) - 1) & \
			 ~(1u << IPCCHAN_A_STATS_UNSPEC | 1u << IPCCHAN_A_STATS_PAD))

FIXTURE(netlink) {
	struct genl *g;
};

FIXTURE_SETUP(netlink)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->g = genl_open();
	ASSERT_NE(NULL, self->g);
}

FIXTURE_TEARDOWN(netlink)
{
	genl_close(self->g);
}

static int create(const char *name, const struct ipcchan_attach *limits)
{
	struct ipcchan_attach a = *limits;

	a.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL;
	strcpy(a.name, name);
	return chan_open(O_RDWR, &a);
}

TEST_F(netlink, empty)
{
	struct genl_chan c;

	EXPECT_EQ(0, genl_dump(self->g, NULL, 0));
	EXPECT_EQ(-ENOENT, genl_get(self->g, "a", 0, &c));
	EXPECT_EQ(-ENOENT, genl_get(self->g, NULL, 1, &c));
	EXPECT_EQ(-ENOENT, genl_del(self->g, "a", 0));
	EXPECT_EQ(-ENOENT, genl_del(self->g, NULL, 1));
	EXPECT_STRNE("", genl_extack(self->g));
}

TEST_F(netlink, attributes_match_info)
{
	struct ipcchan_attach limits = {
		.mode = 0640, .max_msgs = 7, .max_msg_size = 100, .max_bytes = 300,
		.buf_size = 1, .kind = IPCCHAN_KIND_QUEUE,
		.options = IPCCHAN_OPT_TIMESTAMP | IPCCHAN_OPT_SYNC_WAKE,
		.spin_ns = 1234,
	};
	struct genl_chan c, d;
	struct ipcchan_info info;
	int fd = create("seen", &limits);

	ASSERT_LE(0, fd);
	ASSERT_EQ(10, msg_send(fd, "0123456789", 10));
	ASSERT_EQ(0, chan_info(fd, &info));
	ASSERT_EQ(0, genl_get(self->g, "seen", 0, &c));
	EXPECT_EQ(ALL_ATTRS, c.present);
	EXPECT_EQ(ALL_STATS, c.stats_present);
	EXPECT_EQ(info.id, c.id);
	EXPECT_STREQ("seen", c.name);
	EXPECT_EQ(info.flags, c.flags);
	EXPECT_EQ(info.kind, c.kind);
	EXPECT_EQ(0640, c.mode);
	EXPECT_EQ(geteuid(), c.uid);
	EXPECT_EQ(getegid(), c.gid);
	EXPECT_EQ(7, c.max_msgs);
	EXPECT_EQ(100, c.max_msg_size);
	EXPECT_EQ(300, c.max_bytes);
	EXPECT_EQ(info.buf_size, c.buf_size);
	EXPECT_EQ(1, c.endpoints);
	EXPECT_EQ(1, c.msgs);
	EXPECT_EQ(10, c.bytes);
	EXPECT_EQ(limits.options, c.options);
	EXPECT_EQ(info.options, c.options);
	EXPECT_EQ(0, c.slow);
	EXPECT_EQ(1234, c.spin_ns);
	EXPECT_EQ(1234, info.spin_ns);
	/* The same by id and in a dump. */
	ASSERT_EQ(0, genl_get(self->g, NULL, info.id, &d));
	EXPECT_EQ(0, memcmp(&c, &d, sizeof(c)));
	ASSERT_EQ(1, genl_dump(self->g, &d, 1));
	EXPECT_EQ(0, memcmp(&c, &d, sizeof(c)));
	close(fd);
	ASSERT_EQ(0, genl_get(self->g, "seen", 0, &c));
	EXPECT_EQ(0, c.endpoints);
	EXPECT_EQ(1, c.msgs);
	EXPECT_EQ(0, chan_unlink("seen"));
	EXPECT_EQ(0, genl_dump(self->g, NULL, 0));
}

TEST_F(netlink, anonymous_and_unlinked)
{
	struct ipcchan_attach limits = { 0 };
	struct ipcchan_info info;
	struct genl_chan c;
	int anon = chan_anon(NULL);
	int gone = create("gone", &limits);

	ASSERT_LE(0, anon);
	ASSERT_LE(0, gone);
	ASSERT_EQ(0, chan_info(anon, &info));
	ASSERT_EQ(0, genl_get(self->g, NULL, info.id, &c));
	EXPECT_EQ(ALL_ATTRS & ~(1u << IPCCHAN_A_NAME), c.present);
	EXPECT_EQ(IPCCHAN_CHAN_ANON, c.flags);

	ASSERT_EQ(0, chan_unlink("gone"));
	ASSERT_EQ(0, chan_info(gone, &info));
	EXPECT_EQ(-ENOENT, genl_get(self->g, "gone", 0, &c));
	ASSERT_EQ(0, genl_get(self->g, NULL, info.id, &c));
	EXPECT_EQ(IPCCHAN_CHAN_UNLINKED, c.flags);
	/* There is nothing left of it to remove. */
	EXPECT_GT(0, genl_del(self->g, NULL, info.id));
	EXPECT_EQ(0, msg_send_u32(gone, 1));
	EXPECT_EQ(1, msg_recv_u32(gone));
	close(gone);
	close(anon);
	EXPECT_EQ(0, genl_dump(self->g, NULL, 0));
}

TEST_F(netlink, new_with_defaults)
{
	struct genl_chan c;

	ASSERT_EQ(0, genl_new(self->g, "fresh"));
	ASSERT_EQ(0, genl_get(self->g, "fresh", 0, &c));
	EXPECT_EQ(0600, c.mode);
	EXPECT_EQ(1024, c.max_msgs);
	EXPECT_EQ(65536, c.max_msg_size);
	EXPECT_EQ(1048576, c.max_bytes);
	EXPECT_EQ(0, c.buf_size);
	EXPECT_EQ(0, c.endpoints);
	EXPECT_EQ(-EEXIST, genl_new(self->g, "fresh"));
	EXPECT_STRNE("", genl_extack(self->g));
	ASSERT_EQ(0, genl_del(self->g, "fresh", 0));
	EXPECT_EQ(-ENOENT, genl_get(self->g, "fresh", 0, &c));
}

TEST_F(netlink, new_with_everything)
{
	struct nl_msg *msg = genl_msg(self->g, IPCCHAN_CMD_NEW, NLM_F_ECHO);
	struct genl_chan c;
	int fd;

	nla_put_string(msg, IPCCHAN_A_NAME, "full");
	nla_put_u32(msg, IPCCHAN_A_KIND, IPCCHAN_KIND_BROADCAST);
	nla_put_u32(msg, IPCCHAN_A_OPTIONS, IPCCHAN_OPT_TIMESTAMP);
	nla_put_u32(msg, IPCCHAN_A_SLOW, IPCCHAN_SLOW_DROP_NEWEST);
	nla_put_u32(msg, IPCCHAN_A_SPIN_NS, 77);
	nla_put_u32(msg, IPCCHAN_A_MODE, 0622);
	nla_put_u32(msg, IPCCHAN_A_MAX_MSGS, 5);
	nla_put_u32(msg, IPCCHAN_A_MAX_MSG_SIZE, 50);
	nla_put_u64(msg, IPCCHAN_A_MAX_BYTES, 200);
	nla_put_u64(msg, IPCCHAN_A_BUF_SIZE, 100);
	nla_put_u32(msg, IPCCHAN_A_BUF_FLAGS, IPCCHAN_BUF_HUGE | IPCCHAN_BUF_NODE);
	nla_put_u32(msg, IPCCHAN_A_BUF_NODE, 0);
	ASSERT_EQ(1, genl_talk(self->g, msg, &c, 1));
	EXPECT_EQ(ALL_ATTRS, c.present);
	EXPECT_STREQ("full", c.name);
	EXPECT_EQ(0622, c.mode);
	EXPECT_EQ(5, c.max_msgs);
	EXPECT_EQ(50, c.max_msg_size);
	EXPECT_EQ(200, c.max_bytes);
	EXPECT_EQ((uint64_t)sysconf(_SC_PAGESIZE), c.buf_size);
	EXPECT_EQ(IPCCHAN_BUF_HUGE | IPCCHAN_BUF_NODE, c.buf_flags);
	EXPECT_EQ(0, c.buf_node);
	/* Too small for one. */
	EXPECT_EQ(0, c.buf_huge);
	EXPECT_EQ(IPCCHAN_KIND_BROADCAST, c.kind);
	EXPECT_EQ(IPCCHAN_OPT_TIMESTAMP, c.options);
	EXPECT_EQ(IPCCHAN_SLOW_DROP_NEWEST, c.slow);
	EXPECT_EQ(77, c.spin_ns);
	fd = chan_named("full", O_RDWR, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, msg_send_u32(fd, 1));
	/* Deleting is unlinking: those attached go on. */
	ASSERT_EQ(0, genl_del(self->g, NULL, c.id));
	EXPECT_EQ(1, msg_recv_u32(fd));
	close(fd);
	EXPECT_EQ(0, genl_dump(self->g, NULL, 0));
}

/* What a bad request carries beside, or instead of, a good name. */
struct bad {
	const char *what;
	const char *name;	/* NULL: no name at all */
	int type;		/* of a further attribute, 0 for none */
	int len;		/* of it, bytes */
	uint64_t value;
	int error;
};

static struct nl_msg *bad_msg(struct genl *g, int cmd, const struct bad *b)
{
	struct nl_msg *msg = genl_msg(g, cmd, 0);

	if (b->name)
		nla_put_string(msg, IPCCHAN_A_NAME, b->name);
	if (b->type)
		nla_put(msg, b->type, b->len, &b->value);
	return msg;
}

#define NAME_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

TEST_F(netlink, new_refused)
{
	static const struct bad cases[] = {
		{ "no name", NULL, 0, 0, 0, -EINVAL },
		{ "an id in place of a name", NULL, IPCCHAN_A_ID, 4, 1, -EINVAL },
		{ "a name and an id", "a", IPCCHAN_A_ID, 4, 77, -EINVAL },
		{ "an output", "a", IPCCHAN_A_ENDPOINTS, 4, 77, -EINVAL },
		{ "empty name", "", 0, 0, 0, -EINVAL },
		{ "slash", "a/b", 0, 0, 0, -EINVAL },
		{ "control character", "a\tb", 0, 0, 0, -EINVAL },
		{ "kind", "a", IPCCHAN_A_KIND, 4, IPCCHAN_KIND_RPC + 1, -EINVAL },
		{ "options", "a", IPCCHAN_A_OPTIONS, 4, ~0u, -EINVAL },
		{ "slow, of a queue", "a", IPCCHAN_A_SLOW, 4, 1, -EINVAL },
		{ "spin_ns", "a", IPCCHAN_A_SPIN_NS, 4, IPCCHAN_SPIN_MAX_NS + 1, -EINVAL },
		{ "mode", "a", IPCCHAN_A_MODE, 4, 01000, -EINVAL },
		{ "max_msgs", "a", IPCCHAN_A_MAX_MSGS, 4, ~0u, -EINVAL },
		{ "max_msg_size", "a", IPCCHAN_A_MAX_MSG_SIZE, 4, ~0u, -EINVAL },
		{ "max_bytes", "a", IPCCHAN_A_MAX_BYTES, 8, ~0ull, -EINVAL },
		{ "buf_size", "a", IPCCHAN_A_BUF_SIZE, 8, ~0ull, -EINVAL },
		{ "buf_flags, of no buffer", "a", IPCCHAN_A_BUF_FLAGS, 4, 1, -EINVAL },
		{ "unknown buf_flags", "a", IPCCHAN_A_BUF_FLAGS, 4, 4, -EINVAL },
		{ "buf_node, without its flag", "a", IPCCHAN_A_BUF_NODE, 4, 1, -EINVAL },
		{ "buf_huge, an output", "a", IPCCHAN_A_BUF_HUGE, 8, 0, -EINVAL },
		{ "short u64", "a", IPCCHAN_A_BUF_SIZE, 4, 4096, -ERANGE },
		{ "short u32", "a", IPCCHAN_A_MODE, 2, 0600, -ERANGE },
		{ "unknown attribute", "a", IPCCHAN_A_MAX + 1, 4, 0, -EINVAL },
	};
	const struct bad long_name = { "64 bytes", NAME_64, 0, 0, 0, 0 };
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct bad *b = &cases[i];

		ret = genl_talk(self->g, bad_msg(self->g, IPCCHAN_CMD_NEW, b), NULL, 0);
		/* netlink's own checks of lengths say EINVAL or ERANGE. */
		if (b->error == -ERANGE && ret == -EINVAL)
			ret = -ERANGE;
		EXPECT_EQ(b->error, ret) TH_LOG("%s", b->what);
		EXPECT_STRNE("", genl_extack(self->g)) TH_LOG("%s", b->what);
		EXPECT_EQ(0, genl_dump(self->g, NULL, 0));
	}
	ret = genl_talk(self->g, bad_msg(self->g, IPCCHAN_CMD_NEW, &long_name), NULL, 0);
	EXPECT_TRUE(ret == -EINVAL || ret == -ERANGE || ret == -ENAMETOOLONG);
	EXPECT_STRNE("", genl_extack(self->g));
	EXPECT_EQ(0, genl_dump(self->g, NULL, 0));
}

TEST_F(netlink, get_and_delete_refused)
{
	static const struct bad none = { "neither name nor id", NULL, 0, 0, 0, 0 };
	int cmd;

	ASSERT_EQ(0, genl_new(self->g, "a"));
	for (cmd = IPCCHAN_CMD_GET; cmd <= IPCCHAN_CMD_DEL; cmd++) {
		EXPECT_EQ(-EINVAL, genl_talk(self->g, bad_msg(self->g, cmd, &none),
					     NULL, 0));
		EXPECT_STRNE("", genl_extack(self->g)) TH_LOG("command %d", cmd);
	}
	EXPECT_EQ(-EOPNOTSUPP, genl_talk(self->g,
					 genl_msg(self->g, IPCCHAN_CMD_MAX + 1, 0),
					 NULL, 0));
	EXPECT_EQ(1, chan_count());
	EXPECT_EQ(0, genl_del(self->g, "a", 0));
}

static int new_as(const void *name)
{
	struct genl *g = genl_open();
	int ret = g ? genl_new(g, name) : -EIO;

	genl_close(g);
	return ret;
}

static int del_as(const void *name)
{
	struct genl *g = genl_open();
	int ret = g ? genl_del(g, name, 0) : -EIO;

	genl_close(g);
	return ret;
}

static int create_as(const void *name)
{
	int fd = chan_named(name, O_RDWR, IPCCHAN_ATTACH_CREATE);

	return fd < 0 ? fd : 0;
}

static int list_as(const void *count)
{
	return chan_count() == *(const int *)count ? 0 : -EBADMSG;
}

TEST_F(netlink, rights)
{
	const int one = 1;

	ASSERT_EQ(0, genl_new(self->g, "roots"));
	EXPECT_EQ(-EPERM, as_other(new_as, "theirs"));
	EXPECT_EQ(-EPERM, as_other(del_as, "roots"));
	/* What needs no privilege: a channel of one's own, and looking at it. */
	EXPECT_EQ(0, as_other(create_as, "theirs"));
	EXPECT_EQ(0, as_other(list_as, &one));
	EXPECT_EQ(0, as_other(del_as, "theirs"));
	EXPECT_EQ(0, as_other(create_as, "theirs"));
	EXPECT_EQ(0, genl_del(self->g, "theirs", 0));
	EXPECT_EQ(1, chan_count());
	EXPECT_EQ(0, genl_del(self->g, "roots", 0));
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = ((const struct genl_chan *)a)->id;
	uint32_t y = ((const struct genl_chan *)b)->id;

	return (x > y) - (x < y);
}

/* Far more than one datagram holds. */
TEST_F_TIMEOUT(netlink, dump_of_many, 120)
{
	struct genl_chan *all = calloc(MANY + 1, sizeof(*all));
	char name[IPCCHAN_NAME_SIZE];
	bool seen[MANY] = { 0 };
	unsigned int n;
	int i;

	ASSERT_NE(NULL, all);
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "many-%d", i);
		ASSERT_EQ(0, genl_new(self->g, name));
	}
	ASSERT_EQ(MANY, genl_dump(self->g, all, MANY + 1));
	qsort(all, MANY, sizeof(*all), by_id);
	for (i = 0; i < MANY; i++) {
		if (i) {
			ASSERT_LT(all[i - 1].id, all[i].id);
		}
		ASSERT_EQ(1, sscanf(all[i].name, "many-%u", &n));
		ASSERT_GT(MANY, n);
		EXPECT_FALSE(seen[n]);
		seen[n] = true;
	}
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, genl_del(self->g, NULL, all[i].id));
	}
	EXPECT_EQ(0, genl_dump(self->g, NULL, 0));
	free(all);
}

TEST_HARNESS_MAIN
