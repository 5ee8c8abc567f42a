// SPDX-License-Identifier: GPL-2.0
/* The ring's functions one by one: results, errors, what is left behind. */
#include "ring-kind.h"
#include "either-basic.h"

#define HDR	sizeof(struct ipcchan_ring_shared)

static void test_mem_size(void)
{
	size_t most = (size_t)1 << (sizeof(size_t) > 4 ? 32 : 30);

	EXPECT_EQ(ipcchan_ring_mem_size(0), 0);
	EXPECT_EQ(ipcchan_ring_mem_size(1), HDR + 64);
	EXPECT_EQ(ipcchan_ring_mem_size(64), HDR + 64);
	EXPECT_EQ(ipcchan_ring_mem_size(65), HDR + 128);
	EXPECT_EQ(ipcchan_ring_mem_size(65536), HDR + 65536);
	EXPECT_EQ(ipcchan_ring_mem_size(65537), HDR + 131072);
	EXPECT_EQ(ipcchan_ring_mem_size(most), HDR + most);
	EXPECT_EQ(ipcchan_ring_mem_size(most + 1), 0);
	EXPECT_EQ(ipcchan_ring_mem_size(SIZE_MAX), 0);
}

static void test_format(void)
{
	struct ipcchan_ring_shared *shared = shared_mem(HDR + 4096, true);

	EXPECT_EQ(ipcchan_ring_format(NULL, HDR + 64, 0), -EINVAL);
	EXPECT_EQ(ipcchan_ring_format((char *)shared + 32, HDR + 64, 0), -EINVAL);
	EXPECT_EQ(ipcchan_ring_format(shared, 0, 0), -EINVAL);
	EXPECT_EQ(ipcchan_ring_format(shared, HDR + 63, 0), -EINVAL);
	EXPECT_EQ(ipcchan_ring_format(shared, HDR + 64, 2), -EINVAL);
	EXPECT_EQ(ipcchan_ring_format(shared, HDR + 64, ~0U), -EINVAL);
	EXPECT_EQ(shared->magic, 0);

	EXPECT_EQ(ipcchan_ring_format(shared, HDR + 64, 0), 0);
	EXPECT_EQ(shared->capacity, 64);
	EXPECT_EQ(ipcchan_ring_format(shared, HDR + 4095, IPCCHAN_RING_SPIN), 0);
	EXPECT_EQ(shared->capacity, 2048);
	EXPECT_EQ(shared->flags, IPCCHAN_RING_SPIN);
	EXPECT_EQ(ipcchan_ring_format(shared, HDR + 4096, 0), 0);
	EXPECT_EQ(shared->capacity, 4096);
	/* any alignment that is promised, not only a page's */
	EXPECT_EQ(ipcchan_ring_format((char *)shared + 64, HDR + 64, 0), 0);
}

/* After an attach that failed there may be no memory any more. */
static void check_disarm(struct ipcchan_ring *ring, struct ipcchan_ring_shared *shared)
{
	uint32_t *waiting = shared->peers.waiting;

	waiting[IPCCHAN_RING_PRODUCER] = 1;
	waiting[IPCCHAN_RING_CONSUMER] = 1;
	ipcchan_ring_disarm(ring);
	EXPECT_EQ(waiting[IPCCHAN_RING_PRODUCER], 1);
	EXPECT_EQ(waiting[IPCCHAN_RING_CONSUMER], 1);
	waiting[IPCCHAN_RING_PRODUCER] = 0;
	waiting[IPCCHAN_RING_CONSUMER] = 0;
}

static void test_attach_errors(void)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	struct ipcchan_ring_shared *shared = shared_mem(HDR + 4096, true);
	const size_t size = HDR + 4096;
	struct ipcchan_ring ring;

#define ATTACH(mem, size, side, bell) ipcchan_ring_attach(&ring, mem, size, side, bell)
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_PRODUCER, &bell), -EPROTO);
	EXPECT_EQ(ipcchan_ring_format(shared, size, 0), 0);
	check_attach_errors(&ring, shared, size);
	EXPECT_EQ(ipcchan_ring_arm(&ring, 0), -EPROTO);
	ipcchan_ring_disarm(&ring);
	/* nor does that of a consumer to a producer that sleeps */
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_CONSUMER, NULL), -EINVAL);
	check_disarm(&ring, shared);

	shared->layout++;
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_CONSUMER, &bell), -EPROTO);
	shared->layout--;
	shared->flags = 2;
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_CONSUMER, &bell), -EPROTO);
	shared->flags = 0;
	shared->capacity = 4032;
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_CONSUMER, &bell), -EPROTO);
	shared->capacity = 32;
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_CONSUMER, &bell), -EPROTO);
	shared->capacity = 0;
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_CONSUMER, &bell), -EPROTO);
	shared->capacity = 1ULL << 63;
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_CONSUMER, &bell), -EPROTO);
	shared->capacity = 4096;
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_CONSUMER, &bell), 0);
	/* a bell that cannot be rung */
	bell.fd = 4711;
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_CONSUMER, &bell), -EBADF);
	check_disarm(&ring, shared);
	/* nobody needs one to spin */
	shared->flags = IPCCHAN_RING_SPIN;
	EXPECT_EQ(ATTACH(shared, size, IPCCHAN_RING_CONSUMER, NULL), 0);
#undef ATTACH
}

static void test_attach_positions(void)
{
	static const struct {
		uint64_t head, tail;
		int ret;
	} cases[] = {
		{ 0, 0, 0 }, { 0, 64, 0 }, { 0, 72, -EBADMSG }, { 8, 0, -EBADMSG },
		{ 64, 0, -EBADMSG }, { 0, 4, -EBADMSG }, { 4, 8, -EBADMSG },
		{ 4, 4, -EBADMSG }, { 0, ~7ULL, -EBADMSG }, { ~7ULL, 0, 0 },
		{ -64ULL, 0, 0 }, { -72ULL, 0, -EBADMSG },
		{ 1ULL << 63, 0, -EBADMSG }, { 1ULL << 63, (1ULL << 63) + 64, 0 },
	};
	struct ipcchan_ring_shared *shared = ring_new(64, 0, 0);
	struct ipcchan_ring ring;
	const void *msg;
	void *room;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		shared->head = cases[i].head;
		shared->tail = cases[i].tail;
		EXPECT_EQ(ring_attach(&ring, shared, IPCCHAN_RING_PRODUCER),
			  cases[i].ret);
		if (cases[i].ret) {
			EXPECT_EQ(ipcchan_ring_reserve(&ring, 8, &room), -EBADMSG);
			check_disarm(&ring, shared);
		}
		EXPECT_EQ(ring_attach(&ring, shared, IPCCHAN_RING_CONSUMER),
			  cases[i].ret);
		if (cases[i].ret) {
			EXPECT_EQ(ipcchan_ring_peek(&ring, &msg), -EBADMSG);
			check_disarm(&ring, shared);
		}
	}
}

static void test_lengths(void)
{
	static const size_t capacities[] = { 64, 128, 4096, 65536 };
	struct ipcchan_ring_shared *shared;
	struct ipcchan_ring prod, cons;
	const void *msg;
	void *room;
	size_t i, max;

	for (i = 0; i < ARRAY_SIZE(capacities); i++) {
		shared = ring_new(capacities[i], 0, 0);
		EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
		EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
		max = ipcchan_ring_max_len(&prod);
		EXPECT_EQ(max, capacities[i] / 2 - 8);
		EXPECT_EQ(ipcchan_ring_max_len(&cons), max);
		EXPECT_EQ(ipcchan_ring_reserve(&prod, 0, &room), -EMSGSIZE);
		EXPECT_EQ(ipcchan_ring_reserve(&prod, max + 1, &room), -EMSGSIZE);
		EXPECT_EQ(ipcchan_ring_reserve(&prod, SIZE_MAX, &room), -EMSGSIZE);
		EXPECT_EQ(ipcchan_ring_send(&prod, "", 0, 0), -EMSGSIZE);
		EXPECT_EQ(ipcchan_ring_wait(&prod, 0, 0), -EMSGSIZE);
		EXPECT_EQ(ipcchan_ring_wait(&prod, max + 1, 0), -EMSGSIZE);
		EXPECT_EQ(ipcchan_ring_commit(&prod), -EINVAL);
		EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), -EAGAIN);

		EXPECT_EQ(ipcchan_ring_send(&prod, pattern(1), 1, 0), 0);
		EXPECT_EQ(ipcchan_ring_send(&prod, pattern(2), max, 0), 0);
		EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), 1);
		EXPECT(!memcmp(msg, pattern(1), 1));
		EXPECT_EQ(ipcchan_ring_release(&cons), 0);
		EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), max);
		EXPECT(!memcmp(msg, pattern(2), max));
		EXPECT_EQ(ipcchan_ring_release(&cons), 0);
	}
}

static void test_reserve(void)
{
	struct ipcchan_ring_shared *shared = ring_new(128, 0, 0);
	struct ipcchan_ring prod, cons;

	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	check_in_place(&prod, &cons);
}

static void test_full(void)
{
	struct ipcchan_ring_shared *shared = ring_new(64, 0, 0);
	struct ipcchan_ring prod, cons;
	char buf[64];
	void *room;

	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(0), 24, 0), 0);
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(1), 17, 0), 0);
	EXPECT_EQ(ipcchan_ring_reserve(&prod, 1, &room), -EAGAIN);
	EXPECT_EQ(ipcchan_ring_commit(&prod), -EINVAL);
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(2), 1, 0), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 24);
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(2), 24, 0), 0);
	EXPECT_EQ(ipcchan_ring_reserve(&prod, 1, &room), -EAGAIN);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 17);
	EXPECT(!memcmp(buf, pattern(1), 17));
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 24);
	EXPECT(!memcmp(buf, pattern(2), 24));
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), -ETIMEDOUT);
}

static void test_recv_size(void)
{
	struct ipcchan_ring_shared *shared = ring_new(128, 0, 0);
	struct ipcchan_ring prod, cons;
	char buf[32] = { 0 };

	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(5), 20, 0), 0);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 19, 0), -EMSGSIZE);
	EXPECT_EQ(ipcchan_ring_recv(&cons, NULL, 0, 0), -EMSGSIZE);
	EXPECT_EQ(buf[0], 0);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 20, 0), 20);
	EXPECT(!memcmp(buf, pattern(5), 20));
	EXPECT_EQ(buf[20], 0);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 20, -2), -EINVAL);
	EXPECT_EQ(ipcchan_ring_wait(&cons, 0, -2), -EINVAL);
}

static void test_reattach(void)
{
	check_reattach(ring_new(128, 0, 0));
}

static const struct tap_test tests[] = {
	{ "size of the memory", test_mem_size },
	{ "format", test_format },
	{ "attach: errors", test_attach_errors },
	{ "attach: positions", test_attach_positions },
	{ "shortest and longest message", test_lengths },
	{ "reserve, commit, peek, release", test_reserve },
	{ "full and empty", test_full },
	{ "a message longer than the room stays", test_recv_size },
	{ "either side attaches again and goes on", test_reattach },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
