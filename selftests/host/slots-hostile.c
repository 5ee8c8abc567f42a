// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile peer of a ring of slots: whatever is in the shared memory, a call gives
 * an error that is documented or a message that lies inside of its slot, and ends.
 * Run under AddressSanitizer too; the memory ends at a page that nobody may touch.
 */
#include <pthread.h>

#include "slots-util.h"

#define COUNT	16U
#define LEN	24U

static struct ipcchan_slots_shared *shared;
static size_t mem_size;

/* one bad head each, and the producer's answer to it */
static void test_bad_heads(void)
{
	static const uint64_t bad[] = {
		COUNT + 1, 2 * COUNT, 1ULL << 32, 1ULL << 63, -1ULL,
		-(uint64_t)COUNT, (1ULL << 32) + 1,
	};
	struct ipcchan_slots prod;
	void *room;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		shared = slots_new(COUNT, LEN, 0, 0);
		EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
		while (!ipcchan_slots_send(&prod, pattern(i), 8, 0))
			;
		shared->head = bad[i];
		EXPECT_EQ(ipcchan_slots_reserve(&prod, 8, &room), -EBADMSG);
		shared->head = 0;
		EXPECT_EQ(ipcchan_slots_reserve(&prod, 8, &room), -EBADMSG);
		EXPECT_EQ(ipcchan_slots_commit(&prod), -EBADMSG);
		EXPECT_EQ(ipcchan_slots_flush(&prod), -EBADMSG);
		EXPECT_EQ(ipcchan_slots_wait(&prod, SEC), -EBADMSG);
		EXPECT_EQ(ipcchan_slots_send(&prod, pattern(i), 8, SEC), -EBADMSG);
	}
	/* the head has been at 8; the producer does not take less for true */
	shared = slots_new(COUNT, LEN, 0, 0);
	EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	while (!ipcchan_slots_send(&prod, pattern(i), 8, 0))
		;
	shared->head = 8;
	for (i = 0; i < 8; i++)
		EXPECT_EQ(ipcchan_slots_send(&prod, pattern(i), 8, 0), 0);
	shared->head = 7;
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(i), 8, 0), -EBADMSG);
}

#define WORD(seq, len)	((uint64_t)(len) << 32 | (uint32_t)(seq))

static void test_bad_words(void)
{
	static const struct {
		uint64_t word;
		ssize_t want;
	} cases[] = {
		/* the consumer is at 5 */
		{ WORD(6, 1), 1 }, { WORD(6, LEN), LEN }, { WORD(6 - COUNT, 0), -EAGAIN },
		{ WORD(6 - COUNT, UINT32_MAX), -EAGAIN },
		{ WORD(6, 0), -EBADMSG }, { WORD(6, LEN + 1), -EBADMSG },
		{ WORD(6, 1U << 31), -EBADMSG }, { WORD(6, UINT32_MAX), -EBADMSG },
		{ WORD(5, 8), -EBADMSG }, { WORD(7, 8), -EBADMSG },
		{ WORD(6 + COUNT, 8), -EBADMSG }, { WORD(6 - 2 * COUNT, 8), -EBADMSG },
		{ WORD(0, 8), -EBADMSG }, { WORD(6 + (1U << 31), 8), -EBADMSG },
		{ 0, -EBADMSG }, { ~0ULL, -EBADMSG },
	};
	struct ipcchan_slots cons;
	char buf[LEN];
	const void *msg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		shared = slots_new(COUNT, LEN, 0, 5);
		EXPECT_EQ(slots_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
		*slots_word(shared, 5) = cases[i].word;
		EXPECT_EQ(ipcchan_slots_peek(&cons, &msg), cases[i].want);
		if (cases[i].want != -EBADMSG)
			continue;
		*slots_word(shared, 5) = WORD(6, 8);
		EXPECT_EQ(ipcchan_slots_peek(&cons, &msg), -EBADMSG);
		EXPECT_EQ(ipcchan_slots_release(&cons), -EBADMSG);
		EXPECT_EQ(ipcchan_slots_wait(&cons, SEC), -EBADMSG);
		EXPECT_EQ(ipcchan_slots_recv(&cons, buf, LEN, SEC), -EBADMSG);
		EXPECT_EQ(shared->head, 5);
	}
}

/* One hostile write of a kind that a hostile peer would think of. */
static void scribble(uint64_t *state)
{
	char *mem = (char *)shared;
	uint64_t r = rnd(state), value = rnd(state);
	uint64_t head = __atomic_load_n(&shared->head, __ATOMIC_RELAXED);
	uint64_t pos = head + (r >> 8) % (2 * COUNT);
	/* the slot by what this test knows: the count in the memory may be any */
	ipcchan_ring_word *word = (ipcchan_ring_word *)(void *)
				  (shared->data + pos % COUNT * (LEN + 8));

	switch (r % 16) {
	case 0:
		__atomic_store_n(mem + (r >> 8) % mem_size, (char)value,
				 __ATOMIC_RELAXED);
		break;
	case 1:
		__atomic_store_n((uint64_t *)(void *)(mem + 8 * ((r >> 8) %
				 (mem_size / 8))), value, __ATOMIC_RELAXED);
		break;
	case 2:
		__atomic_store_n(&shared->peers.waiting[r >> 8 & 1],
				 (uint32_t)value & 1, __ATOMIC_RELAXED);
		break;
	case 3 ... 5:
		__atomic_store_n(&shared->head, head + value % (2 * COUNT + 4) - COUNT,
				 __ATOMIC_RELAXED);
		break;
	case 6:
		__atomic_store_n(word, WORD(pos + value % 3, value >> 8 & 63),
				 __ATOMIC_RELAXED);
		break;
	default:
		__atomic_store_n(word, WORD(pos + 1, 1 + (value >> 8) % LEN),
				 __ATOMIC_RELAXED);
	}
}

static volatile unsigned char sink;

/* What the calls of a run gave: a run that only fails tests nothing. */
static struct {
	uint64_t received, sent, refused;
} seen;

static int inside(const void *msg, size_t len)
{
	const char *at = msg;

	return at >= shared->data && (uintptr_t)at % 8 == 0 && len > 0 &&
	       len <= LEN && at + len <= (const char *)shared + mem_size;
}

static int use_consumer(struct ipcchan_slots *cons)
{
	char copy[4 * LEN];
	const void *msg;
	ssize_t len, i;

	len = ipcchan_slots_peek(cons, &msg);
	if (len > 0) {
		EXPECT(inside(msg, (size_t)len));
		for (i = 0; i < len && !tap_failures; i++)
			sink = ((const volatile unsigned char *)msg)[i];
		EXPECT_EQ(ipcchan_slots_release_more(cons), 0);
		len = ipcchan_slots_recv_many(cons, copy, 8, 4, 0);
		EXPECT((len > 0 && len <= 4) || len == -ETIMEDOUT ||
		       len == -EBADMSG || len == -EMSGSIZE);
		seen.received++;
	} else {
		EXPECT(len == -EAGAIN || len == -EBADMSG);
		if (len == -EAGAIN)
			len = ipcchan_slots_wait(cons, 0);
		EXPECT(len == 0 || len == -ETIMEDOUT || len == -EBADMSG);
	}
	return len == -EBADMSG;
}

static int use_producer(struct ipcchan_slots *prod, uint64_t *state)
{
	size_t len = 1 + rnd(state) % LEN;
	void *room;
	ssize_t ret;

	ret = ipcchan_slots_reserve(prod, len, &room);
	if (!ret) {
		EXPECT(inside(room, len));
		if (tap_failures)
			return 1;
		memset(room, 0x5a, len);
		EXPECT_EQ(ipcchan_slots_commit_more(prod), 0);
		ret = ipcchan_slots_send_many(prod, pattern(len), len, 3, 0);
		EXPECT((ret > 0 && ret <= 3) || ret == -ETIMEDOUT || ret == -EBADMSG);
		seen.sent++;
	} else {
		EXPECT(ret == -EAGAIN || ret == -EBADMSG);
		if (ret == -EAGAIN)
			ret = ipcchan_slots_wait(prod, 0);
		EXPECT(ret == 0 || ret == -ETIMEDOUT || ret == -EBADMSG);
	}
	return ret == -EBADMSG;
}

/* Attach, on a ring that is made anew where the old one is beyond use. */
static void attach_again(struct ipcchan_slots *slots, enum ipcchan_ring_side side)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	int ret;

	seen.refused++;
	while ((ret = ipcchan_slots_attach(slots, shared, mem_size, side, &bell)) ||
	       slots->mask != COUNT - 1 || slots->max_len != LEN) {
		EXPECT(ret == -EPROTO || !ret);
		EXPECT_EQ(ipcchan_slots_format(shared, mem_size, LEN, 0), 0);
		if (tap_failures)
			return;
	}
}

static void hostile_setup(struct ipcchan_slots *prod, struct ipcchan_slots *cons)
{
	mem_size = ipcchan_slots_mem_size(COUNT, LEN);
	shared = slots_new(COUNT, LEN, 0, 0);
	memset(&seen, 0, sizeof(seen));
	attach_again(prod, IPCCHAN_RING_PRODUCER);
	attach_again(cons, IPCCHAN_RING_CONSUMER);
}

/* One round of both sides, with less than @scribbles hostile writes before it. */
static void hostile_round(struct ipcchan_slots *prod, struct ipcchan_slots *cons,
			  uint64_t *state, unsigned int scribbles)
{
	unsigned int n = scribbles ? (unsigned int)(rnd(state) % scribbles) : 0;

	while (n--)
		scribble(state);
	if (use_producer(prod, state))
		attach_again(prod, IPCCHAN_RING_PRODUCER);
	if (use_consumer(cons))
		attach_again(cons, IPCCHAN_RING_CONSUMER);
}

static void report(void)
{
	printf("# %llu messages received, %llu sent, %llu times refused\n",
	       (unsigned long long)seen.received, (unsigned long long)seen.sent,
	       (unsigned long long)seen.refused);
}

static void test_random(void)
{
	struct ipcchan_slots prod, cons;
	uint64_t i, rounds = SCALE(800000), state = 31337;

	hostile_setup(&prod, &cons);
	for (i = 0; i < rounds && !tap_failures; i++)
		hostile_round(&prod, &cons, &state, 4);
	report();
	EXPECT(seen.received > rounds / 100);
	EXPECT(seen.sent > rounds / 100);
	EXPECT(seen.refused > rounds / 100);
}

static int stop;

static void *scribbler(void *arg)
{
	uint64_t state = 4242;

	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		scribble(&state);
	return NULL;
}

/*
 * Until enough has been seen, or for 3 s: on a busy machine the two threads seldom
 * run at the same time.
 */
static void test_concurrent(void)
{
	const uint64_t enough = SCALE(40000);
	struct ipcchan_slots prod, cons;
	int64_t end = now_ns() + 3 * SEC;
	uint64_t state = 31338, rounds = 0;
	pthread_t thread;

	hostile_setup(&prod, &cons);
	stop = 0;
	EXPECT_EQ(pthread_create(&thread, NULL, scribbler, NULL), 0);
	while ((seen.received < enough || seen.sent < enough ||
		seen.refused < enough) && !tap_failures && now_ns() < end) {
		hostile_round(&prod, &cons, &state, 0);
		/* the scribbler may be waiting for this CPU */
		if (++rounds % 256 == 0)
			usleep(1);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	report();
	EXPECT(seen.received >= 100);
	EXPECT(seen.sent >= 100);
	EXPECT(seen.refused >= 100);
}

static const struct tap_test tests[] = {
	{ "heads that cannot be", test_bad_heads },
	{ "words that cannot be", test_bad_words },
	{ "random writes between the calls", test_random },
	{ "random writes during the calls", test_concurrent },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
