// SPDX-License-Identifier: GPL-2.0
/*
 * Death at every instruction: a process is killed before each one of a whole call. Another
 * takes its side, and finds all that was committed, once, in order, and nothing half
 * done. Linked with --wrap: each wake comes through here.
 */
#include "slots-util.h"
#include "step-util.h"
#include "wrap-bell.h"

#define LEN	24
#define BASE	3	/* messages that are there before */
#define LAST	1000	/* number of the message by which the survivor goes on */

#define SIDES	2

static bool use_slots;
static struct ipcchan_ring_shared *ring_mem;
static struct ipcchan_slots_shared *slots_mem;
static struct ipcchan_ring ring[SIDES];
static struct ipcchan_slots slots[SIDES];

static int wakes;

int __wrap_ipcchan_bell_wait(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t expected,
			     int64_t timeout_ns)
{
	return __real_ipcchan_bell_wait(bell, word, expected, timeout_ns);
}

int __wrap_ipcchan_bell_wake(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t count)
{
	wakes++;
	/* else one that is about to sleep would sleep through it */
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST))
		return -EPROTO;
	return __real_ipcchan_bell_wake(bell, word, count);
}

static uint32_t *waiting(void)
{
	return use_slots ? slots_mem->peers.waiting : ring_mem->peers.waiting;
}

static int attach(enum ipcchan_ring_side side)
{
	return use_slots ? slots_attach(&slots[side], slots_mem, side) :
			   ring_attach(&ring[side], ring_mem, side);
}

static ssize_t send_one(const void *msg)
{
	int ret = use_slots ?
		  ipcchan_slots_send(&slots[IPCCHAN_RING_PRODUCER], msg, LEN, 0) :
		  ipcchan_ring_send(&ring[IPCCHAN_RING_PRODUCER], msg, LEN, 0);

	return ret ? ret : 1;
}

/* Return: messages sent, from number @seq on */
static ssize_t send_many(uint64_t seq, unsigned int count)
{
	unsigned char bytes[4 * LEN];
	struct iovec msgs[4];
	unsigned int i;

	for (i = 0; i < count; i++) {
		msgs[i].iov_base = bytes + i * LEN;
		msgs[i].iov_len = LEN;
		msg_fill(msgs[i].iov_base, LEN, seq + i);
	}
	if (count == 1)
		return send_one(bytes);
	return use_slots ?
	       ipcchan_slots_send_many(&slots[IPCCHAN_RING_PRODUCER], bytes, LEN,
				       count, 0) :
	       ipcchan_ring_send_many(&ring[IPCCHAN_RING_PRODUCER], msgs, count, 0);
}

static ssize_t recv_one(void *msg)
{
	ssize_t len = use_slots ?
		      ipcchan_slots_recv(&slots[IPCCHAN_RING_CONSUMER], msg, LEN, 0) :
		      ipcchan_ring_recv(&ring[IPCCHAN_RING_CONSUMER], msg, LEN, 0);

	return len == LEN ? 1 : len;
}

/* Return: messages received */
static ssize_t recv_many(unsigned char *bytes, unsigned int count)
{
	struct iovec msgs[4];
	unsigned int i;

	for (i = 0; i < count; i++) {
		msgs[i].iov_base = bytes + i * LEN;
		msgs[i].iov_len = LEN;
	}
	if (count == 1)
		return recv_one(bytes);
	return use_slots ?
	       ipcchan_slots_recv_many(&slots[IPCCHAN_RING_CONSUMER], bytes, LEN,
				       count, 0) :
	       ipcchan_ring_recv_many(&ring[IPCCHAN_RING_CONSUMER], msgs, count, 0);
}

enum op {
	PASS,		/* send or receive */
	ATTACH,
	WAIT,		/* for a message, of an empty ring */
	ARM,		/* the same */
};

/* what ends before its end */
static struct call {
	enum ipcchan_ring_side side;
	unsigned int count;	/* of messages */
	enum op op;
} call;

/*
 * Positions begin so that the next message goes over the end of the data, and over
 * 2^64. Both sides are said to sleep, so that the call wakes.
 */
static void make(void)
{
	static const uint64_t ring_start = -16 - BASE * (8 + LEN);
	static const uint64_t slots_start = -1 - BASE;
	uint64_t i;

	if (use_slots) {
		EXPECT_EQ(ipcchan_slots_format(slots_mem, slots_size(slots_mem), LEN, 0),
			  0);
		slots_mem->head = slots_start;
		for (i = slots_start; i != slots_start + slots_mem->count; i++)
			*slots_word(slots_mem, i) = (uint32_t)(i + 1 - slots_mem->count);
	} else {
		EXPECT_EQ(ipcchan_ring_format(ring_mem, ipcchan_ring_mem_size(256), 0), 0);
		ring_mem->head = ring_start;
		ring_mem->tail = ring_start;
	}
	EXPECT_EQ(attach(IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(send_many(0, BASE), BASE);
}

static void victim_attach(void)
{
	unsigned char bytes[4 * LEN];

	if (call.op != ATTACH)
		EXPECT_EQ(attach(call.side), 0);
	if (call.op == WAIT || call.op == ARM) {
		EXPECT_EQ(recv_many(bytes, BASE), BASE);
		EXPECT_EQ(use_slots ? ipcchan_slots_set_wait(&slots[call.side],
							     IPCCHAN_WAIT_SLEEP) :
				      ipcchan_ring_set_wait(&ring[call.side],
							    IPCCHAN_WAIT_SLEEP), 0);
	}
	waiting()[!call.side] = 1;
}

static void victim_call(void)
{
	unsigned char bytes[4 * LEN];

	switch (call.op) {
	case PASS:
		EXPECT_EQ(call.side == IPCCHAN_RING_PRODUCER ?
			  send_many(BASE, call.count) : recv_many(bytes, call.count),
			  call.count);
		break;
	case ATTACH:
		EXPECT_EQ(attach(call.side), 0);
		break;
	case WAIT:
		EXPECT_EQ(use_slots ? ipcchan_slots_wait(&slots[call.side], MSEC) :
				      ipcchan_ring_wait(&ring[call.side], 0, MSEC),
			  -ETIMEDOUT);
		break;
	case ARM:
		EXPECT_EQ(ipcchan_ring_arm(&ring[call.side], 0), 1);
		ipcchan_ring_disarm(&ring[call.side]);
		break;
	}
}

/*
 * Take over, go on, and look at all that is there. Return: how many messages the
 * call had sent or received.
 */
static unsigned int survive(void)
{
	unsigned char msg[4 * LEN];
	uint64_t first = 0, next = 0, seq = 0;
	bool begun = false;

	/* the dead one may have cleared the peer's word, and not have come to the wake */
	wakes = 0;
	EXPECT_EQ(attach(call.side), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(waiting()[!call.side], 0);
	EXPECT_EQ(waiting()[call.side], 0);
	EXPECT_EQ(attach(!call.side), 0);
	EXPECT_EQ(send_many(LAST, 1), 1);
	while (recv_many(msg, 1) == 1) {
		memcpy(&seq, msg, sizeof(seq));
		EXPECT(msg_ok(msg, LEN, seq));
		if (!begun)
			first = seq;
		else if (seq != LAST)
			EXPECT_EQ(seq, next);
		begun = true;
		if (seq == LAST)
			break;
		next = seq + 1;
	}
	EXPECT_EQ(seq, LAST);
	EXPECT_EQ(recv_many(msg, 1), -ETIMEDOUT);
	if (call.side == IPCCHAN_RING_CONSUMER) {
		if (first == LAST)
			return BASE;
		EXPECT_EQ(next, BASE);
		return (unsigned int)first;
	}
	EXPECT_EQ(first, 0);
	EXPECT(next >= BASE);
	return (unsigned int)next - BASE;
}

/* @place is NULL for the end of the call. Return: as survive(). */
static unsigned int kill_at(const struct step_place *place)
{
	make();
	step_kill_at(victim_attach, victim_call, place);
	return survive();
}

static void run_op(bool with_slots, struct call what)
{
	static struct step_place places[PLACES_MAX];
	unsigned int done, most = 0;
	int i, found, partly = 0;

	if (!step_can())
		return;
	use_slots = with_slots;
	call = what;
	make();
	found = step_record(victim_attach, victim_call, places);
	for (i = 0; i < found && !tap_failures; i++) {
		done = kill_at(&places[i]);
		/* what is done stays done; all is where it has come to its end instead */
		EXPECT(done >= (*step_done ? call.count : most) && done <= call.count);
		if (!*step_done)
			most = done;
		partly += done > 0 && done < call.count;
	}
	EXPECT_EQ(kill_at(NULL), call.count);
	printf("# killed at %d places, %d of them with a part of the messages done\n", i,
	       partly);
}

static void run(bool with_slots, enum ipcchan_ring_side side, unsigned int count)
{
	run_op(with_slots, (struct call){ side, count, PASS });
}

static void run_attach(bool with_slots)
{
	run_op(with_slots, (struct call){ IPCCHAN_RING_PRODUCER, 0, ATTACH });
	if (!tap_skip_reason)
		run_op(with_slots, (struct call){ IPCCHAN_RING_CONSUMER, 0, ATTACH });
}

static void test_ring_attach(void)
{
	run_attach(false);
}

static void test_slots_attach(void)
{
	run_attach(true);
}

/* nothing is sent or received by it, and all that there was had been */
static void test_ring_wait(void)
{
	run_op(false, (struct call){ IPCCHAN_RING_CONSUMER, BASE, WAIT });
}

static void test_ring_arm(void)
{
	run_op(false, (struct call){ IPCCHAN_RING_CONSUMER, BASE, ARM });
}

static void test_slots_wait(void)
{
	run_op(true, (struct call){ IPCCHAN_RING_CONSUMER, BASE, WAIT });
}

static void test_ring_send(void)
{
	run(false, IPCCHAN_RING_PRODUCER, 1);
}

static void test_ring_send_many(void)
{
	run(false, IPCCHAN_RING_PRODUCER, 3);
}

static void test_ring_recv(void)
{
	run(false, IPCCHAN_RING_CONSUMER, 1);
}

static void test_ring_recv_many(void)
{
	run(false, IPCCHAN_RING_CONSUMER, 3);
}

static void test_slots_send(void)
{
	run(true, IPCCHAN_RING_PRODUCER, 1);
}

static void test_slots_send_many(void)
{
	run(true, IPCCHAN_RING_PRODUCER, 3);
}

static void test_slots_recv(void)
{
	run(true, IPCCHAN_RING_CONSUMER, 1);
}

static void test_slots_recv_many(void)
{
	run(true, IPCCHAN_RING_CONSUMER, 3);
}

static const struct tap_test tests[] = {
	{ "byte ring: send", test_ring_send },
	{ "byte ring: send three", test_ring_send_many },
	{ "byte ring: receive", test_ring_recv },
	{ "byte ring: receive three", test_ring_recv_many },
	{ "slots: send", test_slots_send },
	{ "slots: send three", test_slots_send_many },
	{ "slots: receive", test_slots_recv },
	{ "slots: receive three", test_slots_recv_many },
	{ "byte ring: take a side", test_ring_attach },
	{ "slots: take a side", test_slots_attach },
	{ "byte ring: wait", test_ring_wait },
	{ "byte ring: arm and disarm", test_ring_arm },
	{ "slots: wait", test_slots_wait },
};

int main(int argc, char **argv)
{
	pattern_init();
	ring_mem = ring_new(256, 0, 0);
	slots_mem = slots_new(8, LEN, 0, 0);
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 300);
}
