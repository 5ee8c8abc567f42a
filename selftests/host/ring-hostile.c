// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile peer: whatever is in the shared memory, a call gives an error that
 * is documented or a message that lies inside of the data area, and ends.
 * Run under AddressSanitizer too; the memory ends at a page that nobody may touch.
 */
#include <pthread.h>

#include "ring-util.h"

#define CAPACITY	1024U

static struct ipcchan_ring_shared *shared;
static size_t mem_size;

/* one bad word each, and both sides' answer to it */
static void test_bad_positions(void)
{
	static const uint64_t bad[] = {
		4, 1, 7, CAPACITY + 8, 2 * CAPACITY, 1ULL << 32, 1ULL << 63, -8ULL,
		-(uint64_t)CAPACITY, ~0ULL,
	};
	struct ipcchan_ring prod, cons;
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
	struct ipcchan_ring prod;
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
	struct ipcchan_ring cons;
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

/* One hostile write of a kind that a hostile peer would think of. */
static void scribble(uint64_t *state)
{
	char *mem = (char *)shared;
	uint64_t r = rnd(state), value = rnd(state), off = 8 * (r >> 8 & 127);
	static const uint32_t types[] = { IPCCHAN_RING_REC_MSG,
					  IPCCHAN_RING_REC_MSG,
					  IPCCHAN_RING_REC_PAD, 7 };
	const uint64_t lens[] = { value % 128, CAPACITY - off - 8, value % 1024,
				  CAPACITY - off - 7, UINT32_MAX - value % 16, 0 };
	uint64_t *index = r & 1 << 20 ? &shared->tail : &shared->head;
	const uint64_t *from = r & 1 << 21 ? &shared->tail : &shared->head;

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
		__atomic_store_n(&shared->peers.waiting[r >> 8 & 1], (uint32_t)value & 1,
				 __ATOMIC_RELAXED);
		break;
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

static volatile unsigned char sink;

static int inside(const void *msg, size_t len)
{
	const char *at = msg;

	return at >= shared->data && (uintptr_t)at % 8 == 0 && len > 0 &&
	       len <= CAPACITY && at + len <= (const char *)shared + mem_size;
}

/* What the calls of a run gave: a run that only fails tests nothing. */
static struct {
	uint64_t received, sent, refused;
} seen;

/* a time-out: a nanosecond of sleep takes 50 microseconds */
static int64_t seldom(void)
{
	static unsigned int calls;

	return ++calls % 64 == 0;
}

static int use_consumer(struct ipcchan_ring *cons)
{
	char copy[CAPACITY];
	const void *msg;
	ssize_t len, i;

	len = ipcchan_ring_peek(cons, &msg);
	if (len > 0) {
		EXPECT(inside(msg, (size_t)len));
		EXPECT((size_t)len <= ipcchan_ring_max_len(cons));
		for (i = 0; i < len && !tap_failures; i++)
			sink = ((const volatile unsigned char *)msg)[i];
		EXPECT_EQ(ipcchan_ring_release(cons), 0);
		len = ipcchan_ring_recv(cons, copy, sizeof(copy), 0);
		EXPECT(len > 0 || len == -ETIMEDOUT || len == -EBADMSG);
		seen.received++;
	} else {
		EXPECT(len == -EAGAIN || len == -EBADMSG);
		if (len == -EAGAIN)
			len = ipcchan_ring_wait(cons, 0, seldom());
		EXPECT(len == 0 || len == -ETIMEDOUT || len == -EBADMSG);
	}
	return len == -EBADMSG;
}

static int use_producer(struct ipcchan_ring *prod, uint64_t *state)
{
	size_t max = ipcchan_ring_max_len(prod);
	size_t len = 1 + rnd(state) % max;
	void *room;
	int ret;

	ret = ipcchan_ring_reserve(prod, len, &room);
	if (!ret) {
		EXPECT(inside(room, len));
		if (tap_failures)
			return 1;
		memset(room, 0x5a, len);
		EXPECT_EQ(ipcchan_ring_commit(prod), 0);
		ret = ipcchan_ring_send(prod, pattern(len), 1 + len / 2, 0);
		EXPECT(ret == 0 || ret == -ETIMEDOUT || ret == -EBADMSG);
		seen.sent++;
	} else {
		EXPECT(ret == -EAGAIN || ret == -EBADMSG);
		if (ret == -EAGAIN)
			ret = ipcchan_ring_wait(prod, len, seldom());
		EXPECT(ret == 0 || ret == -ETIMEDOUT || ret == -EBADMSG);
	}
	return ret == -EBADMSG;
}

/* Attach, on a ring that is made anew where the old one is beyond use. */
static void attach_again(struct ipcchan_ring *ring, enum ipcchan_ring_side side)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	int ret;

	seen.refused++;
	while ((ret = ipcchan_ring_attach(ring, shared, mem_size, side, &bell))) {
		EXPECT(ret == -EPROTO || ret == -EBADMSG);
		EXPECT_EQ(ipcchan_ring_format(shared, mem_size, 0), 0);
		if (tap_failures)
			return;
	}
}

static void hostile_setup(void)
{
	mem_size = ipcchan_ring_mem_size(CAPACITY);
	shared = shared_mem(mem_size, false);
	EXPECT_EQ(ipcchan_ring_format(shared, mem_size, 0), 0);
	memset(&seen, 0, sizeof(seen));
}

/* One round of both sides, with less than @scribbles hostile writes before it. */
static void hostile_round(struct ipcchan_ring *prod, struct ipcchan_ring *cons,
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
	struct ipcchan_ring prod, cons;
	uint64_t i, rounds = SCALE(800000), state = 31337;

	hostile_setup();
	attach_again(&prod, IPCCHAN_RING_PRODUCER);
	attach_again(&cons, IPCCHAN_RING_CONSUMER);
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
	struct ipcchan_ring prod, cons;
	int64_t end = now_ns() + 3 * SEC;
	uint64_t state = 31338, rounds = 0;
	pthread_t thread;

	hostile_setup();
	stop = 0;
	attach_again(&prod, IPCCHAN_RING_PRODUCER);
	attach_again(&cons, IPCCHAN_RING_CONSUMER);
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
