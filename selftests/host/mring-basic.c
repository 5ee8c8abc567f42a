// SPDX-License-Identifier: GPL-2.0
/*
 * The ring for several producers and consumers, one call after the other: sizes, errors,
 * order, batches, positions that wrap, leaving and coming back.
 */
#include "mring-util.h"

static struct mring_mem mem;
static struct ipcchan_mring prod, cons;
static unsigned char buf[256];

static void setup(size_t slots, size_t msg_size)
{
	mem = mring_new(slots, msg_size, 0);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
}

static int send_number(uint64_t seq)
{
	msg_fill(buf, 24, seq);
	return ipcchan_mring_send(&prod, buf, 24, 0);
}

static void expect_number(struct ipcchan_mring *ring, uint64_t seq, int again)
{
	EXPECT_EQ(ipcchan_mring_recv(ring, buf, sizeof(buf), 0), 24);
	EXPECT(msg_ok(buf, 24, seq));
	EXPECT_EQ(ipcchan_mring_again(ring), again);
}

static void test_sizes(void)
{
	EXPECT_EQ(ipcchan_mring_mem_size(0, 8), 0);
	EXPECT_EQ(ipcchan_mring_mem_size(8, 0), 0);
	EXPECT_EQ(ipcchan_mring_mem_size(1, 1), 8704 + 2 * 64);
	EXPECT_EQ(ipcchan_mring_mem_size(3, 56), 8704 + 4 * 64);
	EXPECT_EQ(ipcchan_mring_mem_size(4, 57), 8704 + 4 * 128);
	EXPECT_EQ(ipcchan_mring_mem_size((1 << 24) + 1, 8), 0);
	EXPECT_EQ(ipcchan_mring_mem_size(2, IPCCHAN_SLOT_LEN_MASK + 1), 0);
	EXPECT(ipcchan_mring_mem_size(2, IPCCHAN_SLOT_LEN_MASK) > 2 * IPCCHAN_SLOT_LEN_MASK);

	setup(2, IPCCHAN_SLOT_LEN_MASK);
	EXPECT_EQ(ipcchan_mring_max_len(&prod), IPCCHAN_SLOT_LEN_MASK);
	setup(4, 57);
	EXPECT_EQ(ipcchan_mring_max_len(&prod), 120);
	EXPECT_EQ(ipcchan_mring_send(&prod, buf, 120, 0), 0);
	EXPECT_EQ(ipcchan_mring_send(&prod, buf, 121, 0), -EMSGSIZE);
	EXPECT_EQ(ipcchan_mring_send(&prod, buf, 0, 0), -EMSGSIZE);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 119, 0), -EMSGSIZE);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 120, 0), 120);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 120, 0), -ETIMEDOUT);
}

static void test_format_errors(void)
{
	struct ipcchan_claim_life life = { memfd_create("life", MFD_CLOEXEC), 0 };
	struct ipcchan_claim_life bad = { .fd = -1 };
	size_t size = ipcchan_mring_mem_size(2, 8);
	char *at = shared_mem(size, true);

	EXPECT_EQ(ipcchan_mring_format(NULL, size, 8, 0, &life), -EINVAL);
	EXPECT_EQ(ipcchan_mring_format(at + 8, size, 8, 0, &life), -EINVAL);
	EXPECT_EQ(ipcchan_mring_format(at, size - 1, 8, 0, &life), -EINVAL);
	EXPECT_EQ(ipcchan_mring_format(at, size, 0, 0, &life), -EINVAL);
	EXPECT_EQ(ipcchan_mring_format(at, size, 8, 2, &life), -EINVAL);
	EXPECT_EQ(ipcchan_mring_format(at, size, 8, 0, NULL), -EINVAL);
	EXPECT_EQ(ipcchan_mring_format(at, size, 8, 0, &bad), -EBADF);
	bad = life;
	bad.start = -1;
	EXPECT_EQ(ipcchan_mring_format(at, size, 8, 0, &bad), -EINVAL);
	bad.start = INT64_MAX;
	EXPECT_EQ(ipcchan_mring_format(at, size, 8, 0, &bad), -EINVAL);
	EXPECT_EQ(ipcchan_mring_format(at, size, 8, 0, &life), 0);
}

/* One word of a good ring is changed.  Return: what attach says */
static int attach_with(uint32_t *word, uint32_t value)
{
	uint32_t good = *word;
	int ret;

	*word = value;
	ret = mring_producer(&prod, &mem);
	*word = good;
	EXPECT_EQ(ipcchan_mring_send(&prod, buf, 8, 0), ret);
	return ret;
}

static void test_attach_errors(void)
{
	struct ipcchan_claim_life life, bad;
	struct ipcchan_bell bell = ipcchan_bell_futex();
	struct ipcchan_mring ring;
	int other = memfd_create("other", MFD_CLOEXEC);
	struct ipcchan_claim_shared *s;

	mem = mring_new(4, 57, 0);
	s = mem.shared;
	life = mem.life;
	bad = life;
#define ATTACH(at, size, side, bell, life)	\
	ipcchan_mring_attach(&ring, at, size, (enum ipcchan_claim_side)(side), bell, life)
	EXPECT_EQ(ATTACH(s, mem.size, 2, &bell, &life), -EINVAL);
	EXPECT_EQ(ATTACH((char *)s + 8, mem.size, 0, &bell, &life), -EINVAL);
	EXPECT_EQ(ATTACH(s, 64, 0, &bell, &life), -EINVAL);
	EXPECT_EQ(ATTACH(s, mem.size, 0, NULL, &life), -EINVAL);
	EXPECT_EQ(ATTACH(s, mem.size, 0, &bell, NULL), -EINVAL);
	EXPECT_EQ(ATTACH(s, mem.size - 1, 0, &bell, &life), -EPROTO);
	bad.fd = other;
	EXPECT_EQ(ATTACH(s, mem.size, 0, &bell, &bad), -EXDEV);
	bad = life;
	bad.start = 64;
	EXPECT_EQ(ATTACH(s, mem.size, 0, &bell, &bad), -EXDEV);
	bad.fd = 1 << 20;
	EXPECT_EQ(ATTACH(s, mem.size, 0, &bell, &bad), -ENOENT);
	EXPECT_EQ(ATTACH(s, mem.size, 0, &bell, &life), 0);
	ipcchan_mring_detach(&ring);
	EXPECT_EQ(ipcchan_mring_send(&ring, buf, 8, 0), -EINVAL);
	close(other);

	EXPECT_EQ(attach_with(&s->magic, 0x52435049), -EPROTO);
	EXPECT_EQ(attach_with(&s->layout, 2), -EPROTO);
	EXPECT_EQ(attach_with(&s->flags, 2), -EPROTO);
	EXPECT_EQ(attach_with(&s->life_id, 1), -EXDEV);
	EXPECT_EQ(attach_with(&s->slots, 0), -EPROTO);
	EXPECT_EQ(attach_with(&s->slots, 1), -EPROTO);
	EXPECT_EQ(attach_with(&s->slots, 3), -EPROTO);
	EXPECT_EQ(attach_with(&s->slots, 8), -EPROTO);
	EXPECT_EQ(attach_with(&s->slots, 1U << 31), -EPROTO);
	EXPECT_EQ(attach_with(&s->slot_size, 0), -EPROTO);
	EXPECT_EQ(attach_with(&s->slot_size, 96), -EPROTO);
	EXPECT_EQ(attach_with(&s->slot_size, 192), -EPROTO);
	EXPECT_EQ(attach_with(&s->slot_size, 0xffffffc0), -EPROTO);
}

/* the calls of the other side, and what is not begun */
static void test_misuse(void)
{
	struct iovec vec[2] = { { NULL, 8 }, { NULL, 121 } };
	const void *msg;
	void *room;

	setup(4, 57);
	EXPECT_EQ(ipcchan_mring_peek(&prod, &msg), -EINVAL);
	EXPECT_EQ(ipcchan_mring_peek_batch(&prod, vec, 1), -EINVAL);
	EXPECT_EQ(ipcchan_mring_reserve(&cons, 8, &room), -EINVAL);
	EXPECT_EQ(ipcchan_mring_reserve_batch(&cons, vec, 1), -EINVAL);
	EXPECT_EQ(ipcchan_mring_commit(&prod), -EINVAL);
	EXPECT_EQ(ipcchan_mring_release(&cons), -EINVAL);
	EXPECT_EQ(ipcchan_mring_reserve_batch(&prod, vec, 0), -EINVAL);
	EXPECT_EQ(ipcchan_mring_reserve_batch(&prod, vec, 65), -EINVAL);
	EXPECT_EQ(ipcchan_mring_reserve_batch(&prod, vec, 2), -EMSGSIZE);
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 0), -EINVAL);
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 65), -EINVAL);
	EXPECT_EQ(ipcchan_mring_wait(&cons, -2), -EINVAL);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 8, -2), -EINVAL);
	EXPECT_EQ(ipcchan_mring_set_wait(&cons, (enum ipcchan_wait_mode)3), -EINVAL);
	/* none of it spoils the handle */
	EXPECT_EQ(ipcchan_mring_reserve(&prod, 24, &room), 0);
	EXPECT_EQ(ipcchan_mring_release(&prod), -EINVAL);
	EXPECT_EQ(ipcchan_mring_reserve_batch(&prod, vec, 1), -EBUSY);
	/* the second replaces the first */
	EXPECT_EQ(ipcchan_mring_reserve(&prod, 24, &room), 0);
	msg_fill(room, 24, 7);
	EXPECT_EQ(ipcchan_mring_commit(&prod), 0);
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), 24);
	EXPECT_EQ(ipcchan_mring_commit(&cons), -EINVAL);
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 1), -EBUSY);
	EXPECT_EQ(ipcchan_mring_wait(&cons, 0), 0);
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), 24);
	EXPECT(msg_ok(msg, 24, 7));
	EXPECT_EQ(ipcchan_mring_release(&cons), 0);
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), -EAGAIN);
}

/* What a consumer has peeked at is not to be written, nor a producer's to be read. */
static void test_other_calls(void)
{
	struct iovec vec[2];
	const void *msg;
	void *room;

	setup(4, 57);
	EXPECT_EQ(send_number(1), 0);
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), 24);
	EXPECT_EQ(ipcchan_mring_reserve(&cons, 24, &room), -EINVAL);
	EXPECT_EQ(ipcchan_mring_send(&cons, pattern(0), 24, 0), -EINVAL);
	EXPECT(msg_ok(msg, 24, 1));
	EXPECT_EQ(ipcchan_mring_release(&cons), 0);
	EXPECT_EQ(send_number(2), 0);
	EXPECT_EQ(send_number(3), 0);
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 2), 2);
	EXPECT_EQ(ipcchan_mring_reserve(&cons, 24, &room), -EINVAL);
	EXPECT_EQ(ipcchan_mring_reserve(&prod, 24, &room), 0);
	EXPECT_EQ(ipcchan_mring_peek(&prod, &msg), -EINVAL);
	EXPECT_EQ(ipcchan_mring_recv(&prod, buf, sizeof(buf), 0), -EINVAL);
}

static void run_from(uint64_t start)
{
	uint64_t seq = 0, next = 0;
	int i;

	mem = mring_new(8, 57, 0);
	mring_start_at(&mem, start);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	for (i = 0; i < 10; i++) {
		while (!send_number(seq))
			seq++;
		EXPECT_EQ(seq - next, 8);
		while (next < seq - (uint64_t)(i % 3))
			expect_number(&cons, next++, 0);
		while (next < seq)
			expect_number(&cons, next++, 0);
	}
}

static void test_order(void)
{
	run_from(0);
	/* over the end of 32 bits, of 40, and of all that a position has */
	run_from((1ULL << 32) - 21);
	run_from((1ULL << 43) - 21);
	run_from((1ULL << 48) - 21);
}

static void test_batches(void)
{
	struct iovec vec[IPCCHAN_CLAIM_BATCH];
	int i, n;

	setup(8, 57);
	EXPECT_EQ(send_number(0), 0);
	for (i = 0; i < 64; i++)
		vec[i].iov_len = 24 + (size_t)i;
	/* as many as fit */
	n = ipcchan_mring_reserve_batch(&prod, vec, 64);
	EXPECT_EQ(n, 7);
	EXPECT_EQ(ipcchan_mring_reserve(&prod, 8, &vec[9].iov_base), -EBUSY);
	for (i = 0; i < n; i++)
		msg_fill(vec[i].iov_base, vec[i].iov_len, 1 + (uint64_t)i);
	EXPECT_EQ(ipcchan_mring_commit(&prod), 0);
	EXPECT_EQ(ipcchan_mring_reserve_batch(&prod, vec, 1), -EAGAIN);
	/* as many as there are */
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 5), 5);
	EXPECT_EQ(ipcchan_mring_peek(&cons, (const void **)&vec[9].iov_base), -EBUSY);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(vec[i].iov_len, i ? 23 + i : 24);
		EXPECT(msg_ok(vec[i].iov_base, vec[i].iov_len, (uint64_t)i));
	}
	EXPECT_EQ(ipcchan_mring_release(&cons), 0);
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 64), 3);
	EXPECT(msg_ok(vec[2].iov_base, vec[2].iov_len, 7));
	EXPECT_EQ(ipcchan_mring_release(&cons), 0);
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 64), -EAGAIN);
}

/* who leaves with something pending, and who is dead (its lock is gone, no more) */
static void check_leaving(void (*leave)(struct ipcchan_mring *ring), bool dead)
{
	struct ipcchan_mring second;
	const void *msg;
	void *room;

	setup(4, 57);
	EXPECT_EQ(mring_producer(&second, &mem), 0);
	EXPECT_EQ(ipcchan_mring_reserve(&second, 8, &room), 0);
	EXPECT_EQ(send_number(1), 0);
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), -EAGAIN);
	leave(&second);
	EXPECT_EQ(ipcchan_mring_commit(&second), -EINVAL);
	EXPECT_EQ(ipcchan_mring_recover(&cons), dead);
	EXPECT_EQ(send_number(2), 0);
	EXPECT_EQ(send_number(3), 0);
	expect_number(&cons, 1, 0);

	EXPECT_EQ(mring_consumer(&second, &mem), 0);
	EXPECT_EQ(ipcchan_mring_peek(&second, &msg), 24);
	leave(&second);
	/* found by a producer, it is the next that a consumer gets */
	EXPECT_EQ(ipcchan_mring_recover(&prod), 1);
	EXPECT_EQ(send_number(4), 0);
	expect_number(&cons, 2, 1);
	expect_number(&cons, 3, 0);
	expect_number(&cons, 4, 0);
	EXPECT_EQ(ipcchan_mring_recover(&cons), 0);
	ipcchan_mring_detach(&prod);
	ipcchan_mring_detach(&cons);
	EXPECT_EQ(mem.shared->peers[0].role | mem.shared->peers[1].role |
		  mem.shared->peers[2].role, 0);
}

static void test_detach(void)
{
	check_leaving(ipcchan_mring_detach, false);
}

static void test_close(void)
{
	check_leaving(ipcchan_mring_close, true);
}

/* a batch half released, given again to one who comes later and dies as well */
static void test_again(void)
{
	struct iovec vec[4];
	struct ipcchan_mring second;
	const void *msg;
	uint64_t i;

	setup(4, 57);
	for (i = 1; i <= 4; i++)
		EXPECT_EQ(send_number(i), 0);
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 3), 3);
	ipcchan_mring_close(&cons);
	EXPECT_EQ(mring_consumer(&second, &mem), 0);
	expect_number(&second, 1, 1);
	EXPECT_EQ(ipcchan_mring_peek(&second, &msg), 24);
	EXPECT_EQ(ipcchan_mring_again(&second), 1);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	expect_number(&cons, 4, 0);
	EXPECT_EQ(ipcchan_mring_recover(&cons), 0);
	ipcchan_mring_close(&second);
	EXPECT_EQ(ipcchan_mring_recover(&cons), 1);
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 4), 1);
	EXPECT(msg_ok(vec[0].iov_base, 24, 2));
	EXPECT_EQ(ipcchan_mring_again(&cons), 1);
	EXPECT_EQ(ipcchan_mring_release(&cons), 0);
	expect_number(&cons, 3, 1);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, sizeof(buf), 0), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_mring_again(&cons), 0);
}

/* A cursor names an entry that is by now another's, on the other side. */
static void test_other_side(void)
{
	struct ipcchan_mring first, second;
	uint32_t owner;
	void *room;

	setup(4, 57);
	EXPECT_EQ(send_number(1), 0);
	EXPECT_EQ(send_number(2), 0);
	EXPECT_EQ(mring_consumer(&first, &mem), 0);
	owner = first.c.owner;
	expect_number(&first, 1, 0);
	ipcchan_mring_detach(&first);
	EXPECT_EQ(mring_producer(&second, &mem), 0);
	EXPECT_EQ(second.c.owner, owner);
	EXPECT_EQ(ipcchan_mring_reserve(&second, 8, &room), 0);
	EXPECT_EQ(send_number(3), 0);
	expect_number(&cons, 2, 0);
	/* what it had reserved is still known as its own */
	ipcchan_mring_close(&second);
	EXPECT_EQ(ipcchan_mring_recover(&cons), 1);
	expect_number(&cons, 3, 0);
}

static void test_many(void)
{
	struct ipcchan_mring peers[IPCCHAN_CLAIM_PEERS + 1];
	uint32_t i;

	mem = mring_new(128, 57, 0);
	for (i = 0; i < IPCCHAN_CLAIM_PEERS; i++) {
		EXPECT_EQ(mring_producer(&peers[i], &mem), 0);
		msg_fill(buf, 24, i);
		EXPECT_EQ(ipcchan_mring_send(&peers[i], buf, 24, 0), 0);
	}
	EXPECT_EQ(mring_producer(&peers[i], &mem), -EUSERS);
	EXPECT_EQ(ipcchan_mring_recover(&peers[0]), 0);
	/* room is only where somebody is gone */
	ipcchan_mring_close(&peers[17]);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	EXPECT_EQ(cons.c.owner, 18);
	for (i = 0; i < IPCCHAN_CLAIM_PEERS; i++) {
		expect_number(&cons, i, 0);
		ipcchan_mring_detach(&peers[i]);
	}
	ipcchan_mring_detach(&cons);
}

static const struct tap_test tests[] = {
	{ "sizes", test_sizes },
	{ "format refuses", test_format_errors },
	{ "attach refuses", test_attach_errors },
	{ "calls of the other side", test_misuse },
	{ "calls of the other side, with something pending", test_other_calls },
	{ "order, and positions that wrap", test_order },
	{ "batches", test_batches },
	{ "who detaches", test_detach },
	{ "who dies", test_close },
	{ "given again, one by one", test_again },
	{ "an entry on the other side", test_other_side },
	{ "as many as there can be", test_many },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
