// SPDX-License-Identifier: GPL-2.0
/* Who sends: which references a slot keeps, and when it drops them. */

#include "fixture.h"
#include "ident.h"

static struct ipcchan_ident *ipcchan_ident_new(struct kunit *test)
{
	struct ipcchan_ident *ident = ipcchan_ident_create();

	KUNIT_ASSERT_PTR_NE(test, ident, NULL);
	return ident;
}

static unsigned int ipcchan_ident_refs(const struct ipcchan_ident *ident)
{
	return refcount_read(&ident->refs);
}

static unsigned int ipcchan_ident_pid_refs(void)
{
	return refcount_read(&task_tgid(current)->count);
}

static void ipcchan_ident_caller(struct kunit *test)
{
	unsigned int pid_refs = ipcchan_ident_pid_refs();
	struct ipcchan_ident *ident = ipcchan_ident_new(test);

	KUNIT_EXPECT_PTR_EQ(test, ident->pid, task_tgid(current));
	KUNIT_EXPECT_TRUE(test, uid_eq(ident->uid, current_euid()));
	KUNIT_EXPECT_TRUE(test, gid_eq(ident->gid, current_egid()));
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(ident), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_pid_refs(), pid_refs + 1);
	ipcchan_ident_put(ident);
	ipcchan_ident_put(NULL);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_pid_refs(), pid_refs);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* The same sender once more: nothing is counted. */
static void ipcchan_ident_again(struct kunit *test)
{
	struct ipcchan_ident *a = ipcchan_ident_new(test);
	struct ipcchan_ident *b = ipcchan_ident_new(test);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 1);
	unsigned int pid_refs = ipcchan_ident_pid_refs();

	KUNIT_EXPECT_PTR_EQ(test, msg->opener, NULL);
	KUNIT_EXPECT_PTR_EQ(test, msg->pid, NULL);
	ipcchan_ident_stamp(msg, a);
	ipcchan_ident_stamp(msg, a);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(a), 2);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_pid_refs(), pid_refs + 1);
	ipcchan_ident_stamp(msg, b);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(a), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(b), 2);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_pid_refs(), pid_refs + 1);
	/* The slot has the last one. */
	ipcchan_ident_put(b);
	ipcchan_msg_free(msg);
	ipcchan_ident_put(a);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_pid_refs(), pid_refs - 2);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* A slot keeps them in the queue it is free in, and not in the depot. */
static void ipcchan_ident_slots(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_ident *ident = ipcchan_ident_new(test);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);
	struct ipcchan_slots slots = {};

	ipcchan_ident_stamp(msg, ident);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_queue_send(q, msg, IPCCHAN_NO_WAIT), NULL);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 8, NULL), msg);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 8, msg), ERR_PTR(-EAGAIN));
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(ident), 2);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_queue_slot(q), msg);
	KUNIT_EXPECT_PTR_EQ(test, msg->opener, ident);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 8, msg), ERR_PTR(-EAGAIN));

	KUNIT_EXPECT_FALSE(test, ipcchan_queue_rest(q));
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(ident), 1);
	KUNIT_ASSERT_EQ(test, ipcchan_slots_alloc(&slots), 1);
	KUNIT_ASSERT_PTR_EQ(test, slots.first, msg);
	KUNIT_EXPECT_PTR_EQ(test, msg->opener, NULL);
	KUNIT_EXPECT_PTR_EQ(test, msg->pid, NULL);
	ipcchan_slots_free(&slots);
	ipcchan_ident_put(ident);
}

/* A message that is too long for a slot has them until it is freed. */
static void ipcchan_ident_large(struct kunit *test)
{
	struct ipcchan_ident *ident = ipcchan_ident_new(test);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8192);

	ipcchan_ident_stamp(msg, ident);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(ident), 2);
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(ident), 1);
	ipcchan_ident_put(ident);
}

static void ipcchan_ident_no_memory(struct kunit *test)
{
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_ident_create(), NULL);
}

static struct kunit_case ipcchan_ident_cases[] = {
	KUNIT_CASE(ipcchan_ident_caller),
	KUNIT_CASE(ipcchan_ident_again),
	KUNIT_CASE(ipcchan_ident_slots),
	KUNIT_CASE(ipcchan_ident_large),
	KUNIT_CASE(ipcchan_ident_no_memory),
	{}
};

static struct kunit_suite ipcchan_ident_suite = {
	.name = "ipcchan_ident",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_ident_cases,
};

kunit_test_suite(ipcchan_ident_suite);
