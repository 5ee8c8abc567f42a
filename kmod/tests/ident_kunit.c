// SPDX-License-Identifier: GPL-2.0
/* Who sends: what an endpoint and a slot remember, and when they forget it. */

#include <linux/cred.h>
#include <linux/err.h>

#include "batch.h"
#include "fixture.h"

#define USER	KUIDT_INIT(54321)

static unsigned int ipcchan_ident_refs(const struct ipcchan_ident *ident)
{
	return refcount_read(&ident->refs);
}

static unsigned int ipcchan_ident_pid_refs(void)
{
	return refcount_read(&task_tgid(current)->count);
}

static int ipcchan_ident_cred_refs(void)
{
	/* An atomic_t, or in newer kernels an atomic_long_t. */
	return READ_ONCE(current_cred()->usage.counter);
}

/* Stamp as somebody else. */
static int ipcchan_ident_stamp_as(struct kunit *test, kuid_t uid,
				  struct ipcchan_msg *msg,
				  struct ipcchan_sender *sender)
{
	struct cred *cred = prepare_creds();
	const struct cred *old;
	int err;

	KUNIT_ASSERT_PTR_NE(test, cred, NULL);
	cred->euid = uid;
	old = override_creds(cred);
	err = ipcchan_ident_stamp(msg, sender);
	revert_creds(old);
	put_cred(cred);
	return err;
}

/* Who opens an endpoint is known from then on. */
static void ipcchan_ident_opener(struct kunit *test)
{
	unsigned int pid_refs = ipcchan_ident_pid_refs();
	int cred_refs = ipcchan_ident_cred_refs();
	struct ipcchan_sender sender;

	KUNIT_ASSERT_EQ(test, ipcchan_sender_init(&sender), 0);
	KUNIT_EXPECT_PTR_EQ(test, sender.last, NULL);
	KUNIT_EXPECT_PTR_EQ(test, sender.opener->pid, task_tgid(current));
	KUNIT_EXPECT_PTR_EQ(test, sender.opener->cred, current_cred());
	KUNIT_EXPECT_PTR_EQ(test, sender.opener->opener, NULL);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender.opener), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_pid_refs(), pid_refs + 1);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_cred_refs(), cred_refs + 1);
	ipcchan_sender_destroy(&sender);
	ipcchan_ident_put(NULL, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_pid_refs(), pid_refs);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_cred_refs(), cred_refs);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* The same sender once more: nothing is counted. */
static void ipcchan_ident_again(struct kunit *test)
{
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 1);
	struct ipcchan_msg *next = ipcchan_test_msg(test, 1);
	unsigned int pid_refs = ipcchan_ident_pid_refs();
	unsigned int i;

	KUNIT_EXPECT_PTR_EQ(test, msg->ident, NULL);
	KUNIT_EXPECT_PTR_EQ(test, msg->other, NULL);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, sender), 0);
		KUNIT_ASSERT_PTR_NE(test, msg->ident, NULL);
		KUNIT_EXPECT_PTR_EQ(test, msg->ident, sender->last);
		KUNIT_EXPECT_PTR_EQ(test, msg->other, NULL);
		KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(msg->ident), 2);
		KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->opener), 2);
		KUNIT_EXPECT_EQ(test, ipcchan_ident_pid_refs(), pid_refs + 1);
		KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 2);
	}
	KUNIT_EXPECT_PTR_EQ(test, msg->ident->opener, sender->opener);
	KUNIT_EXPECT_TRUE(test, uid_eq(ipcchan_msg_uid(msg), current_euid()));
	/* The next message has the same one. */
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(next, sender), 0);
	KUNIT_EXPECT_PTR_EQ(test, next->ident, msg->ident);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(msg->ident), 3);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 2);
	ipcchan_msg_free(next);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(msg->ident), 2);
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 1);
}

/* An endpoint remembers the last one; what others sent stays theirs. */
static void ipcchan_ident_last(struct kunit *test)
{
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_msg *mine = ipcchan_test_msg(test, 1);
	struct ipcchan_msg *theirs = ipcchan_test_msg(test, 1);
	struct ipcchan_msg *again = ipcchan_test_msg(test, 1);

	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(mine, sender), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp_as(test, USER, theirs, sender), 0);
	KUNIT_EXPECT_PTR_NE(test, theirs->ident, mine->ident);
	KUNIT_EXPECT_PTR_EQ(test, theirs->ident, sender->last);
	KUNIT_EXPECT_TRUE(test, uid_eq(ipcchan_msg_uid(theirs), USER));
	KUNIT_EXPECT_TRUE(test, uid_eq(ipcchan_msg_uid(mine), current_euid()));
	KUNIT_EXPECT_PTR_EQ(test, theirs->ident->opener, sender->opener);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(mine->ident), 1);
	/* It is not that one again: whose was replaced is not looked for. */
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(again, sender), 0);
	KUNIT_EXPECT_PTR_NE(test, again->ident, theirs->ident);
	KUNIT_EXPECT_PTR_EQ(test, again->ident->cred, mine->ident->cred);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->opener), 4);
	ipcchan_msg_free(mine);
	ipcchan_msg_free(theirs);
	ipcchan_msg_free(again);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 2);
}

/* Used by ipcchan_ident_run(). */
static struct ipcchan_sender *ipcchan_ident_sender;

static int ipcchan_ident_run(struct ipcchan_sleeper *s)
{
	int err = ipcchan_ident_stamp(s->msg, ipcchan_ident_sender);

	return err ?: s->msg->ident->pid == task_tgid(current);
}

/* Another process is another sender, and has not opened it. */
static void ipcchan_ident_process(struct kunit *test)
{
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[0];
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 1);

	ipcchan_ident_sender = sender;
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, sender), 0);
	s->run = ipcchan_ident_run;
	s->msg = msg;
	ipcchan_sleeper_start(test, s);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 1);
	KUNIT_EXPECT_PTR_NE(test, msg->ident->pid, task_tgid(current));
	KUNIT_EXPECT_PTR_EQ(test, msg->ident->opener->pid, task_tgid(current));
	KUNIT_ASSERT_PTR_NE(test, msg->other, NULL);
	KUNIT_EXPECT_PTR_EQ(test, msg->other->pid, task_tgid(current));
	ipcchan_msg_free(msg);
}

/* A slot has two of them: those who take turns are not counted either. */
static void ipcchan_ident_two(struct kunit *test)
{
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 1);
	struct ipcchan_ident *of[3];
	struct ipcchan_sender s[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, ipcchan_sender_init(&s[i]), 0);
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, &s[i]), 0);
		of[i] = msg->ident;
	}
	KUNIT_EXPECT_PTR_NE(test, of[0], of[1]);
	KUNIT_EXPECT_PTR_EQ(test, msg->other, of[0]);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 5);
	for (i = 0; i < 4; i++) {
		KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, &s[i % 2]), 0);
		KUNIT_EXPECT_PTR_EQ(test, msg->ident, of[i % 2]);
		KUNIT_EXPECT_PTR_EQ(test, msg->other, of[!(i % 2)]);
		KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[0]), 2);
		KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[1]), 2);
		KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 5);
	}
	/* A third one takes the place of that which is older. */
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, &s[2]), 0);
	of[2] = msg->ident;
	KUNIT_EXPECT_PTR_EQ(test, of[2]->opener, s[2].opener);
	KUNIT_EXPECT_PTR_EQ(test, msg->other, of[1]);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[0]), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[1]), 2);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[2]), 2);
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[1]), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[2]), 1);
	for (i = 0; i < 3; i++)
		ipcchan_sender_destroy(&s[i]);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* A message tells who opened the endpoint also when that is gone. */
static void ipcchan_ident_outlives(struct kunit *test)
{
	unsigned int pid_refs = ipcchan_ident_pid_refs();
	int cred_refs = ipcchan_ident_cred_refs();
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 1);
	struct ipcchan_sender sender;

	KUNIT_ASSERT_EQ(test, ipcchan_sender_init(&sender), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, &sender), 0);
	ipcchan_sender_destroy(&sender);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(msg->ident), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(msg->ident->opener), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_pid_refs(), pid_refs + 2);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_cred_refs(), cred_refs + 2);
	/* Both go with it. */
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_pid_refs(), pid_refs);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_cred_refs(), cred_refs);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* Many change their sender at once, whatever they had. */
static void ipcchan_ident_bulk(struct kunit *test)
{
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_msg *msg[4], *all;
	struct ipcchan_ident *of[2];
	struct ipcchan_sender s[2];
	unsigned int i;

	for (i = 0; i < 4; i++)
		msg[i] = ipcchan_test_msg(test, 1);
	/* None of them has one; [1] to [3] have one, [3] has two. */
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, ipcchan_sender_init(&s[i]), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg[1], &s[0]), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg[2], &s[1]), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg[3], &s[0]), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg[3], &s[1]), 0);
	of[0] = s[0].last;
	of[1] = s[1].last;
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[0]), 3);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[1]), 3);

	for (all = NULL, i = 0; i < 4; i++) {
		msg[i]->next = all;
		all = msg[i];
	}
	KUNIT_ASSERT_EQ(test, ipcchan_ident_adopt(sender, all), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 5);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_PTR_EQ(test, msg[i]->ident, sender->last);
	KUNIT_EXPECT_PTR_EQ(test, msg[0]->other, NULL);
	KUNIT_EXPECT_PTR_EQ(test, msg[1]->other, of[0]);
	KUNIT_EXPECT_PTR_EQ(test, msg[2]->other, of[1]);
	KUNIT_EXPECT_PTR_EQ(test, msg[3]->other, of[1]);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[0]), 2);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(of[1]), 3);
	for (i = 0; i < 4; i++)
		ipcchan_msg_free(msg[i]);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 1);
	for (i = 0; i < 2; i++)
		ipcchan_sender_destroy(&s[i]);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 2);
}

/* New slots are the sender's, all of a batch; those of a queue may be another's. */
static void ipcchan_ident_new_slots(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_msg *slot = ipcchan_queue_slot(q, sender);
	struct ipcchan_slots slots;

	KUNIT_ASSERT_PTR_NE(test, slot, NULL);
	KUNIT_ASSERT_PTR_NE(test, sender->last, NULL);
	KUNIT_EXPECT_PTR_EQ(test, slot->ident, sender->last);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 1 + IPCCHAN_SLOTS_BATCH);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(slot, sender), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 1 + IPCCHAN_SLOTS_BATCH);
	ipcchan_msg_free(slot);

	slots = ipcchan_queue_slots(q, IPCCHAN_SLOTS_BATCH, sender);
	KUNIT_ASSERT_GE(test, slots.nr, IPCCHAN_SLOTS_BATCH);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 1 + slots.nr + q->slots.nr);
	for (slot = slots.first; slot; slot = slot->next)
		KUNIT_EXPECT_PTR_EQ(test, slot->ident, sender->last);
	ipcchan_queue_recycle(q, &slots);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 2);
}

/* A slot keeps them in the queue it is free in, and not in the depot. */
static void ipcchan_ident_forgotten(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8), *slot;
	struct ipcchan_slots slots = {};
	struct ipcchan_sender other;

	KUNIT_ASSERT_EQ(test, ipcchan_sender_init(&other), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, &other), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, sender), 0);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_queue_send(q, msg, IPCCHAN_NO_WAIT), NULL);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 8, NULL), msg);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 8, msg), ERR_PTR(-EAGAIN));
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 2);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(other.last), 2);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_queue_slot(q, sender), msg);
	KUNIT_EXPECT_PTR_EQ(test, msg->ident, sender->last);
	KUNIT_EXPECT_PTR_EQ(test, msg->other, other.last);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 8, msg), ERR_PTR(-EAGAIN));

	/* Another sender's, nobody's, and two of one after each other. */
	slot = ipcchan_test_msg(test, 8);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(slot, &other), 0);
	ipcchan_slots_push(&q->slots, slot);
	ipcchan_slots_push(&q->slots, ipcchan_test_msg(test, 8));
	slot = ipcchan_test_msg(test, 8);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(slot, sender), 0);
	ipcchan_slots_push(&q->slots, slot);
	slot = ipcchan_test_msg(test, 8);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(slot, sender), 0);
	ipcchan_slots_push(&q->slots, slot);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 4);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(other.last), 3);
	KUNIT_EXPECT_FALSE(test, ipcchan_queue_rest(q));
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(other.last), 1);
	KUNIT_ASSERT_EQ(test, ipcchan_slots_alloc(&slots), 5);
	for (slot = slots.first; slot; slot = slot->next) {
		KUNIT_EXPECT_PTR_EQ(test, slot->ident, NULL);
		KUNIT_EXPECT_PTR_EQ(test, slot->other, NULL);
	}
	ipcchan_slots_free(&slots);
	ipcchan_sender_destroy(&other);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 2);
}

/* A message that is too long for a slot has them until it is freed. */
static void ipcchan_ident_large(struct kunit *test)
{
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8192);

	KUNIT_EXPECT_PTR_EQ(test, msg->ident, NULL);
	KUNIT_EXPECT_PTR_EQ(test, msg->other, NULL);
	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, sender), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 2);
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(sender->last), 1);
}

/* Without memory nothing changes; a slot that is nobody's can be tried again. */
static void ipcchan_ident_no_memory(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 1), *slot;
	struct ipcchan_ident *mine;
	struct ipcchan_sender none;

	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, sender), 0);
	mine = msg->ident;
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	KUNIT_EXPECT_EQ(test, ipcchan_sender_init(&none), -ENOMEM);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_stamp_as(test, USER, msg, sender), -ENOMEM);
	KUNIT_EXPECT_PTR_EQ(test, msg->ident, mine);
	KUNIT_EXPECT_PTR_EQ(test, msg->other, NULL);
	KUNIT_EXPECT_PTR_EQ(test, sender->last, mine);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(mine), 2);
	/* Who is known needs none. */
	KUNIT_EXPECT_EQ(test, ipcchan_ident_stamp(msg, sender), 0);
	ipcchan_msg_free(msg);

	ipcchan_test_mem.refuse = 0;
	KUNIT_ASSERT_EQ(test, ipcchan_sender_init(&none), 0);
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	slot = ipcchan_queue_slot(q, &none);
	KUNIT_ASSERT_PTR_NE(test, slot, NULL);
	KUNIT_EXPECT_PTR_EQ(test, slot->ident, NULL);
	KUNIT_EXPECT_PTR_EQ(test, none.last, NULL);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_stamp(slot, &none), -ENOMEM);
	ipcchan_test_mem.refuse = 0;
	KUNIT_EXPECT_EQ(test, ipcchan_ident_stamp(slot, &none), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_ident_refs(none.last), 2);
	ipcchan_msg_free(slot);
	ipcchan_sender_destroy(&none);
}

static struct kunit_case ipcchan_ident_cases[] = {
	KUNIT_CASE(ipcchan_ident_opener),
	KUNIT_CASE(ipcchan_ident_again),
	KUNIT_CASE(ipcchan_ident_last),
	KUNIT_CASE(ipcchan_ident_process),
	KUNIT_CASE(ipcchan_ident_two),
	KUNIT_CASE(ipcchan_ident_outlives),
	KUNIT_CASE(ipcchan_ident_bulk),
	KUNIT_CASE(ipcchan_ident_new_slots),
	KUNIT_CASE(ipcchan_ident_forgotten),
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
