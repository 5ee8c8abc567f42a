// SPDX-License-Identifier: GPL-2.0
/* Memory of messages: which lives where, and what fails. */

#include <linux/mm.h>

#include "fixture.h"

static void ipcchan_message_lengths(struct kunit *test)
{
	static const size_t lens[] = {
		0, 1, IPCCHAN_SLOT_DATA - 1, IPCCHAN_SLOT_DATA,
		IPCCHAN_SLOT_DATA + 1, PAGE_SIZE, 0x100001,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		struct ipcchan_msg *msg = ipcchan_test_msg(test, lens[i]);
		bool slot = lens[i] <= IPCCHAN_SLOT_DATA;

		KUNIT_EXPECT_EQ(test, msg->len, lens[i]);
		KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), (int)slot);
		KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), (int)!slot);
		KUNIT_EXPECT_EQ(test, ipcchan_msg_is_slot(msg->len), slot);
		ipcchan_msg_free(msg);
		KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 0);
		KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
	}
}

/* A slot fills five cache lines with the pointer of the allocator. */
static void ipcchan_message_slot_size(struct kunit *test)
{
	struct ipcchan_msg *msg = ipcchan_test_msg(test, IPCCHAN_SLOT_DATA);

	KUNIT_EXPECT_PTR_EQ(test, (void *)(msg->data + msg->len),
			    (void *)msg + 5 * 64 - sizeof(void *));
	ipcchan_msg_free(msg);
}

static void ipcchan_message_free_nothing(struct kunit *test)
{
	ipcchan_msg_free(NULL);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 0);
}

static void ipcchan_message_no_slot(struct kunit *test)
{
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_OBJECT;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_msg_alloc(1), NULL);
}

/* A long message is made of pages, as is one that there is no piece for. */
static void ipcchan_message_no_large(struct kunit *test)
{
	struct ipcchan_msg *msg;

	msg = ipcchan_test_msg(test, PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(msg));
	ipcchan_msg_free(msg);
	msg = ipcchan_test_msg(test, 0x10000);
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(msg));
	ipcchan_msg_free(msg);

	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	msg = ipcchan_test_msg(test, PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(msg));
	KUNIT_EXPECT_EQ(test, msg->len, PAGE_SIZE);
	ipcchan_msg_free(msg);

	ipcchan_test_mem.refuse |= IPCCHAN_REFUSE_VMALLOC;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_msg_alloc(PAGE_SIZE), NULL);
}

static void ipcchan_message_no_cache(struct kunit *test)
{
	ipcchan_msg_exit();
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_CACHE;
	KUNIT_EXPECT_EQ(test, ipcchan_msg_init(), -ENOMEM);
	ipcchan_test_mem.refuse = 0;
	KUNIT_ASSERT_EQ(test, ipcchan_msg_init(), 0);
}

static struct kunit_case ipcchan_message_cases[] = {
	KUNIT_CASE(ipcchan_message_lengths),
	KUNIT_CASE(ipcchan_message_slot_size),
	KUNIT_CASE(ipcchan_message_free_nothing),
	KUNIT_CASE(ipcchan_message_no_slot),
	KUNIT_CASE(ipcchan_message_no_large),
	KUNIT_CASE(ipcchan_message_no_cache),
	{}
};

static struct kunit_suite ipcchan_message_suite = {
	.name = "ipcchan_message",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_message_cases,
};

kunit_test_suite(ipcchan_message_suite);
