// SPDX-License-Identifier: GPL-2.0
/* Positions: the end of the data area, 2^32 and 2^64, against a model. */
#include "ring-util.h"

/* positions from which the runs start: just before each edge, and at it */
static const uint64_t starts[] = {
	0, (1ULL << 31) - 64, (1ULL << 32) - 512, (1ULL << 32) - 8, 1ULL << 32,
	(1ULL << 63) - 64, -512ULL, -8ULL,
};

#define NSTARTS	(ARRAY_SIZE(starts))

/*
 * From each offset, with each length: the message fits whatever the offset, is
 * contiguous, arrives whole, and the ring is empty behind it.
 */
static void test_every_offset(void)
{
	struct ipcchan_ring_shared *shared = ring_new(256, 0, 0);
	struct ipcchan_ring prod, cons;
	uint64_t pos, seq = 0;
	size_t i, len;
	const void *msg = NULL;
	void *room = NULL;

	for (i = 0; i < NSTARTS; i++)
		for (pos = starts[i]; pos != starts[i] + 512; pos += 8)
			for (len = 1; len <= 120; len++, seq++) {
				shared->head = pos;
				shared->tail = pos;
				EXPECT_EQ(ring_attach(&prod, shared,
						      IPCCHAN_RING_PRODUCER), 0);
				EXPECT_EQ(ring_attach(&cons, shared,
						      IPCCHAN_RING_CONSUMER), 0);
				EXPECT_EQ(ipcchan_ring_reserve(&prod, len, &room), 0);
				if (tap_failures)
					return;
				msg_fill(room, len, seq);
				EXPECT((char *)room + len <= shared->data + 256);
				EXPECT_EQ(ipcchan_ring_commit(&prod), 0);
				EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), len);
				EXPECT(msg == room);
				EXPECT(msg_ok(msg, len, seq));
				EXPECT_EQ(ipcchan_ring_release(&cons), 0);
				EXPECT_EQ(shared->head, shared->tail);
				EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), -EAGAIN);
				if (tap_failures)
					return;
			}
}

/* what the ring should hold, by a simple queue of lengths */
struct model {
	size_t lens[64];
	uint64_t first, last;
	uint64_t pos, used;		/* producer's position, bytes taken */
};

/* bytes that the next record takes, with its padding */
static uint64_t model_span(const struct model *m, size_t len, uint64_t capacity)
{
	uint64_t need = 8 + (len + 7) / 8 * 8;
	uint64_t left = capacity - m->pos % capacity;

	return need <= left ? need : left + need;
}

static void model_run(uint64_t start, size_t capacity, uint64_t *state, int steps)
{
	struct ipcchan_ring_shared *shared = ring_new(capacity, 0, start);
	struct model m = { .pos = start };
	struct ipcchan_ring prod, cons;
	unsigned char buf[256];
	uint64_t spans[64], span;
	size_t len, max;
	int ret;

	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	max = ipcchan_ring_max_len(&prod);
	while (steps-- && !tap_failures) {
		if (rnd(state) & 256) {
			len = 1 + rnd(state) % max;
			span = model_span(&m, len, capacity);
			msg_fill(buf, len, m.last);
			ret = m.used + span <= capacity ? 0 : -ETIMEDOUT;
			EXPECT_EQ(ipcchan_ring_send(&prod, buf, len, 0), ret);
			if (ret)
				continue;
			m.lens[m.last % 64] = len;
			spans[m.last++ % 64] = span;
			m.pos += span;
			m.used += span;
		} else {
			ssize_t want = m.first == m.last ? -ETIMEDOUT :
				       (ssize_t)m.lens[m.first % 64];

			EXPECT_EQ(ipcchan_ring_recv(&cons, buf, sizeof(buf), 0), want);
			if (want < 0)
				continue;
			EXPECT(msg_ok(buf, (size_t)want, m.first));
			m.used -= spans[m.first++ % 64];
		}
	}
	EXPECT_EQ(shared->tail, m.pos);
	EXPECT_EQ(shared->head, m.pos - m.used);
}

static void test_model(void)
{
	uint64_t state = 20240229;
	size_t i, capacity;

	for (i = 0; i < NSTARTS; i++)
		for (capacity = 64; capacity <= 512; capacity *= 2)
			model_run(starts[i], capacity, &state, SCALE(40000));
}

static const struct tap_test tests[] = {
	{ "each length at each offset, at 2^32 and 2^64 too", test_every_offset },
	{ "random sends and receives against a model", test_model },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
