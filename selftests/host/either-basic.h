/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions of a ring of either kind, ring-kind.h or slots-kind.h, which has been
 * included, as far as they are the same.
 */
#ifndef EITHER_BASIC_H
#define EITHER_BASIC_H

/* Of a ring in @size bytes at @mem that is as it should be */
static void check_attach_errors(struct RING_HANDLE *ring, struct RING_SHARED *mem, size_t size)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	const void *msg;

#define ATTACH(mem, size, side, bell) RING(attach)(ring, mem, size, side, bell)
	EXPECT_EQ(ATTACH(NULL, size, IPCCHAN_RING_PRODUCER, &bell), -EINVAL);
	EXPECT_EQ(ATTACH((char *)mem + 8, size, IPCCHAN_RING_PRODUCER, &bell), -EINVAL);
	EXPECT_EQ(ATTACH(mem, sizeof(*mem) - 1, IPCCHAN_RING_PRODUCER, &bell), -EINVAL);
	EXPECT_EQ(ATTACH(mem, size, (enum ipcchan_ring_side)2, &bell), -EINVAL);
	EXPECT_EQ(ATTACH(mem, size, IPCCHAN_RING_CONSUMER, NULL), -EINVAL);
	EXPECT_EQ(ATTACH(mem, size - 1, IPCCHAN_RING_CONSUMER, &bell), -EPROTO);
#undef ATTACH
	/* the handle of a failed attach does no harm */
	EXPECT_EQ(RING(peek)(ring, &msg), -EPROTO);
	EXPECT_EQ(RING(release)(ring), -EPROTO);
}

/* Of an empty ring that takes messages of up to 56 bytes: both sides in place */
static void check_in_place(struct RING_HANDLE *prod, struct RING_HANDLE *cons)
{
	void *first = NULL, *second = NULL;
	const void *msg;

	EXPECT_EQ(RING(commit)(prod), -EINVAL);
	EXPECT_EQ(RING(reserve)(prod, 50, &first), 0);
	memset(first, 1, 50);
	EXPECT_EQ((uintptr_t)first % 8, 0);
	EXPECT_EQ(RING(peek)(cons, &msg), -EAGAIN);
	EXPECT_EQ(RING(release)(cons), -EINVAL);
	/* the second replaces the first */
	EXPECT_EQ(RING(reserve)(prod, 20, &second), 0);
	EXPECT(first == second);
	memset(second, 2, 20);
	/* one that fails leaves it */
	EXPECT_EQ(RING(reserve)(prod, 57, &second), -EMSGSIZE);
	EXPECT_EQ(RING(commit)(prod), 0);
	EXPECT_EQ(RING(commit)(prod), -EINVAL);
	EXPECT_EQ(RING(peek)(cons, &msg), 20);
	EXPECT_EQ(((const char *)msg)[19], 2);
	EXPECT(msg == first);

	/* a peek may be repeated; only the release moves on, and once */
	EXPECT_EQ(RING(peek)(cons, &msg), 20);
	EXPECT_EQ(RING(release)(cons), 0);
	EXPECT_EQ(RING(release)(cons), -EINVAL);
	EXPECT_EQ(RING(peek)(cons, &msg), -EAGAIN);
}

static void check_reattach(struct RING_SHARED *shared)
{
	struct RING_HANDLE prod, cons;
	char buf[64];
	void *room;
	uint64_t i;

	for (i = 0; i < 1000; i++) {
		EXPECT_EQ(kind_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
		EXPECT_EQ(RING(send)(&prod, pattern(i), 1 + i % 40, 0), 0);
		/* what was only reserved is lost with the handle */
		if (!RING(reserve)(&prod, 16, &room))
			memset(room, 0xff, 16);
		EXPECT_EQ(kind_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
		EXPECT_EQ(RING(recv)(&cons, buf, 64, 0), 1 + i % 40);
		EXPECT(!memcmp(buf, pattern(i), 1 + i % 40));
		EXPECT_EQ(RING(recv)(&cons, buf, 64, 0), -ETIMEDOUT);
	}
}

#endif /* EITHER_BASIC_H */
