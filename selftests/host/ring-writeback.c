// SPDX-License-Identifier: GPL-2.0
/*
 * What a consumer does with lines that it has read: the probe's choice, by times
 * that the test makes up; and that whatever is done changes no message.
 */
#include "../../user/lib/writeback.h"
#include "ring-util.h"

#define ROUND		4096U
#define ALL		0xfU

static const char *const names[] = { "off", "clwb", "clflushopt", "cldemote" };

static int steps;

/*
 * Let a probe run from @pos to its end; a round takes @ns by what is done, give or take
 * a part of it.  Return: the position at its end, to which it took @steps steps.
 */
static uint64_t run_probe(struct ipcchan_writer *writer, uint64_t pos, uint32_t usable,
			  const int64_t *ns)
{
	uint64_t state = 7;
	int64_t now = 1000;

	steps = 0;
	while (writer->probing && steps < 100) {
		uint32_t how = writer->how;

		/* one of five rounds is disturbed; the median does not see it */
		now += ns[writer->how] * (steps / 2 % 7 == 3 ? 9 : 1) +
		       (int64_t)(rnd(&state) % 5);
		pos = writer->next + 64;
		EXPECT(usable & 1U << writer->how);
		ipcchan_writer_step(writer, pos, ROUND, now);
		/* no line of the time in which another thing was done */
		EXPECT(writer->how == how || writer->from == pos / 64 * 64);
		steps++;
	}
	EXPECT(steps < 100);
	return pos;
}

/* Of rounds that take long there are fewer. */
static void test_long(void)
{
	static const int64_t ns[] = { 3000000, 3100000, 100000, 3000000 };
	struct ipcchan_writer writer;

	EXPECT_EQ(ipcchan_writer_set(&writer, IPCCHAN_WRITEBACK_PROBE, ALL, 0), 0);
	run_probe(&writer, 0, ALL, ns);
	EXPECT_EQ(writer.how, IPCCHAN_WRITEBACK_CLFLUSHOPT);
	EXPECT_EQ(steps, 2 * 2 * 4);
}

/* Run a probe from @start on a CPU that has @usable.  Return: what is chosen. */
static uint32_t probe(uint64_t start, uint32_t usable, const int64_t *ns)
{
	struct ipcchan_writer writer;
	uint64_t pos;

	EXPECT_EQ(ipcchan_writer_set(&writer, IPCCHAN_WRITEBACK_PROBE, usable, start), 0);
	pos = run_probe(&writer, start, usable, ns);
	/* a probe is 1 % of the time, or there never is another one */
	EXPECT((int64_t)(writer.next - pos) > (usable == 1 ? INT64_MAX / 4 : 4000 * ROUND));
	return writer.how;
}

static void test_choice(void)
{
	static const struct {
		uint32_t usable;
		int64_t ns[4];
		uint32_t want;
	} cases[] = {
		{ ALL, { 1000, 1000, 1000, 1000 }, IPCCHAN_WRITEBACK_OFF },
		{ ALL, { 1000, 500, 800, 700 }, IPCCHAN_WRITEBACK_CLWB },
		{ ALL, { 1000, 800, 500, 700 }, IPCCHAN_WRITEBACK_CLFLUSHOPT },
		{ ALL, { 1000, 800, 700, 500 }, IPCCHAN_WRITEBACK_CLDEMOTE },
		/* too little to be sure of */
		{ ALL, { 1000, 920, 950, 1000 }, IPCCHAN_WRITEBACK_OFF },
		{ ALL, { 1000, 1500, 3000, 9000 }, IPCCHAN_WRITEBACK_OFF },
		{ ALL, { 1000, 1500, 3000, 500 }, IPCCHAN_WRITEBACK_CLDEMOTE },
		/* what the CPU has not is not tried */
		{ 1, { 1000, 1, 1, 1 }, IPCCHAN_WRITEBACK_OFF },
		{ 3, { 1000, 800, 1, 1 }, IPCCHAN_WRITEBACK_CLWB },
		{ 9, { 1000, 1, 1, 800 }, IPCCHAN_WRITEBACK_CLDEMOTE },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(probe(0, cases[i].usable, cases[i].ns), cases[i].want);
		EXPECT_EQ(probe(-3 * (uint64_t)ROUND, cases[i].usable, cases[i].ns),
			  cases[i].want);
	}
}

/* What was chosen is looked at again: another way pays now. */
static void test_again(void)
{
	static const int64_t before[] = { 1000, 500, 800, 2000 };
	static const int64_t after[] = { 1000, 1500, 2000, 500 };
	struct ipcchan_writer writer;
	uint64_t pos;

	EXPECT_EQ(ipcchan_writer_set(&writer, IPCCHAN_WRITEBACK_PROBE, ALL, 0), 0);
	pos = run_probe(&writer, 0, ALL, before);
	EXPECT_EQ(writer.how, IPCCHAN_WRITEBACK_CLWB);
	EXPECT(writer.next - pos < 20000ULL * ROUND);
	pos = writer.next;
	ipcchan_writer_step(&writer, pos, ROUND, 5000);
	EXPECT_EQ(writer.probing, 1);
	EXPECT_EQ(writer.how, IPCCHAN_WRITEBACK_OFF);
	EXPECT_EQ(writer.next, pos + ROUND);
	run_probe(&writer, pos, ALL, after);
	EXPECT_EQ(writer.how, IPCCHAN_WRITEBACK_CLDEMOTE);
}

/*
 * Rounds in which there was nothing for a while are not measured: of each @of of them @idle,
 * in which all but one way seem to take no time.  Return: what is chosen.
 */
static uint32_t probe_idle(struct ipcchan_writer *writer, int idle, int of)
{
	static const int64_t ns[] = { 1000, 500, 1000, 1000 };
	int64_t now = 1000;
	uint64_t pos;

	for (steps = 0; writer->probing && steps < 1000; steps++) {
		pos = writer->next;
		if (steps / 2 % of < idle) {
			now += writer->how == IPCCHAN_WRITEBACK_CLWB ? 5000 : 1;
			ipcchan_writer_idle(writer, INT64_MAX);
		} else {
			now += ns[writer->how];
		}
		ipcchan_writer_step(writer, pos, ROUND, now);
	}
	EXPECT(steps < 1000);
	return writer->how;
}

/* Of a round, the little in which there was nothing is left out. */
static void test_little_idle(void)
{
	static const int64_t ns[] = { 900, 870, 1000, 1000 };
	struct ipcchan_writer writer;
	int64_t now = 1000;

	EXPECT_EQ(ipcchan_writer_set(&writer, IPCCHAN_WRITEBACK_PROBE, ALL, 0), 0);
	for (steps = 0; writer.probing && steps < 100; steps++) {
		now += ns[writer.how];
		if (writer.how == IPCCHAN_WRITEBACK_OFF) {
			ipcchan_writer_idle(&writer, 110);
			now += 110;
		}
		ipcchan_writer_step(&writer, writer.next, ROUND, now);
	}
	EXPECT_EQ(writer.how, IPCCHAN_WRITEBACK_OFF);
	EXPECT(steps <= 40);
}

static void test_idle(void)
{
	struct ipcchan_writer writer;

	EXPECT_EQ(ipcchan_writer_set(&writer, IPCCHAN_WRITEBACK_PROBE, ALL, 0), 0);
	EXPECT_EQ(probe_idle(&writer, 0, 1), IPCCHAN_WRITEBACK_CLWB);
	EXPECT_EQ(ipcchan_writer_set(&writer, IPCCHAN_WRITEBACK_PROBE, ALL, 0), 0);
	EXPECT_EQ(probe_idle(&writer, 1, 2), IPCCHAN_WRITEBACK_CLWB);
	/* nothing is known, as before; and what was known is */
	EXPECT_EQ(ipcchan_writer_set(&writer, IPCCHAN_WRITEBACK_PROBE, ALL, 0), 0);
	EXPECT_EQ(probe_idle(&writer, 1, 1), IPCCHAN_WRITEBACK_OFF);
	ipcchan_writer_step(&writer, writer.next, ROUND, 5000);
	EXPECT_EQ(probe_idle(&writer, 0, 1), IPCCHAN_WRITEBACK_CLWB);
	ipcchan_writer_step(&writer, writer.next, ROUND, 5000);
	EXPECT_EQ(writer.how, IPCCHAN_WRITEBACK_OFF);
	EXPECT_EQ(probe_idle(&writer, 1, 1), IPCCHAN_WRITEBACK_CLWB);
	EXPECT_EQ(writer.probing, 0);
}

/* One round of a ring whose producer seldom has something to send */
static void seldom(struct ipcchan_ring *prod, struct ipcchan_ring *cons, bool armed)
{
	unsigned char msg[56] = { 0 };
	int i;

	if (armed) {
		EXPECT_EQ(ipcchan_ring_arm(cons, 0), 1);
		ipcchan_ring_disarm(cons);
	} else {
		EXPECT_EQ(ipcchan_ring_wait(cons, 0, 1), -ETIMEDOUT);
	}
	/* by chance more seldom while nothing is written back */
	if (cons->writer.how == IPCCHAN_WRITEBACK_OFF)
		usleep(1000);
	for (i = 0; i < 4096 / 64; i++) {
		EXPECT_EQ(ipcchan_ring_send(prod, msg, sizeof(msg), 0), 0);
		EXPECT_EQ(ipcchan_ring_recv(cons, msg, sizeof(msg), 0), sizeof(msg));
	}
}

static void test_seldom(void)
{
	struct ipcchan_ring prod, cons;
	struct ipcchan_ring_shared *shared;
	int armed, i;

	for (armed = 0; armed < 2; armed++) {
		shared = ring_new(4096, 0, 0);
		EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
		EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
		for (i = 0; i < 50; i++)
			seldom(&prod, &cons, armed);
		EXPECT_EQ(ipcchan_ring_writeback(&cons), IPCCHAN_WRITEBACK_OFF);
	}
}

/* What the caller has chosen is not, whatever the time. */
static void test_for_good(void)
{
	struct ipcchan_writer writer;

	EXPECT_EQ(ipcchan_writer_set(&writer, IPCCHAN_WRITEBACK_CLWB, ALL, 0), 0);
	EXPECT((int64_t)writer.next > INT64_MAX / 4);
	ipcchan_writer_step(&writer, writer.next, ROUND, 5000);
	EXPECT_EQ(writer.probing, 0);
	EXPECT_EQ(writer.how, IPCCHAN_WRITEBACK_CLWB);
}

/* what is far worse than nothing costs two rounds, not five */
static void test_hopeless(void)
{
	static const struct {
		int64_t ns[4];
		int rounds;
	} cases[] = {
		{ { 1000, 1000, 1000, 1000 }, 20 }, { { 1000, 500, 900, 1100 }, 20 },
		{ { 1000, 2000, 1000, 1000 }, 17 }, { { 1000, 1500, 3000, 500 }, 14 },
		{ { 1000, 2000, 2000, 2000 }, 11 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		probe(0, ALL, cases[i].ns);
		/* each is one to let pass, and one that is measured */
		EXPECT_EQ(steps, 2 * cases[i].rounds);
	}
}

static void test_set(void)
{
	struct ipcchan_ring_shared *shared = ring_new(4096, 0, 0);
	uint32_t usable = ipcchan_writer_cpu(), how;
	struct ipcchan_ring prod, cons;

	EXPECT(usable & 1);
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(ipcchan_ring_set_writeback(&prod, IPCCHAN_WRITEBACK_OFF), -EINVAL);
	EXPECT_EQ(ipcchan_ring_set_writeback(&cons, (enum ipcchan_writeback)5), -EINVAL);
	EXPECT_EQ(ipcchan_ring_writeback(&cons), usable == 1 ? IPCCHAN_WRITEBACK_OFF :
							 IPCCHAN_WRITEBACK_PROBE);
	for (how = 0; how < IPCCHAN_WRITEBACK_PROBE; how++) {
		int want = usable & 1U << how ? 0 : -EOPNOTSUPP;

		EXPECT_EQ(ipcchan_ring_set_writeback(&cons, (enum ipcchan_writeback)how),
			  want);
		if (!want)
			EXPECT_EQ(ipcchan_ring_writeback(&cons), how);
	}
	shared->tail = 4;
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), -EBADMSG);
	EXPECT_EQ(ipcchan_ring_set_writeback(&cons, IPCCHAN_WRITEBACK_OFF), -EBADMSG);
}

/* Send messages of any length round and round a small ring that ends at a page. */
static void messages(enum ipcchan_writeback how)
{
	struct ipcchan_ring_shared *shared = ring_new(4096, 0, -3 * 4096ULL);
	unsigned char in[512], out[512];
	struct ipcchan_ring prod, cons;
	uint64_t seq, taken = 0;
	size_t len;

	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(ipcchan_ring_set_writeback(&cons, how), 0);
	for (seq = 0; seq < SCALE(40000) && !tap_failures; seq++) {
		len = msg_len(seq, 512);
		msg_fill(in, len, seq);
		while (ipcchan_ring_send(&prod, in, len, 0) == -ETIMEDOUT) {
			len = msg_len(taken, 512);
			EXPECT_EQ(ipcchan_ring_recv(&cons, out, 512, 0), len);
			EXPECT(msg_ok(out, len, taken));
			taken++;
			len = msg_len(seq, 512);
			if (tap_failures)
				return;
		}
	}
	if (how == IPCCHAN_WRITEBACK_PROBE)
		printf("# the probe has chosen %s\n",
		       names[ipcchan_ring_writeback(&cons) % 4]);
	EXPECT(ipcchan_ring_writeback(&cons) != IPCCHAN_WRITEBACK_PROBE);
}

static void test_messages(void)
{
	uint32_t how;

	for (how = 0; how <= IPCCHAN_WRITEBACK_PROBE; how++)
		if (how == IPCCHAN_WRITEBACK_PROBE || ipcchan_writer_cpu() & 1U << how)
			messages((enum ipcchan_writeback)how);
}

static const struct tap_test tests[] = {
	{ "what the probe chooses", test_choice },
	{ "a choice is looked at again", test_again },
	{ "rounds that take long", test_long },
	{ "nothing to measure", test_idle },
	{ "little that is not to be measured", test_little_idle },
	{ "a producer that seldom sends", test_seldom },
	{ "the caller's choice is for good", test_for_good },
	{ "what is hopeless is not tried to the end", test_hopeless },
	{ "what the caller chooses", test_set },
	{ "messages under each choice", test_messages },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
