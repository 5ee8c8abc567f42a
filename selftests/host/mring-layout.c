// SPDX-License-Identifier: GPL-2.0
/*
 * The layout of Documentation/mring-layout.rst: the library writes the bytes of
 * mring-layout.txt, all of them and no other, and reads them.
 */
#include <sys/stat.h>

#include "layout-util.h"
#include "mring-util.h"

#define SLOTS		4U
#define MSG_SIZE	57U

static struct mring_mem mem;

/* The file whose locks are used is another each time. */
static void set_life(uint64_t dev, uint64_t ino)
{
	mem.shared->life_dev = dev;
	mem.shared->life_ino = ino;
}

static void compare(const char *name)
{
	struct stat st;

	EXPECT_EQ(fstat(mem.life.fd, &st), 0);
	EXPECT_EQ(mem.shared->life_dev, st.st_dev);
	EXPECT_EQ(mem.shared->life_ino, st.st_ino);
	set_life(0, 0);
	layout_compare(name, mem.shared, mem.size);
	set_life(st.st_dev, st.st_ino);
}

/* Memory as section @name tells.  Return: false with a report. */
static bool have(const char *name)
{
	struct stat st;

	mem = mring_mem_new(ipcchan_mring_mem_size(SLOTS, MSG_SIZE));
	if (!layout_copy(name, mem.shared, mem.size) || fstat(mem.life.fd, &st))
		return false;
	set_life(st.st_dev, st.st_ino);
	return true;
}

static void send(struct ipcchan_mring *ring, unsigned int number, size_t len)
{
	EXPECT_EQ(ipcchan_mring_send(ring, layout_message(number), len, 0), 0);
}

static void expect(struct ipcchan_mring *ring, unsigned int number, size_t len, int again)
{
	unsigned char buf[LAYOUT_MSG_MAX];

	EXPECT_EQ(ipcchan_mring_recv(ring, buf, sizeof(buf), 0), len);
	EXPECT(!memcmp(buf, layout_message(number), len));
	EXPECT_EQ(ipcchan_mring_again(ring), again);
}

static void test_write(void)
{
	struct iovec vec[2] = { { NULL, 24 }, { NULL, 60 } };
	struct ipcchan_mring prod, cons, other;
	void *room;
	int i;

	if (layout_foreign())
		return;
	mem = mring_new(SLOTS, MSG_SIZE, 0);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	EXPECT_EQ(mring_producer(&other, &mem), 0);
	send(&prod, 1, 24);
	EXPECT_EQ(ipcchan_mring_reserve_batch(&prod, vec, 2), 2);
	for (i = 0; i < 2; i++)
		memcpy(vec[i].iov_base, layout_message(2 + (unsigned int)i), vec[i].iov_len);
	EXPECT_EQ(ipcchan_mring_commit(&prod), 0);
	expect(&cons, 1, 24, 0);
	EXPECT_EQ(ipcchan_mring_reserve(&other, 8, &room), 0);
	ipcchan_mring_detach(&other);
	send(&prod, 4, 5);
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 2), 2);
	compare("several");
	ipcchan_mring_close(&prod);
	ipcchan_mring_close(&cons);
}

/* Those who have written it are dead: the consumer's messages are given again. */
static void test_read(void)
{
	unsigned char buf[LAYOUT_MSG_MAX];
	struct ipcchan_mring prod, cons;
	void *room = NULL;

	if (layout_foreign() || !have("several"))
		return;
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	expect(&cons, 2, 24, 1);
	expect(&cons, 3, 60, 1);
	expect(&cons, 4, 5, 0);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, sizeof(buf), 0), -ETIMEDOUT);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(ipcchan_mring_reserve(&prod, 8, &room), 0);
	EXPECT(room == mem.shared->data + 128 + 8);
	EXPECT_EQ(mem.shared->cursor[0].word >> IPCCHAN_CURSOR_POS_SHIFT, 6);
	EXPECT_EQ(mem.shared->cursor[1].word >> IPCCHAN_CURSOR_POS_SHIFT, 5);
	ipcchan_mring_close(&prod);
	ipcchan_mring_close(&cons);
}

static void publish(struct ipcchan_bring *ring, unsigned int number, size_t len)
{
	EXPECT_EQ(ipcchan_bring_send(ring, layout_message(number), len, 0), 0);
}

static void expect_next(struct ipcchan_bring *ring, unsigned int number, size_t len,
			uint64_t lost)
{
	unsigned char buf[LAYOUT_MSG_MAX];
	uint64_t told = ~lost;

	EXPECT_EQ(ipcchan_bring_recv(ring, buf, sizeof(buf), 0, &told), len);
	EXPECT(!memcmp(buf, layout_message(number), len));
	EXPECT_EQ(told, lost);
}

static void test_broadcast_write(void)
{
	struct ipcchan_bring prod, other;
	void *room;

	if (layout_foreign())
		return;
	mem = bring_new(SLOTS, MSG_SIZE, 0);
	EXPECT_EQ(bring_producer(&prod, &mem), 0);
	EXPECT_EQ(bring_producer(&other, &mem), 0);
	publish(&prod, 1, 24);
	publish(&prod, 2, 60);
	EXPECT_EQ(ipcchan_bring_reserve(&other, 8, &room), 0);
	ipcchan_bring_detach(&other);
	EXPECT_EQ(bring_producer(&other, &mem), 0);
	publish(&prod, 3, 5);
	publish(&prod, 4, 8);
	EXPECT_EQ(ipcchan_bring_reserve(&other, 40, &room), 0);
	compare("broadcast");
	ipcchan_bring_close(&prod);
	ipcchan_bring_close(&other);
}

/*
 * A reader begins at what comes next; the two here go back to the oldest position that there
 * was, and to that behind what was overwritten.
 */
static void test_broadcast_read(void)
{
	unsigned char buf[LAYOUT_MSG_MAX];
	struct ipcchan_bell bell = ipcchan_bell_futex();
	struct ipcchan_bring prod, reader, late;

	if (layout_foreign() || !have("broadcast"))
		return;
	EXPECT_EQ(ipcchan_bring_attach_reader(&reader, mem.shared, mem.size, &bell, NULL), 0);
	EXPECT_EQ(ipcchan_bring_attach_reader(&late, mem.shared, mem.size, &bell, NULL), 0);
	EXPECT_EQ(reader.c.pos, 10);
	reader.c.pos = 6;
	late.c.pos = 4;
	expect_next(&reader, 3, 5, 0);
	expect_next(&reader, 4, 8, 0);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 0, NULL), -ETIMEDOUT);
	expect_next(&late, 3, 5, 3);
	/* the one that is at work is dead, and is given up */
	EXPECT_EQ(bring_producer(&prod, &mem), 0);
	publish(&prod, 5, 24);
	expect_next(&reader, 5, 24, 0);
	EXPECT(!memcmp(mem.shared->data + 2 * 128 + 8, layout_message(5), 24));
	EXPECT_EQ(mem.shared->cursor[0].word >> IPCCHAN_CURSOR_POS_SHIFT, 11);
	ipcchan_bring_close(&prod);
	ipcchan_bring_close(&reader);
	ipcchan_bring_close(&late);
}

static const struct tap_test tests[] = {
	{ "the ring for several is written so", test_write },
	{ "the ring for several is read so", test_read },
	{ "the broadcast ring is written so", test_broadcast_write },
	{ "the broadcast ring is read so", test_broadcast_read },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
