// SPDX-License-Identifier: GPL-2.0
/*
 * The layout of Documentation/ring-layout.rst: the library writes the bytes of
 * ring-layout.txt, all of them and no other, and reads them.
 */
#include "slots-util.h"

#define MAX_SIZE	1024

/* Load section @name.  Return: its bytes, @size of them; NULL with a report. */
static unsigned char *load(const char *name, size_t *size)
{
	static unsigned char bytes[MAX_SIZE];
	unsigned int b[8], offset, i;
	FILE *file = fopen(VECTORS, "r");
	char line[128], section[32] = "";

	*size = 0;
	memset(bytes, 0, sizeof(bytes));
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "[%31[a-z] %u]", section, &offset) == 2) {
			if (!strcmp(section, name))
				*size = offset;
			continue;
		}
		if (strcmp(section, name) || strspn(line, "#\n"))
			continue;
		if (sscanf(line, "%u %x %x %x %x %x %x %x %x", &offset, &b[0], &b[1],
			   &b[2], &b[3], &b[4], &b[5], &b[6], &b[7]) != 9 ||
		    offset > MAX_SIZE - 8) {
			TAP_REPORT("%s: %s", VECTORS, line);
			break;
		}
		for (i = 0; i < 8; i++)
			bytes[offset + i] = (unsigned char)b[i];
	}
	if (file)
		fclose(file);
	if (*size && *size <= MAX_SIZE)
		return bytes;
	TAP_REPORT("%s: no section %s", VECTORS, name);
	return NULL;
}

static void compare(const char *name, const void *got, size_t size)
{
	const unsigned char *bytes = got, *want;
	size_t want_size, i;

	want = load(name, &want_size);
	EXPECT_EQ(size, want_size);
	for (i = 0; want && i < want_size && i < size; i++)
		if (bytes[i] != want[i])
			TAP_REPORT("%s: byte %zu is %02x, expected %02x", name, i,
				   bytes[i], want[i]);
}

static void no_hints(struct ipcchan_peer_shared *peers)
{
	memset(peers->cpu, 0, sizeof(peers->cpu));
	memset(peers->woken_ns, 0, sizeof(peers->woken_ns));
}

/* Message number @number, as the file describes it. */
static const unsigned char *message(unsigned int number)
{
	static unsigned char msg[64];
	unsigned int i;

	for (i = 0; i < sizeof(msg); i++)
		msg[i] = (unsigned char)(16 * number + i);
	return msg;
}

static bool big_endian(void)
{
	const uint16_t word = 1;

	if (*(const unsigned char *)&word)
		return false;
	tap_skip("the file is of a machine of the other byte order");
	return true;
}

static const size_t ring_lens[] = { 5, 40, 40, 20 };
static const size_t slot_lens[] = { 5, 24, 1, 8, 24 };

static void ring_pass(struct ipcchan_ring *prod, struct ipcchan_ring *cons,
		      unsigned int number)
{
	unsigned char buf[64];
	size_t len = ring_lens[number - 1];

	if (prod)
		EXPECT_EQ(ipcchan_ring_send(prod, message(number), len, 0), 0);
	if (!cons)
		return;
	EXPECT_EQ(ipcchan_ring_recv(cons, buf, sizeof(buf), 0), len);
	EXPECT(!memcmp(buf, message(number), len));
}

static void test_ring_write(void)
{
	struct ipcchan_ring_shared *shared;
	struct ipcchan_ring prod, cons;

	if (big_endian())
		return;
	shared = ring_new(128, 0, 0);
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	ring_pass(&prod, &cons, 1);
	ring_pass(&prod, &cons, 2);
	ring_pass(&prod, NULL, 3);
	ring_pass(&prod, NULL, 4);
	no_hints(&shared->peers);
	compare("ring", shared, ipcchan_ring_mem_size(128));
}

static void test_ring_read(void)
{
	size_t size = ipcchan_ring_mem_size(128), vector_size;
	struct ipcchan_ring_shared *shared = shared_mem(size, false);
	struct ipcchan_ring prod, cons;
	const void *msg;
	void *vector, *room = NULL;

	if (big_endian())
		return;
	vector = load("ring", &vector_size);
	if (!vector)
		return;
	memcpy(shared, vector, size);
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
	unsigned char buf[64];
	size_t len = slot_lens[number - 1];

	if (prod)
		EXPECT_EQ(ipcchan_slots_send(prod, message(number), len, 0), 0);
	if (!cons)
		return;
	EXPECT_EQ(ipcchan_slots_recv(cons, buf, sizeof(buf), 0), len);
	EXPECT(!memcmp(buf, message(number), len));
}

static void test_slots_write(void)
{
	struct ipcchan_slots_shared *shared;
	struct ipcchan_slots prod, cons;
	unsigned int i;

	if (big_endian())
		return;
	shared = slots_new(4, 24, 0, 0);
	EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(slots_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	for (i = 1; i <= 3; i++)
		slot_pass(&prod, &cons, i);
	slot_pass(&prod, NULL, 4);
	slot_pass(&prod, NULL, 5);
	no_hints(&shared->peers);
	compare("slots", shared, ipcchan_slots_mem_size(4, 24));
}

static void test_slots_fresh(void)
{
	size_t size = ipcchan_slots_mem_size(4, 8);
	void *mem = shared_mem(size, false);

	if (big_endian())
		return;
	memset(mem, 0xff, size);
	EXPECT_EQ(ipcchan_slots_format(mem, size, 8, 0), 0);
	compare("fresh", mem, size);
}

static void test_slots_read(void)
{
	size_t size = ipcchan_slots_mem_size(4, 24), vector_size;
	struct ipcchan_slots_shared *shared = shared_mem(size, false);
	struct ipcchan_slots prod, cons;
	const void *msg;
	void *vector, *room = NULL;

	if (big_endian())
		return;
	vector = load("slots", &vector_size);
	if (!vector)
		return;
	memcpy(shared, vector, size);
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
