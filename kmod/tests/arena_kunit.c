// SPDX-License-Identifier: GPL-2.0
/* Arenas: which pages a block gets, who may have it, and who waits for it. */

#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/uidgid.h>

#include "arena.h"
#include "buffer.h"
#include "fixture.h"

#define PAGES	8

static const kuid_t ipcchan_owner = KUIDT_INIT(1000);
static const kuid_t ipcchan_alice = KUIDT_INIT(1001);
static const kuid_t ipcchan_bob = KUIDT_INIT(1002);

static struct ipcchan_arena *ipcchan_arena_of(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_buf_create(PAGES * PAGE_SIZE, 0, 0);
	struct ipcchan_arena *arena;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	arena = ipcchan_arena_create(buf, ipcchan_owner);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, arena);
	return arena;
}

/* All blocks were given back. */
static void ipcchan_arena_end(struct kunit *test, struct ipcchan_arena *arena)
{
	struct ipcchan_buf *buf = arena->buf;

	KUNIT_EXPECT_EQ(test, refcount_read(&arena->refs), 1U);
	KUNIT_EXPECT_EQ(test, arena->used, 0U);
	KUNIT_EXPECT_EQ(test, arena->owner.pages, 0U);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(arena->map, PAGES));
	KUNIT_EXPECT_TRUE(test, list_empty(&arena->tenants));
	ipcchan_arena_put(arena);
	ipcchan_buf_destroy(buf);
}

static int ipcchan_arena_try(struct ipcchan_arena *arena, u64 len, kuid_t uid,
			     struct ipcchan_place *place)
{
	return ipcchan_arena_alloc(arena, len, uid, IPCCHAN_NO_WAIT, place);
}

static void ipcchan_arena_blocks(struct kunit *test)
{
	struct ipcchan_arena *arena = ipcchan_arena_of(test);
	struct ipcchan_place a, b, c, d;

	KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_owner, &a), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 3 * PAGE_SIZE, ipcchan_owner, &b), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 3 * PAGE_SIZE + 1, ipcchan_owner, &c), 0);
	KUNIT_EXPECT_EQ(test, a.page, 0U);
	KUNIT_EXPECT_EQ(test, a.nr, 1U);
	KUNIT_EXPECT_EQ(test, b.page, 1U);
	KUNIT_EXPECT_EQ(test, b.nr, 3U);
	KUNIT_EXPECT_EQ(test, c.page, 4U);
	KUNIT_EXPECT_EQ(test, c.nr, 4U);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_owner, &d), -EAGAIN);
	KUNIT_EXPECT_FALSE(test, ipcchan_arena_fits(arena, 1, ipcchan_owner));
	ipcchan_arena_free(&b);
	KUNIT_EXPECT_TRUE(test, ipcchan_arena_fits(arena, 3 * PAGE_SIZE, ipcchan_owner));
	KUNIT_EXPECT_FALSE(test, ipcchan_arena_fits(arena, 3 * PAGE_SIZE + 1,
						    ipcchan_owner));
	KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 2 * PAGE_SIZE, ipcchan_owner, &b), 0);
	KUNIT_EXPECT_EQ(test, b.page, 1U);
	ipcchan_arena_free(&a);
	/* two pages are free, but not in a row */
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, 2 * PAGE_SIZE, ipcchan_owner, &d),
			-EAGAIN);
	ipcchan_arena_free(&c);
	ipcchan_arena_free(&b);
	ipcchan_arena_end(test, arena);
}

static void ipcchan_arena_refuses(struct kunit *test)
{
	struct ipcchan_arena *arena = ipcchan_arena_of(test);
	struct ipcchan_place p;

	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, PAGES * PAGE_SIZE + 1, ipcchan_owner,
						&p), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, U64_MAX, ipcchan_owner, &p), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, PAGES / 2 * PAGE_SIZE + 1, ipcchan_alice,
						&p), -EMSGSIZE);
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_alice, &p), -ENOMEM);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_arena_create(arena->buf, ipcchan_owner),
			    (struct ipcchan_arena *)ERR_PTR(-ENOMEM));
	ipcchan_test_mem.refuse = 0;
	ipcchan_arena_close(arena, true);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_owner, &p), -ESTALE);
	ipcchan_arena_close(arena, false);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_owner, &p), 0);
	ipcchan_arena_free(&p);
	ipcchan_arena_end(test, arena);
}

/* A user may have one, and beyond that half of what the others leave. */
static void ipcchan_arena_share(struct kunit *test)
{
	struct ipcchan_arena *arena = ipcchan_arena_of(test);
	struct ipcchan_place p[PAGES], more;
	unsigned int i, nr = 0;

	for (; nr < 4; nr++)
		KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_alice, &p[nr]), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_alice, &more), -EDQUOT);
	for (; nr < 6; nr++)
		KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_bob, &p[nr]), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_bob, &more), -EDQUOT);
	for (; nr < PAGES; nr++)
		KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_owner, &p[nr]), 0);
	/* received by another: his from now on, if he may */
	KUNIT_EXPECT_EQ(test, ipcchan_arena_charge(&p[0], ipcchan_bob), -EDQUOT);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_charge(&p[0], ipcchan_alice), 0);
	KUNIT_EXPECT_PTR_EQ(test, p[0].was, NULL);
	KUNIT_EXPECT_EQ(test, p[0].tenant->pages, 4U);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_charge(&p[0], ipcchan_owner), 0);
	KUNIT_EXPECT_PTR_EQ(test, p[0].tenant, &arena->owner);
	KUNIT_EXPECT_EQ(test, p[1].tenant->pages, 3U);
	/* but then it was not */
	ipcchan_arena_uncharge(&p[0]);
	KUNIT_EXPECT_PTR_EQ(test, p[0].tenant, p[1].tenant);
	KUNIT_EXPECT_EQ(test, p[1].tenant->pages, 4U);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_charge(&p[0], ipcchan_owner), 0);
	ipcchan_arena_charged(&p[0]);
	ipcchan_arena_free(&p[6]);
	ipcchan_arena_free(&p[7]);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_charge(&p[0], ipcchan_alice), -EDQUOT);
	for (i = 0; i < 6; i++)
		ipcchan_arena_free(&p[i]);
	ipcchan_arena_end(test, arena);
}

/* A block that several hold counts for each of them, and is free once. */
static void ipcchan_arena_shared(struct kunit *test)
{
	struct ipcchan_arena *arena = ipcchan_arena_of(test);
	struct ipcchan_place p, of_alice, of_bob;

	KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 4 * PAGE_SIZE, ipcchan_owner, &p), 0);
	of_alice = p;
	of_alice.tenant = NULL;
	of_bob = of_alice;
	KUNIT_EXPECT_EQ(test, ipcchan_arena_charge(&of_alice, ipcchan_alice), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_charge(&of_bob, ipcchan_bob), 0);
	KUNIT_EXPECT_EQ(test, of_bob.tenant->pages, 4U);
	KUNIT_EXPECT_EQ(test, arena->used, 4U);
	ipcchan_arena_uncharge(&of_alice);
	ipcchan_arena_uncharge(&of_bob);
	KUNIT_EXPECT_TRUE(test, list_empty(&arena->tenants));
	ipcchan_arena_free(&p);
	ipcchan_arena_end(test, arena);
}

static int ipcchan_arena_run(struct ipcchan_sleeper *s)
{
	return ipcchan_arena_alloc(s->arena, s->offset, s->uid, IPCCHAN_FOREVER, &s->place);
}

static struct ipcchan_sleeper *
ipcchan_arena_sleeper(struct kunit *test, struct ipcchan_arena *arena, unsigned int i,
		      u64 len, kuid_t uid)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[i];

	s->run = ipcchan_arena_run;
	s->arena = arena;
	s->offset = len;
	s->uid = uid;
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test, ipcchan_sleeper_asleep(s));
	return s;
}

/* The first that does not fit holds up those of its user behind it, and nobody else. */
static void ipcchan_arena_line(struct kunit *test)
{
	struct ipcchan_arena *arena = ipcchan_arena_of(test);
	struct ipcchan_sleeper *sated, *large, *small;
	struct ipcchan_place p[PAGES], more;
	unsigned int i;

	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_alice, &p[i]), 0);
	for (; i < PAGES; i++)
		KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_owner, &p[i]), 0);
	sated = ipcchan_arena_sleeper(test, arena, 0, 1, ipcchan_alice);
	large = ipcchan_arena_sleeper(test, arena, 1, 2 * PAGE_SIZE, ipcchan_owner);
	small = ipcchan_arena_sleeper(test, arena, 2, 1, ipcchan_owner);
	ipcchan_arena_free(&p[4]);
	KUNIT_EXPECT_TRUE(test, ipcchan_sleeper_asleep(small));
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_owner, &more), -EAGAIN);
	KUNIT_EXPECT_FALSE(test, ipcchan_arena_fits(arena, 1, ipcchan_owner));
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_alice, &more), -EDQUOT);
	KUNIT_EXPECT_TRUE(test, ipcchan_arena_fits(arena, 1, ipcchan_bob));
	KUNIT_EXPECT_EQ(test, ipcchan_arena_try(arena, 1, ipcchan_bob, &more), 0);
	ipcchan_arena_free(&more);
	ipcchan_sleeper_disturb(test, large);
	ipcchan_arena_free(&p[5]);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, large), 0);
	KUNIT_EXPECT_EQ(test, large->place.page, 4U);
	ipcchan_arena_free(&p[6]);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, small), 0);
	/* Half of what the owner leaves is less than it has, until he leaves more. */
	ipcchan_arena_free(&p[0]);
	ipcchan_arena_free(&p[7]);
	ipcchan_arena_free(&small->place);
	KUNIT_EXPECT_TRUE(test, ipcchan_sleeper_asleep(sated));
	ipcchan_arena_free(&large->place);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, sated), 0);
	for (i = 1; i < 4; i++)
		ipcchan_arena_free(&p[i]);
	ipcchan_arena_free(&sated->place);
	ipcchan_arena_end(test, arena);
}

/* Who gives up lets those behind look again; a close is told to all. */
static void ipcchan_arena_give_up(struct kunit *test)
{
	struct ipcchan_arena *arena = ipcchan_arena_of(test);
	struct ipcchan_sleeper *large, *small;
	struct ipcchan_place p, q;

	KUNIT_ASSERT_EQ(test, ipcchan_arena_try(arena, 7 * PAGE_SIZE, ipcchan_owner, &p), 0);
	large = ipcchan_arena_sleeper(test, arena, 0, 2 * PAGE_SIZE, ipcchan_owner);
	small = ipcchan_arena_sleeper(test, arena, 1, 1, ipcchan_owner);
	ipcchan_sleeper_signal(large, SIGUSR1);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, large), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, small), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_arena_alloc(arena, 1, ipcchan_owner, 1, &q), -ETIMEDOUT);
	large = ipcchan_arena_sleeper(test, arena, 2, 2 * PAGE_SIZE, ipcchan_owner);
	ipcchan_arena_close(arena, true);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, large), -ESTALE);
	ipcchan_arena_free(&p);
	ipcchan_arena_free(&small->place);
	ipcchan_arena_end(test, arena);
}

static struct kunit_case ipcchan_arena_cases[] = {
	KUNIT_CASE(ipcchan_arena_blocks),
	KUNIT_CASE(ipcchan_arena_refuses),
	KUNIT_CASE(ipcchan_arena_share),
	KUNIT_CASE(ipcchan_arena_shared),
	KUNIT_CASE(ipcchan_arena_line),
	KUNIT_CASE(ipcchan_arena_give_up),
	{}
};

static struct kunit_suite ipcchan_arena_suite = {
	.name = "ipcchan_arena",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_arena_cases,
};

kunit_test_suite(ipcchan_arena_suite);
