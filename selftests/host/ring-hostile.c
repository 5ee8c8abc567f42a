// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile peer: whatever is in the shared memory, a call gives an error that
 * is documented or a message that lies inside of the data area, and ends.
 * Run under AddressSanitizer too; the memory ends at a page that nobody may touch.
 */
#include "ring-kind.h"
#include "either-hostile.h"

#define CAPACITY	1024U

/* one bad word each, and both sides' answer to it */
static void test_bad_positions(void)
{
	static const uint64_t bad[] = {
		4, 1, 7, CAPACITY + 8, 2 * CAPACITY, 1ULL << 32, 1ULL << 63, -8ULL,
		-(uint64_t)CAPACITY, ~0ULL,
	};
	char buf[CAPACITY];
	const void *msg;
	void *room;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		/* the consumer is at 0 and believes only 0 to CAPACITY */
		shared = ring_new(CAPACITY, 0, 0);
		EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
		shared->tail = bad[i];
		EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), -EBADMSG);
		shared->tail = 0;
		EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), -EBADMSG);
		EXPECT_EQ(ipcchan_ring_release(&cons), -EBADMSG);
		EXPECT_EQ(ipcchan_ring_wait(&cons, 0, SEC), -EBADMSG);
		EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 8, SEC), -EBADMSG);
		EXPECT_EQ(shared->head, 0);

		/* the producer has filled it: the head is in 0 to CAPACITY */
		shared = ring_new(CAPACITY, 0, 0);
		EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
		while (!ipcchan_ring_send(&prod, buf, 8, 0))
			;
		EXPECT_EQ(shared->tail, CAPACITY);
		shared->head = bad[i];
		EXPECT_EQ(ipcchan_ring_reserve(&prod, 8, &room), -EBADMSG);
		shared->head = 0;
		EXPECT_EQ(ipcchan_ring_reserve(&prod, 8, &room), -EBADMSG);
		EXPECT_EQ(ipcchan_ring_commit(&prod), -EBADMSG);
		EXPECT_EQ(ipcchan_ring_wait(&prod, 8, SEC), -EBADMSG);
		EXPECT_EQ(ipcchan_ring_send(&prod, buf, 8, SEC), -EBADMSG);
		EXPECT_EQ(shared->tail, CAPACITY);
	}
}

static void test_backwards(void)
{
	char buf[CAPACITY / 2];

	/* the head has been at 512; the producer does not take less for true */
	shared = ring_new(CAPACITY, 0, 0);
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ipcchan_ring_send(&prod, buf, 504, 0), 0);
	EXPECT_EQ(ipcchan_ring_send(&prod, buf, 504, 0), 0);
	shared->head = 512;
	EXPECT_EQ(ipcchan_ring_send(&prod, buf, 256, 0), 0);
	shared->head = 504;
	EXPECT_EQ(ipcchan_ring_send(&prod, buf, 504, 0), -EBADMSG);
}

#define WORD(type, len)	((uint64_t)(type) << 32 | (uint32_t)(len))
#define MSG(len)	WORD(IPCCHAN_RING_REC_MSG, len)
#define PAD(len)	WORD(IPCCHAN_RING_REC_PAD, len)

/* records at offset @at, @published bytes of them, @next at offset 0 */
static void bad_record(uint32_t at, uint64_t word, uint32_t published,
		       uint64_t next, int want)
{
	const void *msg;

	shared = ring_new(CAPACITY, 0, at);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	memcpy(shared->data, &next, 8);
	memcpy(shared->data + at, &word, 8);
	shared->tail = at + published;
	if (ipcchan_ring_peek(&cons, &msg) != want)
		TAP_REPORT("record %llx at %u, %u published, then %llx: not %d",
			   (unsigned long long)word, at, published,
			   (unsigned long long)next, want);
	if (want > 0)
		return;
	EXPECT_EQ(ipcchan_ring_release(&cons), -EBADMSG);
	EXPECT_EQ(shared->head, at);
}

static void test_bad_records(void)
{
	const uint32_t end = CAPACITY - 64, max = CAPACITY / 2 - 8;

	/* good ones, so that the bad ones fail for what is bad in them */
	bad_record(0, MSG(16), 24, 0, 16);
	bad_record(0, MSG(max), max + 8, 0, (int)max);
	bad_record(end, MSG(56), 64, 0, 56);
	bad_record(end, PAD(56), 80, MSG(8), 8);

	bad_record(0, 0, 24, 0, -EBADMSG);
	bad_record(0, MSG(0), 24, 0, -EBADMSG);
	bad_record(0, MSG(17), 24, 0, -EBADMSG);
	bad_record(0, MSG(24), 24, 0, -EBADMSG);
	bad_record(0, MSG(max + 1), CAPACITY, 0, -EBADMSG);
	bad_record(0, MSG(CAPACITY - 8), CAPACITY, 0, -EBADMSG);
	bad_record(0, MSG(INT32_MAX), CAPACITY, 0, -EBADMSG);
	bad_record(0, MSG(UINT32_MAX), CAPACITY, 0, -EBADMSG);
	bad_record(0, MSG(UINT32_MAX - 7), CAPACITY, 0, -EBADMSG);
	bad_record(0, WORD(0, 16), 24, 0, -EBADMSG);
	bad_record(0, WORD(UINT32_MAX, 16), 24, 0, -EBADMSG);
	bad_record(0, WORD(IPCCHAN_RING_REC_MSG | 1U << 31, 16), 24, 0, -EBADMSG);
	/* published, but over the end of the data */
	bad_record(end, MSG(57), 128, 0, -EBADMSG);
	/* padding: to the end, with something behind it, only once */
	bad_record(end, PAD(55), 80, MSG(8), -EBADMSG);
	bad_record(end, PAD(48), 80, MSG(8), -EBADMSG);
	bad_record(end, PAD(64), 80, MSG(8), -EBADMSG);
	bad_record(end, PAD(UINT32_MAX), 80, MSG(8), -EBADMSG);
	bad_record(end, PAD(56), 8, MSG(8), -EBADMSG);
	bad_record(end, PAD(56), 56, MSG(8), -EBADMSG);
	bad_record(end, PAD(56), 64, MSG(8), -EBADMSG);
	bad_record(end, PAD(56), 72, MSG(8), -EBADMSG);
	bad_record(end, PAD(56), 80, MSG(9), -EBADMSG);
	bad_record(end, PAD(56), 80, 0, -EBADMSG);
	bad_record(end, PAD(56), CAPACITY, PAD(CAPACITY - 8), -EBADMSG);
	bad_record(0, PAD(CAPACITY - 8), CAPACITY, PAD(CAPACITY - 8), -EBADMSG);
}

static void scribble(uint64_t *state)
{
	uint64_t r = rnd(state), value = rnd(state), off = 8 * (r >> 8 & 127);
	static const uint32_t types[] = { IPCCHAN_RING_REC_MSG,
					  IPCCHAN_RING_REC_MSG,
					  IPCCHAN_RING_REC_PAD, 7 };
	const uint64_t lens[] = { value % 128, CAPACITY - off - 8, value % 1024,
				  CAPACITY - off - 7, UINT32_MAX - value % 16, 0 };
	uint64_t *index = r & 1 << 20 ? &shared->tail : &shared->head;
	const uint64_t *from = r & 1 << 21 ? &shared->tail : &shared->head;

	if (scribble_either(r, value))
		return;
	switch (r % 16) {
	case 3 ... 6:
		__atomic_store_n(index, __atomic_load_n(from, __ATOMIC_RELAXED) +
				 value % (2 * CAPACITY) / 8 * 8 - CAPACITY,
				 __ATOMIC_RELAXED);
		break;
	default:
		__atomic_store_n((ipcchan_ring_word *)(void *)(shared->data + off),
				 WORD(types[r >> 16 & 3], lens[(r >> 24) % 6]),
				 __ATOMIC_RELAXED);
	}
}

static void make_ring(void)
{
	if (!shared) {
		mem_size = ipcchan_ring_mem_size(CAPACITY);
		shared = shared_mem(mem_size, false);
	}
	EXPECT_EQ(ipcchan_ring_format(shared, mem_size, 0), 0);
}

static bool attached(const struct ipcchan_ring *ring, int ret)
{
	(void)ring;
	EXPECT(!ret || ret == -EPROTO || ret == -EBADMSG);
	return !ret;
}

static ssize_t release_and_recv(void)
{
	char copy[CAPACITY];
	ssize_t len;

	EXPECT_EQ(ipcchan_ring_release(&cons), 0);
	len = ipcchan_ring_recv(&cons, copy, sizeof(copy), 0);
	EXPECT(len > 0 || len == -ETIMEDOUT || len == -EBADMSG);
	return len;
}

static ssize_t commit_and_send(size_t len)
{
	int ret;

	EXPECT_EQ(ipcchan_ring_commit(&prod), 0);
	ret = ipcchan_ring_send(&prod, pattern(len), 1 + len / 2, 0);
	EXPECT(ret == 0 || ret == -ETIMEDOUT || ret == -EBADMSG);
	return ret;
}

static const struct tap_test tests[] = {
	{ "positions that cannot be", test_bad_positions },
	{ "a head that goes backwards", test_backwards },
	{ "records that cannot be", test_bad_records },
	{ "random writes between the calls", test_random },
	{ "random writes during the calls", test_concurrent },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
