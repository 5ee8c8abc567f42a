// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile peer of a ring of slots: whatever is in the shared memory, a call gives
 * an error that is documented or a message that lies inside of its slot, and ends.
 * Run under AddressSanitizer too; the memory ends at a page that nobody may touch.
 */
#include "slots-kind.h"
#include "either-hostile.h"

#define COUNT	16U
#define LEN	24U

/* one bad head each, and the producer's answer to it */
static void test_bad_heads(void)
{
	static const uint64_t bad[] = {
		COUNT + 1, 2 * COUNT, 1ULL << 32, 1ULL << 63, -1ULL,
		-(uint64_t)COUNT, (1ULL << 32) + 1,
	};
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

static void scribble(uint64_t *state)
{
	uint64_t r = rnd(state), value = rnd(state);
	uint64_t head = __atomic_load_n(&shared->head, __ATOMIC_RELAXED);
	uint64_t pos = head + (r >> 8) % (2 * COUNT);
	/* the slot by what this test knows: the count in the memory may be any */
	ipcchan_ring_word *word = (ipcchan_ring_word *)(void *)
				  (shared->data + pos % COUNT * (LEN + 8));

	if (scribble_either(r, value))
		return;
	switch (r % 16) {
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

static void make_ring(void)
{
	if (!shared) {
		mem_size = ipcchan_slots_mem_size(COUNT, LEN);
		shared = slots_new(COUNT, LEN, 0, 0);
	}
	EXPECT_EQ(ipcchan_slots_format(shared, mem_size, LEN, 0), 0);
}

static bool attached(const struct ipcchan_slots *slots, int ret)
{
	EXPECT(!ret || ret == -EPROTO);
	return !ret && slots->mask == COUNT - 1 && slots->max_len == LEN;
}

static ssize_t release_and_recv(void)
{
	char copy[4 * LEN];
	ssize_t len;

	EXPECT_EQ(ipcchan_slots_release_more(&cons), 0);
	len = ipcchan_slots_recv_many(&cons, copy, 8, 4, 0);
	EXPECT((len > 0 && len <= 4) || len == -ETIMEDOUT || len == -EBADMSG ||
	       len == -EMSGSIZE);
	return len;
}

static ssize_t commit_and_send(size_t len)
{
	ssize_t ret;

	EXPECT_EQ(ipcchan_slots_commit_more(&prod), 0);
	ret = ipcchan_slots_send_many(&prod, pattern(len), len, 3, 0);
	EXPECT((ret > 0 && ret <= 3) || ret == -ETIMEDOUT || ret == -EBADMSG);
	return ret;
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
