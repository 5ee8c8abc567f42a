// SPDX-License-Identifier: GPL-2.0
/*
 * Death of a broadcast's producer at every instruction.  The readers that are left get what
 * was committed, once and whole, and the ring goes on.
 */
#include "mring-util.h"
#include "step-every.h"

#define SLOTS		4U
#define LEN		36U
#define VICTIMS		2	/* the number of the victim's first message */

static struct mring_mem mem;
static struct ipcchan_bring prod, reader, victim, other;
static uint32_t got[64];
/* of the scene: another producer is stopped before, and the victim sends so many */
static bool behind_stopped;
static uint32_t messages;

static void send(struct ipcchan_bring *ring, uint64_t seq)
{
	unsigned char buf[LEN];

	msg_fill(buf, LEN, seq);
	EXPECT_EQ(ipcchan_bring_send(ring, buf, LEN, 0), 0);
}

static void drain(void)
{
	unsigned char buf[128];
	uint64_t seq = 0, lost = 0;
	ssize_t len;

	while ((len = ipcchan_bring_recv(&reader, buf, sizeof(buf), 0, &lost)) > 0) {
		memcpy(&seq, buf, sizeof(seq));
		if (len != LEN || seq >= ARRAY_SIZE(got) || !msg_ok(buf, LEN, seq)) {
			TAP_REPORT("step %d: a torn or stale message", step);
			return;
		}
		got[seq]++;
		EXPECT_EQ(lost, 0);
	}
	EXPECT_EQ(len, -ETIMEDOUT);
}

static void attach_victim(void)
{
	EXPECT_EQ(bring_producer(&victim, &mem), 0);
}

static void op_copy(void)
{
	send(&victim, VICTIMS);
}

static void op_batch(void)
{
	struct iovec vec[2] = { { NULL, LEN }, { NULL, LEN } };

	if (ipcchan_bring_reserve_batch(&victim, vec, 2) == 2) {
		msg_fill(vec[0].iov_base, LEN, VICTIMS);
		msg_fill(vec[1].iov_base, LEN, VICTIMS + 1);
		ipcchan_bring_commit(&victim);
	}
}

static void set_up(void)
{
	void *room;

	memset(got, 0, sizeof(got));
	EXPECT_EQ(ipcchan_bring_format(mem.shared, mem.size, LEN, 0, &mem.life), 0);
	EXPECT_EQ(bring_producer(&prod, &mem), 0);
	EXPECT_EQ(bring_reader(&reader, &mem), 0);
	send(&prod, 1);
	drain();
	/* a reader sleeps, or has died asleep */
	mem.shared->readers = 1;
	other.c.fd = -1;
	if (!behind_stopped)
		return;
	/* one that was stopped before it could write down what it has claimed */
	EXPECT_EQ(bring_producer(&other, &mem), 0);
	EXPECT_EQ(ipcchan_bring_reserve(&other, LEN, &room), 0);
	msg_fill(room, LEN, 9);
	other.c.own->claim[IPCCHAN_CLAIM_PRODUCER] = 0;
}

static void close_all(void)
{
	ipcchan_bring_close(&prod);
	ipcchan_bring_close(&other);
	ipcchan_bring_close(&reader);
}

static void survive(void)
{
	uint32_t i;

	if (behind_stopped && step % 2) {
		EXPECT_EQ(ipcchan_bring_commit(&other), 0);
		got[9]--;
	} else {
		/* it dies as well */
		ipcchan_bring_close(&other);
	}
	EXPECT(ipcchan_bring_recover(&reader) >= 0);
	drain();
	EXPECT_EQ(got[1], 1);
	EXPECT_EQ(got[9], 0);
	for (i = 0; i < messages; i++)
		if (got[VICTIMS + i] > 1 || got[VICTIMS + i] < *step_done)
			TAP_REPORT("step %d: message %u came %u times", step, i,
				   got[VICTIMS + i]);
	for (i = 0; i < 3 * SLOTS; i++) {
		send(&prod, 40 + i);
		drain();
		EXPECT_EQ(got[40 + i], 1);
	}
}

static void every_step(void (*op)(void), bool behind, uint32_t sends)
{
	const struct step_scene scene = { set_up, attach_victim, op, survive, close_all };

	if (!step_can())
		return;
	pattern_init();
	mem = bring_new(SLOTS, LEN, 0);
	behind_stopped = behind;
	messages = sends;
	step_every(&scene);
}

static void test_copy(void)
{
	every_step(op_copy, false, 1);
}

static void test_batch(void)
{
	every_step(op_batch, false, 2);
}

static void test_helped(void)
{
	every_step(op_copy, true, 1);
}

static const struct tap_test tests[] = {
	{ "send", test_copy },
	{ "send a batch in place", test_batch },
	{ "send behind a claim that is not written down", test_helped },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
