// SPDX-License-Identifier: GPL-2.0
/* Free slots at their levels: how many are where, and where the next comes from. */

#include <linux/err.h>

#include "fixture.h"

/* Slots that the test has taken itself: as many as the depot gets and gives. */
static void ipcchan_slots_take(struct kunit *test, struct ipcchan_slots *slots,
			       unsigned int nr)
{
	while (slots->nr < nr)
		KUNIT_ASSERT_NE(test, ipcchan_slots_alloc(slots), 0);
	while (slots->nr > nr)
		ipcchan_msg_free(ipcchan_slots_pop(slots));
}

/* In the depot: all that is neither in the queue nor with the test. */
static int ipcchan_slots_in_depot(struct ipcchan_queue *q, unsigned int held)
{
	return ipcchan_test_objects() - q->slots.nr - held;
}

/* Give the queue so many free slots, as a receiver does. */
static void ipcchan_slots_recycle(struct kunit *test, struct ipcchan_queue *q,
				  unsigned int nr)
{
	while (nr--)
		KUNIT_ASSERT_PTR_EQ(test,
				    ipcchan_test_take(q, SIZE_MAX,
						      ipcchan_test_msg(test, 8)),
				    ERR_PTR(-EAGAIN));
}

static void ipcchan_slots_last_first(struct kunit *test)
{
	struct ipcchan_msg *a = ipcchan_test_msg(test, 1);
	struct ipcchan_msg *b = ipcchan_test_msg(test, 2);
	struct ipcchan_slots slots = {};

	KUNIT_EXPECT_PTR_EQ(test, ipcchan_slots_pop(&slots), NULL);
	KUNIT_EXPECT_EQ(test, slots.nr, 0);
	ipcchan_slots_push(&slots, a);
	ipcchan_slots_push(&slots, b);
	KUNIT_EXPECT_EQ(test, slots.nr, 2);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_slots_pop(&slots), b);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_slots_pop(&slots), a);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_slots_pop(&slots), NULL);
	KUNIT_EXPECT_EQ(test, slots.nr, 0);
	ipcchan_msg_free(a);
	ipcchan_msg_free(b);
}

/* What the allocator gives counts as a slot, so that freeing finds its cache. */
static void ipcchan_slots_are_slots(struct kunit *test)
{
	struct ipcchan_slots slots = {};
	struct ipcchan_msg *slot;

	KUNIT_ASSERT_EQ(test, ipcchan_slots_alloc(&slots), IPCCHAN_SLOTS_BATCH);
	KUNIT_EXPECT_EQ(test, slots.nr, IPCCHAN_SLOTS_BATCH);
	while ((slot = ipcchan_slots_pop(&slots))) {
		KUNIT_EXPECT_TRUE(test, ipcchan_msg_is_slot(slot->len));
		ipcchan_msg_free(slot);
	}
}

/* What the depot has is used first, if it is but one slot. */
static void ipcchan_slots_depot_first(struct kunit *test)
{
	struct ipcchan_slots slots = {}, one = {};
	struct ipcchan_msg *slot = ipcchan_test_msg(test, 1);

	ipcchan_slots_push(&one, slot);
	ipcchan_slots_free(&one);
	KUNIT_EXPECT_EQ(test, one.nr, 0);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_slots_pop(&one), NULL);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 1);

	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_BATCH | IPCCHAN_REFUSE_OBJECT;
	KUNIT_EXPECT_EQ(test, ipcchan_slots_alloc(&slots), 1);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_slots_pop(&slots), slot);
	KUNIT_EXPECT_EQ(test, ipcchan_slots_alloc(&slots), 0);
	KUNIT_EXPECT_EQ(test, slots.nr, 0);
	ipcchan_msg_free(slot);
}

/* The depot gives a batch at a time, and adds it to what is there. */
static void ipcchan_slots_depot_batch(struct kunit *test)
{
	struct ipcchan_slots slots = {};
	int batches;

	ipcchan_slots_take(test, &slots, 2 * IPCCHAN_SLOTS_BATCH + 3);
	ipcchan_slots_free(&slots);
	batches = ipcchan_test_batches();
	KUNIT_EXPECT_EQ(test, ipcchan_slots_alloc(&slots), IPCCHAN_SLOTS_BATCH);
	KUNIT_EXPECT_EQ(test, ipcchan_slots_alloc(&slots), IPCCHAN_SLOTS_BATCH);
	KUNIT_EXPECT_EQ(test, ipcchan_slots_alloc(&slots), 3);
	KUNIT_EXPECT_EQ(test, slots.nr, 2 * IPCCHAN_SLOTS_BATCH + 3);
	KUNIT_EXPECT_EQ(test, ipcchan_test_batches(), batches);
	ipcchan_slots_free(&slots);
}

static void ipcchan_slots_depot_bound(struct kunit *test)
{
	struct ipcchan_slots slots = {};

	ipcchan_slots_take(test, &slots, IPCCHAN_DEPOT_MAX - 1);
	ipcchan_slots_free(&slots);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), IPCCHAN_DEPOT_MAX - 1);

	ipcchan_slots_push(&slots, ipcchan_test_msg(test, 0));
	ipcchan_slots_push(&slots, ipcchan_test_msg(test, 0));
	ipcchan_slots_free(&slots);
	KUNIT_EXPECT_EQ(test, slots.nr, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), IPCCHAN_DEPOT_MAX);

	ipcchan_slots_push(&slots, ipcchan_test_msg(test, 0));
	ipcchan_slots_free(&slots);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), IPCCHAN_DEPOT_MAX);
}

/* More than one batch too many for the depot, and not whole batches. */
static void ipcchan_slots_depot_overflow(struct kunit *test)
{
	struct ipcchan_slots slots = {};

	ipcchan_slots_take(test, &slots,
			   IPCCHAN_DEPOT_MAX + 3 * IPCCHAN_SLOTS_BATCH + 5);
	ipcchan_slots_free(&slots);
	KUNIT_EXPECT_EQ(test, slots.nr, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), IPCCHAN_DEPOT_MAX);
}

/* The first of a batch is the sender's, the others wait in the queue. */
static void ipcchan_slots_queue_refill(struct kunit *test)
{
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_msg *slot;
	unsigned int i;

	for (i = 0; i < IPCCHAN_SLOTS_BATCH; i++) {
		slot = ipcchan_queue_slot(q, sender);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, slot);
		KUNIT_EXPECT_EQ(test, q->slots.nr, IPCCHAN_SLOTS_BATCH - 1 - i);
		ipcchan_msg_free(slot);
	}
	KUNIT_EXPECT_EQ(test, ipcchan_test_batches(), 1);
	ipcchan_msg_free(ipcchan_queue_slot(q, sender));
	KUNIT_EXPECT_EQ(test, ipcchan_test_batches(), 2);
}

/* Memory for one message is enough for a sender. */
static void ipcchan_slots_queue_no_batch(struct kunit *test)
{
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_msg *slot;

	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_BATCH;
	slot = ipcchan_queue_slot(q, sender);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, slot);
	KUNIT_EXPECT_TRUE(test, ipcchan_msg_is_slot(slot->len));
	KUNIT_EXPECT_EQ(test, q->slots.nr, 0);
	ipcchan_msg_free(slot);

	ipcchan_test_mem.refuse |= IPCCHAN_REFUSE_OBJECT;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_queue_slot(q, sender), NULL);
}

/* A used slot goes through the queue to the next sender: the last one first. */
static void ipcchan_slots_queue_cycle(struct kunit *test)
{
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_msg *a = ipcchan_test_msg(test, 8);
	struct ipcchan_msg *b = ipcchan_test_msg(test, 8);

	KUNIT_ASSERT_PTR_EQ(test, ipcchan_queue_send(q, a, IPCCHAN_NO_WAIT), NULL);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 8, b), a);
	KUNIT_EXPECT_EQ(test, q->slots.nr, 1);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_queue_send(q, a, IPCCHAN_NO_WAIT), b);
	KUNIT_EXPECT_EQ(test, q->slots.nr, 0);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 7, b),
			    ERR_PTR(-EMSGSIZE));
	KUNIT_EXPECT_EQ(test, q->slots.nr, 1);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_queue_slot(q, sender), b);
	ipcchan_msg_free(b);
}

/* Neither a message that did not go nor one that is no slot gets another. */
static void ipcchan_slots_queue_no_spare(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 4096, 8192);
	struct ipcchan_msg *small = ipcchan_test_msg(test, 8);

	ipcchan_slots_recycle(test, q, 2);
	KUNIT_ASSERT_PTR_EQ(test,
			    ipcchan_queue_send(q, ipcchan_test_msg(test, 4096),
					       IPCCHAN_NO_WAIT), NULL);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_queue_send(q, small, IPCCHAN_NO_WAIT),
			    ERR_PTR(-EAGAIN));
	KUNIT_EXPECT_EQ(test, q->slots.nr, 2);
	ipcchan_msg_free(small);
}

static void ipcchan_slots_queue_bound(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	unsigned int i;

	ipcchan_slots_recycle(test, q, IPCCHAN_SLOTS_MAX);
	KUNIT_EXPECT_EQ(test, q->slots.nr, IPCCHAN_SLOTS_MAX);
	KUNIT_EXPECT_EQ(test, ipcchan_slots_in_depot(q, 0), 0);
	ipcchan_slots_recycle(test, q, 1);
	KUNIT_EXPECT_GE(test, ipcchan_slots_in_depot(q, 0), IPCCHAN_SLOTS_BATCH);
	KUNIT_EXPECT_GE(test, q->slots.nr, IPCCHAN_SLOTS_MAX - IPCCHAN_SLOTS_BATCH);
	for (i = 0; i < 3 * IPCCHAN_SLOTS_BATCH; i++) {
		ipcchan_slots_recycle(test, q, 1);
		KUNIT_ASSERT_LE(test, q->slots.nr, IPCCHAN_SLOTS_MAX);
	}
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(),
			IPCCHAN_SLOTS_MAX + 1 + 3 * IPCCHAN_SLOTS_BATCH);
}

/* Also while the receiver that brought one too many sleeps. */
static void ipcchan_slots_queue_bound_asleep(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[0];

	ipcchan_slots_recycle(test, q, IPCCHAN_SLOTS_MAX);
	s->run = ipcchan_sleeper_recv;
	s->q = q;
	s->msg = ipcchan_test_msg(test, 8);
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test, ipcchan_test_waiting(q, &q->receivers) == 1 &&
			   ipcchan_sleeper_asleep(s));
	KUNIT_EXPECT_LE(test, q->slots.nr, IPCCHAN_SLOTS_MAX);
	KUNIT_EXPECT_GE(test, ipcchan_slots_in_depot(q, 0), IPCCHAN_SLOTS_BATCH);

	KUNIT_EXPECT_EQ(test, ipcchan_test_send(q, ipcchan_test_msg(test, 8)), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
	ipcchan_msg_free(s->msg);
}

static void ipcchan_slots_queue_rest(struct kunit *test)
{
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);

	ipcchan_slots_recycle(test, q, 5);
	KUNIT_EXPECT_FALSE(test, ipcchan_queue_rest(q));
	KUNIT_EXPECT_EQ(test, q->slots.nr, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_slots_in_depot(q, 0), 5);
	ipcchan_queue_rest(q);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 5);

	/* The next one comes out of the depot, with the others that are there. */
	ipcchan_msg_free(ipcchan_queue_slot(q, sender));
	KUNIT_EXPECT_EQ(test, q->slots.nr, 4);
	KUNIT_EXPECT_EQ(test, ipcchan_slots_in_depot(q, 0), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_batches(), 0);
}

/* What fits no slot is kept, too: one, for the next that takes as much. */
static void ipcchan_slots_queue_large(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 0x20000, 0x20000);
	struct ipcchan_msg *msg = ipcchan_queue_large(q, 5000), *other;

	KUNIT_ASSERT_PTR_NE(test, msg, NULL);
	ipcchan_queue_keep_large(q, msg);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_queue_large(q, 6000), msg);
	KUNIT_EXPECT_EQ(test, msg->len, 6000);
	other = ipcchan_queue_large(q, 5000);
	KUNIT_ASSERT_PTR_NE(test, other, NULL);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 2);
	ipcchan_queue_keep_large(q, msg);
	ipcchan_queue_keep_large(q, other);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 1);

	/* One that takes more, or less, has memory of its own. */
	msg = ipcchan_queue_large(q, 9000);
	KUNIT_ASSERT_PTR_NE(test, msg, NULL);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 1);
	ipcchan_queue_keep_large(q, msg);
	ipcchan_queue_rest(q);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);

	msg = ipcchan_queue_large(q, IPCCHAN_LARGE_KEPT + 1);
	KUNIT_ASSERT_PTR_NE(test, msg, NULL);
	ipcchan_queue_keep_large(q, msg);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

static struct kunit_case ipcchan_slots_cases[] = {
	KUNIT_CASE(ipcchan_slots_last_first),
	KUNIT_CASE(ipcchan_slots_are_slots),
	KUNIT_CASE(ipcchan_slots_depot_first),
	KUNIT_CASE(ipcchan_slots_depot_batch),
	KUNIT_CASE(ipcchan_slots_depot_bound),
	KUNIT_CASE(ipcchan_slots_depot_overflow),
	KUNIT_CASE(ipcchan_slots_queue_refill),
	KUNIT_CASE(ipcchan_slots_queue_no_batch),
	KUNIT_CASE(ipcchan_slots_queue_cycle),
	KUNIT_CASE(ipcchan_slots_queue_no_spare),
	KUNIT_CASE(ipcchan_slots_queue_bound),
	KUNIT_CASE(ipcchan_slots_queue_bound_asleep),
	KUNIT_CASE(ipcchan_slots_queue_rest),
	KUNIT_CASE(ipcchan_slots_queue_large),
	{}
};

static struct kunit_suite ipcchan_slots_suite = {
	.name = "ipcchan_slots",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_slots_cases,
};

kunit_test_suite(ipcchan_slots_suite);
