// SPDX-License-Identifier: GPL-2.0
/* The doorbell: who sleeps, who is woken, and what the counts say. */

#include <linux/err.h>
#include <linux/sched/signal.h>

#include "buffer.h"
#include "doorbell.h"
#include "fixture.h"
#include "ipcchan.h"

#define WORD	8
/* At the same place in another page */
#define OTHER	(PAGE_SIZE + WORD)

static struct ipcchan_buf *ipcchan_doorbell_buf(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_buf_create(2 * PAGE_SIZE, 0, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	return buf;
}

static int ipcchan_doorbell_run(struct ipcchan_sleeper *s)
{
	return ipcchan_doorbell_wait(s->buf, s->offset, 0, s->timeout_ns);
}

static unsigned int ipcchan_doorbell_sleepers(struct ipcchan_buf *buf)
{
	struct list_head *pos;
	unsigned int i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(buf->bells); i++) {
		spin_lock_irq(&buf->bells[i].lock);
		list_for_each(pos, &buf->bells[i].head)
			nr++;
		spin_unlock_irq(&buf->bells[i].lock);
	}
	return nr;
}

/* A thread that sleeps on a word. */
static struct ipcchan_sleeper *
ipcchan_doorbell_sleeper(struct kunit *test, struct ipcchan_buf *buf,
			 unsigned int i, u64 offset, s64 timeout_ns)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[i];
	unsigned int nr = ipcchan_doorbell_sleepers(buf);

	s->run = ipcchan_doorbell_run;
	s->buf = buf;
	s->offset = offset;
	s->timeout_ns = timeout_ns;
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test, ipcchan_doorbell_sleepers(buf) == nr + 1 &&
			   ipcchan_sleeper_asleep(s));
	return s;
}

static void ipcchan_doorbell_refuses(struct kunit *test)
{
	static const u64 bad[] = {
		1, 2, 3, 2 * PAGE_SIZE, 2 * PAGE_SIZE - 1, (1ULL << 32) + WORD,
		1ULL << 63, -4ULL, U64_MAX,
	};
	struct ipcchan_buf *buf = ipcchan_doorbell_buf(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wait(buf, bad[i], 1, 0),
				-EINVAL);
		KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, bad[i], 1),
				-EINVAL);
	}
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wait(buf, WORD, 1, -2), -EINVAL);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wait(buf, WORD, 1, S64_MIN),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, WORD, 0), -EINVAL);
	ipcchan_buf_destroy(buf);
}

/* The word decides before the time does; nobody is left on the bell. */
static void ipcchan_doorbell_word(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_doorbell_buf(test);

	*ipcchan_buf_word(buf, WORD) = 0x80000000;
	KUNIT_ASSERT_EQ(test, ipcchan_doorbell_wait(buf, WORD, 0, 0), -EAGAIN);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wait(buf, WORD, 0,
						    IPCCHAN_WAIT_FOREVER), -EAGAIN);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wait(buf, WORD, 0x80000000, 0),
			-ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wait(buf, OTHER, 0, 1), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_sleepers(buf), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, WORD, 1), 0);
	ipcchan_buf_destroy(buf);
}

/* The oldest ones of this word, as many as asked for, and no other's. */
static void ipcchan_doorbell_count(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_doorbell_buf(test);
	struct ipcchan_sleeper *other, *a, *b, *c;

	other = ipcchan_doorbell_sleeper(test, buf, 0, OTHER, -1);
	a = ipcchan_doorbell_sleeper(test, buf, 1, WORD, -1);
	b = ipcchan_doorbell_sleeper(test, buf, 2, WORD, -1);
	c = ipcchan_doorbell_sleeper(test, buf, 3, WORD, -1);

	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, WORD + 4, U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, WORD, 2), 2);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, a), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, b), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_sleepers(buf), 2);
	KUNIT_EXPECT_FALSE(test, completion_done(&c->done));
	/* More than an int holds, and more than there are. */
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, WORD, U32_MAX), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, c), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, WORD, 1), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&other->done));
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, OTHER, 1U << 31), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, other), 0);
	ipcchan_buf_destroy(buf);
}

/* The word is looked at again by whoever else wakes the sleeper. */
static void ipcchan_doorbell_word_changes(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_doorbell_buf(test);
	struct ipcchan_sleeper *a, *b;

	a = ipcchan_doorbell_sleeper(test, buf, 0, WORD, -1);
	b = ipcchan_doorbell_sleeper(test, buf, 1, WORD, -1);
	ipcchan_sleeper_disturb(test, b);
	KUNIT_EXPECT_FALSE(test, completion_done(&b->done));

	WRITE_ONCE(*ipcchan_buf_word(buf, WORD), 1);
	wake_up_process(b->task);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, b), -EAGAIN);
	/* One that was rung tells so, whatever the word is by then. */
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, WORD, 1), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, a), 0);
	ipcchan_buf_destroy(buf);
}

/* A wait that would begin its time anew is not restarted. */
static void ipcchan_doorbell_signal(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_doorbell_buf(test);
	struct ipcchan_sleeper *a, *b;

	a = ipcchan_doorbell_sleeper(test, buf, 0, WORD, IPCCHAN_WAIT_FOREVER);
	b = ipcchan_doorbell_sleeper(test, buf, 1, WORD, NSEC_PER_SEC * 1000LL);
	ipcchan_sleeper_signal(a, SIGUSR1);
	ipcchan_sleeper_signal(b, SIGUSR1);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, a), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, b), -EINTR);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, WORD, 9), 0);
	ipcchan_buf_destroy(buf);
}

/* The end of the longest time is not in the past. */
static void ipcchan_doorbell_longest(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_doorbell_buf(test);
	struct ipcchan_sleeper *a;

	a = ipcchan_doorbell_sleeper(test, buf, 0, WORD, S64_MAX);
	KUNIT_EXPECT_EQ(test, ipcchan_doorbell_wake(buf, WORD, 1), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, a), 0);
	ipcchan_buf_destroy(buf);
}

static struct kunit_case ipcchan_doorbell_cases[] = {
	KUNIT_CASE(ipcchan_doorbell_refuses),
	KUNIT_CASE(ipcchan_doorbell_word),
	KUNIT_CASE(ipcchan_doorbell_count),
	KUNIT_CASE(ipcchan_doorbell_word_changes),
	KUNIT_CASE(ipcchan_doorbell_signal),
	KUNIT_CASE(ipcchan_doorbell_longest),
	{}
};

static struct kunit_suite ipcchan_doorbell_suite = {
	.name = "ipcchan_doorbell",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_doorbell_cases,
};

kunit_test_suite(ipcchan_doorbell_suite);
