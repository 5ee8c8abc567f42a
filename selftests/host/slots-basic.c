// SPDX-License-Identifier: GPL-2.0
/* The functions of the ring of slots one by one: results, errors, what is left. */
#include "slots-kind.h"
#include "either-basic.h"

#define HDR	sizeof(struct ipcchan_slots_shared)

static struct ipcchan_slots_shared *shared;
static struct ipcchan_slots prod, cons;

static void setup(size_t count, size_t len, uint64_t start)
{
	shared = slots_new(count, len, 0, start);
	EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(slots_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
}

static void test_mem_size(void)
{
	EXPECT_EQ(ipcchan_slots_mem_size(0, 8), 0);
	EXPECT_EQ(ipcchan_slots_mem_size(1, 0), 0);
	EXPECT_EQ(ipcchan_slots_mem_size(1, 1), HDR + 64);
	EXPECT_EQ(ipcchan_slots_mem_size(4, 8), HDR + 64);
	EXPECT_EQ(ipcchan_slots_mem_size(3, 9), HDR + 4 * 32);
	EXPECT_EQ(ipcchan_slots_mem_size(4, 24), HDR + 4 * 32);
	EXPECT_EQ(ipcchan_slots_mem_size(4, 56), HDR + 4 * 64);
	EXPECT_EQ(ipcchan_slots_mem_size(4, 57), HDR + 4 * 128);
	EXPECT_EQ(ipcchan_slots_mem_size(5, 1016), HDR + 8 * 1024);
	EXPECT_EQ(ipcchan_slots_mem_size(5, 1017), 0);
	EXPECT_EQ(ipcchan_slots_mem_size(1, SIZE_MAX), 0);
	EXPECT_EQ(ipcchan_slots_mem_size(1U << 22, 8), HDR + (16ULL << 22));
	EXPECT_EQ(ipcchan_slots_mem_size((1U << 22) + 1, 8), 0);
	EXPECT_EQ(ipcchan_slots_mem_size(SIZE_MAX, 8), 0);
}

static void test_format(void)
{
	struct ipcchan_slots_shared *mem = shared_mem(HDR + 1024, true);
	uint64_t i;

	EXPECT_EQ(ipcchan_slots_format(NULL, HDR + 64, 8, 0), -EINVAL);
	EXPECT_EQ(ipcchan_slots_format((char *)mem + 32, HDR + 64, 8, 0), -EINVAL);
	EXPECT_EQ(ipcchan_slots_format(mem, HDR + 63, 8, 0), -EINVAL);
	EXPECT_EQ(ipcchan_slots_format(mem, 0, 8, 0), -EINVAL);
	EXPECT_EQ(ipcchan_slots_format(mem, HDR + 1024, 0, 0), -EINVAL);
	EXPECT_EQ(ipcchan_slots_format(mem, HDR + 1024, 1017, 0), -EINVAL);
	EXPECT_EQ(ipcchan_slots_format(mem, HDR + 1024, 8, 2), -EINVAL);
	EXPECT_EQ(mem->magic, 0);
	EXPECT_EQ(ipcchan_slots_format(mem, HDR + 64, 8, 0), 0);
	EXPECT_EQ(mem->count, 4);
	EXPECT_EQ(ipcchan_slots_format(mem, HDR + 1023, 50, IPCCHAN_RING_SPIN), 0);
	EXPECT_EQ(mem->count, 8);
	EXPECT_EQ(mem->slot_size, 64);
	EXPECT_EQ(mem->flags, IPCCHAN_RING_SPIN);
	for (i = 0; i < 8; i++)
		EXPECT_EQ(*slots_word(mem, i), (uint32_t)(i - 7));
}

/* with @value in a field of the header there is nothing to attach to */
static void refused(void *mem, uint32_t *field, uint32_t value)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	struct ipcchan_slots slots;
	uint32_t good = *field;

	*field = value;
	EXPECT_EQ(ipcchan_slots_attach(&slots, mem, ipcchan_slots_mem_size(4, 56),
				       IPCCHAN_RING_CONSUMER, &bell), -EPROTO);
	*field = good;
}

static void test_attach_errors(void)
{
	const size_t size = ipcchan_slots_mem_size(4, 56);
	struct ipcchan_bell bell = ipcchan_bell_futex();
	struct ipcchan_slots_shared *mem = shared_mem(size, true);
	struct ipcchan_slots slots;

	EXPECT_EQ(ipcchan_slots_attach(&slots, mem, size, IPCCHAN_RING_PRODUCER, &bell),
		  -EPROTO);
	EXPECT_EQ(ipcchan_slots_format(mem, size, 56, 0), 0);
	check_attach_errors(&slots, mem, size);
	EXPECT_EQ(ipcchan_slots_flush(&slots), -EPROTO);
	EXPECT_EQ(ipcchan_slots_wait(&slots, 0), -EPROTO);
	EXPECT_EQ(ipcchan_slots_set_wait(&slots, IPCCHAN_WAIT_SPIN), -EPROTO);

	refused(mem, &mem->magic, IPCCHAN_RING_MAGIC);
	refused(mem, &mem->layout, 2);
	refused(mem, &mem->flags, 2);
	refused(mem, &mem->count, 0);
	refused(mem, &mem->count, 2);
	refused(mem, &mem->count, 3);
	refused(mem, &mem->count, 8);
	refused(mem, &mem->count, 1U << 23);
	refused(mem, &mem->count, 1U << 31);
	refused(mem, &mem->slot_size, 0);
	refused(mem, &mem->slot_size, 8);
	refused(mem, &mem->slot_size, 48);
	refused(mem, &mem->slot_size, 128);
	refused(mem, &mem->slot_size, 2048);
	refused(mem, &mem->slot_size, 1U << 31);
	EXPECT_EQ(ipcchan_slots_attach(&slots, mem, size, IPCCHAN_RING_CONSUMER, &bell), 0);
}

static void test_in_place(void)
{
	void *room = NULL;

	setup(4, 56, 0);
	EXPECT_EQ(ipcchan_slots_max_len(&prod), 56);
	EXPECT_EQ(ipcchan_slots_reserve(&prod, 0, &room), -EMSGSIZE);
	EXPECT_EQ(ipcchan_slots_reserve(&prod, 57, &room), -EMSGSIZE);
	EXPECT_EQ(ipcchan_slots_reserve(&prod, SIZE_MAX, &room), -EMSGSIZE);
	check_in_place(&prod, &cons);
	EXPECT_EQ(ipcchan_slots_reserve(&prod, 1, &room), 0);
	EXPECT_EQ((uintptr_t)room % 64, 8);
}

static void test_full(void)
{
	char buf[64] = { 0 };
	void *room;
	uint64_t i;

	setup(4, 24, -2ULL);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(ipcchan_slots_send(&prod, pattern(i), 24 - i, 0), 0);
	EXPECT_EQ(ipcchan_slots_reserve(&prod, 1, &room), -EAGAIN);
	EXPECT_EQ(ipcchan_slots_commit(&prod), -EINVAL);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(4), 1, 0), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(4), 25, 0), -EMSGSIZE);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 23, 0), -EMSGSIZE);
	EXPECT_EQ(ipcchan_slots_recv(&cons, NULL, 0, 0), -EMSGSIZE);
	EXPECT_EQ(buf[0], 0);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, 0), 24 - i % 4);
		EXPECT(!memcmp(buf, pattern(i % 4), 24 - i % 4));
		EXPECT_EQ(shared->head, i - 1);
		EXPECT_EQ(ipcchan_slots_send(&prod, pattern(i % 4), 24 - i % 4, 0), 0);
	}
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, -2), 24);
	setup(4, 24, 0);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, -2), -EINVAL);
	EXPECT_EQ(ipcchan_slots_wait(&cons, -2), -EINVAL);
	EXPECT_EQ(ipcchan_slots_wait(&cons, 0), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_slots_wait(&cons, MSEC), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, MSEC), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_slots_wait(&prod, MSEC), 0);
}

static void test_hold(void)
{
	const void *msg;
	uint64_t i;

	setup(32, 8, 0);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(ipcchan_slots_send(&prod, &i, 8, 0), 0);
	for (i = 1; i <= 10; i++) {
		EXPECT_EQ(ipcchan_slots_peek(&cons, &msg), 8);
		EXPECT_EQ(ipcchan_slots_release_more(&cons), 0);
		EXPECT_EQ(shared->head, i / 4 * 4);
	}
	/* a peek that finds nothing, a flush, a release */
	EXPECT_EQ(ipcchan_slots_peek(&cons, &msg), -EAGAIN);
	EXPECT_EQ(shared->head, 10);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(ipcchan_slots_send(&prod, &i, 8, 0), 0);
	EXPECT_EQ(ipcchan_slots_peek(&cons, &msg), 8);
	EXPECT_EQ(ipcchan_slots_release_more(&cons), 0);
	EXPECT_EQ(ipcchan_slots_release_more(&cons), -EINVAL);
	EXPECT_EQ(shared->head, 10);
	EXPECT_EQ(ipcchan_slots_flush(&cons), 0);
	EXPECT_EQ(shared->head, 11);
	EXPECT_EQ(ipcchan_slots_peek(&cons, &msg), 8);
	EXPECT_EQ(ipcchan_slots_release_more(&cons), 0);
	EXPECT_EQ(ipcchan_slots_peek(&cons, &msg), 8);
	EXPECT_EQ(ipcchan_slots_release(&cons), 0);
	EXPECT_EQ(shared->head, 13);
	/* before a wait */
	EXPECT_EQ(ipcchan_slots_send(&prod, &i, 8, 0), 0);
	EXPECT_EQ(ipcchan_slots_peek(&cons, &msg), 8);
	EXPECT_EQ(ipcchan_slots_release_more(&cons), 0);
	EXPECT_EQ(ipcchan_slots_wait(&cons, 0), -ETIMEDOUT);
	EXPECT_EQ(shared->head, 14);
}

static void test_many(void)
{
	static const size_t lens[] = { 8, 5, 24 };
	unsigned char out[40 * 24], in[40 * 24];
	unsigned int n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		setup(32, lens[i], -16ULL);
		EXPECT_EQ(ipcchan_slots_send_many(&prod, out, lens[i], 0, 0), 0);
		EXPECT_EQ(ipcchan_slots_recv_many(&cons, in, lens[i], 0, 0), 0);
		EXPECT_EQ(ipcchan_slots_recv_many(&cons, in, lens[i], 3, 0),
			  -ETIMEDOUT);
		for (n = 1; n <= 32; n++) {
			memcpy(out, pattern(n), sizeof(out));
			memset(in, 0, sizeof(in));
			EXPECT_EQ(ipcchan_slots_send_many(&prod, out, lens[i], n, 0), n);
			EXPECT_EQ(ipcchan_slots_recv_many(&cons, in, lens[i], 40, SEC),
				  n);
			EXPECT(!memcmp(in, out, n * lens[i]));
			EXPECT_EQ(shared->head, prod.own);
		}
		/* full, another length */
		EXPECT_EQ(ipcchan_slots_send_many(&prod, out, lens[i], 40, 0), 32);
		EXPECT_EQ(ipcchan_slots_send_many(&prod, out, lens[i], 1, 0),
			  -ETIMEDOUT);
		EXPECT_EQ(ipcchan_slots_recv_many(&cons, in, lens[i] - 1, 40, 0),
			  -EMSGSIZE);
		EXPECT_EQ(ipcchan_slots_recv_many(&cons, in, lens[i], 31, 0), 31);
		EXPECT_EQ(ipcchan_slots_send(&prod, out, 1, 0), 0);
		EXPECT_EQ(ipcchan_slots_recv_many(&cons, in, lens[i], 40, 0), 1);
		EXPECT_EQ(ipcchan_slots_send_many(&prod, out, 25, 2, 0), -EMSGSIZE);
	}
}

static void test_reattach(void)
{
	char buf[64];
	uint64_t i;

	shared = slots_new(4, 56, 0, (1ULL << 32) - 500);
	check_reattach(shared);
	EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(slots_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	/* a ring that is full stays so */
	for (i = 0; i < 4; i++)
		EXPECT_EQ(ipcchan_slots_send(&prod, pattern(i), 8, 0), 0);
	EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(i), 8, 0), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(i), 8, 0), 0);
}

/* positions from which the runs start: just before each edge, and at it */
static const uint64_t starts[] = {
	0, (1ULL << 31) - 9, (1ULL << 32) - 20, (1ULL << 32) - 1, 1ULL << 32,
	(1ULL << 63) - 7, -20ULL, -1ULL,
};

static void model_run(uint64_t start, size_t count, size_t len, uint64_t *state)
{
	unsigned char buf[64];
	uint64_t first = 0, last = 0;
	size_t lens[64], size;
	ssize_t want;
	int steps = SCALE(40000), ret;

	setup(count, len, start);
	while (steps-- && !tap_failures) {
		if (rnd(state) & 256) {
			size = 1 + rnd(state) % len;
			msg_fill(buf, size, last);
			ret = last - first < count ? 0 : -ETIMEDOUT;
			EXPECT_EQ(ipcchan_slots_send(&prod, buf, size, 0), ret);
			if (!ret)
				lens[last++ % 64] = size;
		} else {
			want = first == last ? -ETIMEDOUT : (ssize_t)lens[first % 64];
			EXPECT_EQ(ipcchan_slots_recv(&cons, buf, sizeof(buf), 0), want);
			if (want >= 0)
				EXPECT(msg_ok(buf, (size_t)want, first++));
		}
	}
	EXPECT_EQ(shared->head, start + first);
}

static void test_model(void)
{
	static const size_t lens[] = { 8, 24, 56 };
	uint64_t state = 20240229;
	size_t i, count, l;

	for (i = 0; i < ARRAY_SIZE(starts); i++)
		for (count = 4; count <= 32; count *= 2)
			for (l = 0; l < ARRAY_SIZE(lens); l++)
				model_run(starts[i], count, lens[l], &state);
}

static const struct tap_test tests[] = {
	{ "size of the memory", test_mem_size },
	{ "format", test_format },
	{ "attach: errors", test_attach_errors },
	{ "reserve, commit, peek, release", test_in_place },
	{ "full, empty, no room", test_full },
	{ "what a consumer holds back", test_hold },
	{ "send and receive many", test_many },
	{ "either side attaches again and goes on", test_reattach },
	{ "random sends and receives against a model, at 2^32 and 2^64 too", test_model },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
