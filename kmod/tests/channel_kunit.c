// SPDX-License-Identifier: GPL-2.0
/* What user space may ask for: names, limits, their defaults; creation. */

#include <linux/err.h>
#include <linux/netlink.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "buffer.h"
#include "channel.h"
#include "fixture.h"

static void ipcchan_channel_names(struct kunit *test)
{
	static const char * const good[] = {
		"a", "default", "with space", ".", "..", "~", "a.b-c_d", "\\",
		"\xc3\xa4", "\xe2\x82\xac", "\x80", "\xff",
		"123456789012345678901234567890123456789012345678901234567890123",
	};
	static const char * const bad[] = {
		"", "/", "/a", "a/", "a/b", "\n", "a\n", "\t", "\x01", "\x1f",
		"\x7f", "a\x7f",
		"12345678901234567890123456789012345678901234567890123456789012/",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		struct netlink_ext_ack extack = {};

		KUNIT_EXPECT_EQ_MSG(test, ipcchan_name_check(good[i], &extack), 0,
				    "name %u", i);
		KUNIT_EXPECT_PTR_EQ(test, extack._msg, NULL);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct netlink_ext_ack extack = {};

		KUNIT_EXPECT_EQ_MSG(test, ipcchan_name_check(bad[i], &extack),
				    -EINVAL, "name %u", i);
		KUNIT_EXPECT_PTR_NE(test, extack._msg, NULL);
		KUNIT_EXPECT_EQ(test, ipcchan_name_check(bad[i], NULL), -EINVAL);
	}
}

/* What is wanted, and what comes of it: 0 if it is refused. */
struct ipcchan_limits_case {
	u32 msgs;
	u32 msg_size;
	u64 bytes;
	u32 got_msgs;
	u32 got_msg_size;
	u64 got_bytes;
};

static const struct ipcchan_limits_case ipcchan_limits_cases[] = {
	/* The defaults, and each limit that follows another. */
	{ 0, 0, 0, 1024, 65536, 1048576 },
	{ 1, 0, 0, 1, 65536, 1048576 },
	{ 0, 1, 0, 1024, 1, 1048576 },
	{ 0, 1048576, 0, 1024, 1048576, 1048576 },
	{ 0, 1048577, 0, 1024, 1048577, 1048577 },
	{ 0, 0, 1, 1024, 1, 1 },
	{ 0, 0, 65535, 1024, 65535, 65535 },
	{ 0, 0, 65536, 1024, 65536, 65536 },
	{ 0, 0, 65537, 1024, 65536, 65537 },
	{ 2, 3, 4, 2, 3, 4 },
	{ 1, 5, 5, 1, 5, 5 },
	/* A message longer than all of them together */
	{ 1, 6, 5 },
	{ 0, 1048577, 1048576 },
	/* The module's limits, to the last one */
	{ 0x100000, 0, 0, 0x100000, 65536, 1048576 },
	{ 0x100001, 0, 0 },
	{ U32_MAX, 0, 0 },
	{ 0, 0x1000000, 0, 1024, 0x1000000, 0x1000000 },
	{ 0, 0x1000001, 0x10000000 },
	{ 0, U32_MAX, 0 },
	{ 0, 0, 0x10000000, 1024, 65536, 0x10000000 },
	{ 0, 0, 0x10000001 },
	{ 0, 0, 0x100000001ULL },
	{ 0, 0, U64_MAX },
	{ 0x100000, 0x1000000, 0x10000000, 0x100000, 0x1000000, 0x10000000 },
};

static void ipcchan_channel_limits(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ipcchan_limits_cases); i++) {
		const struct ipcchan_limits_case *c = &ipcchan_limits_cases[i];
		struct netlink_ext_ack extack = {};
		struct ipcchan_params p = {
			.max_msgs = c->msgs,
			.max_msg_size = c->msg_size,
			.max_bytes = c->bytes,
		};
		int err = ipcchan_params_check(&p, &extack);

		KUNIT_EXPECT_EQ_MSG(test, err, c->got_msgs ? 0 : -EINVAL,
				    "case %u", i);
		KUNIT_EXPECT_EQ(test, !extack._msg, !err);
		if (err)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, p.max_msgs, c->got_msgs, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, p.max_msg_size, c->got_msg_size,
				    "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, p.max_bytes, c->got_bytes, "case %u", i);
	}
}

static int ipcchan_channel_check(u32 kind, u32 mode, u64 buf_size)
{
	struct ipcchan_params p = {
		.kind = kind, .mode = mode, .buf_size = buf_size,
	};

	return ipcchan_params_check(&p, NULL) ?: p.mode;
}

static void ipcchan_channel_mode(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(0, 0, 0), 0600);
	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(0, 0001, 0), 0001);
	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(0, 0777, 0), 0777);
	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(0, 01000, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(0, 0x80000000, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(0, U32_MAX, 0), -EINVAL);
}

static void ipcchan_channel_kind(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(IPCCHAN_KIND_RPC, 0, 0), 0600);
	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(IPCCHAN_KIND_RPC + 1, 0, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(U32_MAX, 0, 0), -EINVAL);
}

static void ipcchan_channel_buf_size(struct kunit *test)
{
	static const u64 bad[] = {
		0x10000001, 0x100000000ULL, 0x100000001ULL, U64_MAX - 4095,
		U64_MAX,
	};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(0, 0, 1), 0600);
	KUNIT_EXPECT_EQ(test, ipcchan_channel_check(0, 0, 0x10000000), 0600);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, ipcchan_channel_check(0, 0, bad[i]),
				    -EINVAL, "case %u", i);
}

/* No sum of what is queued and one more message is beyond 64 bits. */
static void ipcchan_channel_no_overflow(struct kunit *test)
{
	const u64 over = (u64)IPCCHAN_LIMIT_MSGS * IPCCHAN_LIMIT_MSG_SIZE;
	u64 sum;

	KUNIT_EXPECT_FALSE(test, check_add_overflow(IPCCHAN_LIMIT_BYTES, over,
						    &sum));
}

static void ipcchan_channel_create(struct kunit *test)
{
	struct ipcchan_params p = {
		.name = "kunit", .mode = 0640, .max_msgs = 7, .max_msg_size = 8,
		.max_bytes = 9, .buf_size = PAGE_SIZE + 1,
	};
	struct ipcchan_chan *chan = ipcchan_chan_create(&init_net, &p);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chan);
	KUNIT_EXPECT_EQ(test, chan->queue.max_nr, 7);
	KUNIT_EXPECT_EQ(test, chan->queue.max_len, 8);
	KUNIT_EXPECT_EQ(test, chan->queue.max_bytes, 9);
	KUNIT_EXPECT_EQ(test, chan->mode, 0640);
	KUNIT_EXPECT_EQ(test, chan->flags, 0);
	KUNIT_EXPECT_STREQ(test, chan->name, "kunit");
	KUNIT_EXPECT_EQ(test, chan->buf->size, 2 * PAGE_SIZE);
	ipcchan_chan_destroy(chan);

	p.name[0] = '\0';
	p.buf_size = 0;
	chan = ipcchan_chan_create(&init_net, &p);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chan);
	KUNIT_EXPECT_EQ(test, chan->flags, IPCCHAN_CHAN_ANON);
	KUNIT_EXPECT_PTR_EQ(test, chan->buf, NULL);
	ipcchan_chan_destroy(chan);
}

static void ipcchan_channel_no_memory(struct kunit *test)
{
	struct ipcchan_params p = {
		.max_msgs = 1, .max_msg_size = 1, .max_bytes = 1,
		.buf_size = PAGE_SIZE,
	};

	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_PAGE;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_chan_create(&init_net, &p),
			    ERR_PTR(-ENOMEM));
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 0);
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_OBJECT;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_chan_create(&init_net, &p),
			    ERR_PTR(-ENOMEM));
}

static int ipcchan_channel_begin(struct kunit *test)
{
	return ipcchan_test_begin(test) ?: ipcchan_chan_cache_init();
}

static void ipcchan_channel_end(struct kunit *test)
{
	ipcchan_chan_cache_exit();
	ipcchan_test_end(test);
}

static struct kunit_case ipcchan_channel_cases[] = {
	KUNIT_CASE(ipcchan_channel_names),
	KUNIT_CASE(ipcchan_channel_limits),
	KUNIT_CASE(ipcchan_channel_mode),
	KUNIT_CASE(ipcchan_channel_kind),
	KUNIT_CASE(ipcchan_channel_buf_size),
	KUNIT_CASE(ipcchan_channel_no_overflow),
	KUNIT_CASE(ipcchan_channel_create),
	KUNIT_CASE(ipcchan_channel_no_memory),
	{}
};

static struct kunit_suite ipcchan_channel_suite = {
	.name = "ipcchan_channel",
	.init = ipcchan_channel_begin,
	.exit = ipcchan_channel_end,
	.test_cases = ipcchan_channel_cases,
};

kunit_test_suite(ipcchan_channel_suite);
