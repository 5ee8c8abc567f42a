// SPDX-License-Identifier: GPL-2.0
/*
 * The layout of Documentation/ring-layout.rst: the library writes the bytes of
 * ring-layout.txt, all of them and no other, and reads them.
 */
#include "layout-util.h"
#include "slots-util.h"

static void no_hints(struct ipcchan_peer_shared *peers)
{
	memset(peers->cpu, 0, sizeof(peers->cpu));
	memset(peers->woken_ns, 0, sizeof(peers->woken_ns));
}

static const size_t ring_lens[] = { 5, 40, 40, 20 };
static const size_t slot_lens[] = { 5, 24, 1, 8, 24 };

static void ring_pass(struct ipcchan_ring *prod, struct ipcchan_ring *cons,
		      unsigned int number)
{
	unsigned char buf[LAYOUT_MSG_MAX];
	size_t len = ring_lens[number - 1];

	if (prod)
		EXPECT_EQ(ipcchan_ring_send(prod, layout_message(number), len, 0), 0);
	if (!cons)
		return;
	EXPECT_EQ(ipcchan_ring_recv(cons, buf, sizeof(buf), 0), len);
	EXPECT(!memcmp(buf, layout_message(number), len));
}

static void test_ring_write(void)
{
	struct ipcchan_ring_shared *shared;
	struct ipcchan_ring prod, cons;

	if (layout_foreign())
		return;
	shared = ring_new(128, 0, 0);
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	ring_pass(&prod, &cons, 1);
	ring_pass(&prod, &cons, 2);
	ring_pass(&prod, NULL, 3);
	ring_pass(&prod, NULL, 4);
	no_hints(&shared->peers);
	layout_compare("ring", shared, ipcchan_ring_mem_size(128));
}

static void test_ring_read(void)
{
	size_t size = ipcchan_ring_mem_size(128);
	struct ipcchan_ring_shared *shared = shared_mem(size, false);
	struct ipcchan_ring prod, cons;
	const void *msg;
	void *room = NULL;

	if (layout_foreign())
		return;
	if (!layout_copy("ring", shared, size))
		return;
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	/* 96 bytes are taken; a record of 32 fits, one of 40 does not */
	EXPECT_EQ(ipcchan_ring_reserve(&prod, 25, &room), -EAGAIN);
	EXPECT_EQ(ipcchan_ring_reserve(&prod, 24, &room), 0);
	EXPECT(room == shared->data + 40);
	ring_pass(NULL, &cons, 3);
	ring_pass(NULL, &cons, 4);
	EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), -EAGAIN);
	EXPECT_EQ(shared->head, 160);
}

static void slot_pass(struct ipcchan_slots *prod, struct ipcchan_slots *cons,
		      unsigned int number)
{
	unsigned char buf[LAYOUT_MSG_MAX];
	size_t len = slot_lens[number - 1];

	if (prod)
		EXPECT_EQ(ipcchan_slots_send(prod, layout_message(number), len, 0), 0);
	if (!cons)
		return;
	EXPECT_EQ(ipcchan_slots_recv(cons, buf, sizeof(buf), 0), len);
	EXPECT(!memcmp(buf, layout_message(number), len));
}

static void test_slots_write(void)
{
	struct ipcchan_slots_shared *shared;
	struct ipcchan_slots prod, cons;
	unsigned int i;

	if (layout_foreign())
		return;
	shared = slots_new(4, 24, 0, 0);
	EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(slots_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	for (i = 1; i <= 3; i++)
		slot_pass(&prod, &cons, i);
	slot_pass(&prod, NULL, 4);
	slot_pass(&prod, NULL, 5);
	no_hints(&shared->peers);
	layout_compare("slots", shared, ipcchan_slots_mem_size(4, 24));
}

static void test_slots_fresh(void)
{
	size_t size = ipcchan_slots_mem_size(4, 8);
	void *mem = shared_mem(size, false);

	if (layout_foreign())
		return;
	memset(mem, 0xff, size);
	EXPECT_EQ(ipcchan_slots_format(mem, size, 8, 0), 0);
	layout_compare("fresh", mem, size);
}

static void test_slots_read(void)
{
	size_t size = ipcchan_slots_mem_size(4, 24);
	struct ipcchan_slots_shared *shared = shared_mem(size, false);
	struct ipcchan_slots prod, cons;
	const void *msg;
	void *room = NULL;

	if (layout_foreign())
		return;
	if (!layout_copy("slots", shared, size))
		return;
	EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(slots_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(ipcchan_slots_reserve(&prod, 24, &room), 0);
	EXPECT(room == shared->data + 32 + 8);
	slot_pass(NULL, &cons, 4);
	slot_pass(NULL, &cons, 5);
	EXPECT_EQ(ipcchan_slots_peek(&cons, &msg), -EAGAIN);
	EXPECT_EQ(shared->head, 5);
}

static const struct tap_test tests[] = {
	{ "the byte ring is written so", test_ring_write },
	{ "the byte ring is read so", test_ring_read },
	{ "the ring of slots is written so", test_slots_write },
	{ "the ring of slots is formatted so", test_slots_fresh },
	{ "the ring of slots is read so", test_slots_read },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
