// SPDX-License-Identifier: GPL-2.0
/*
 * Death at every instruction.  A child does one thing with a ring; it is killed before its
 * first instruction, before its second, and so on to the last, and behind it.  Each
 * time the survivors must find what was committed, once, and a ring that works.
 */
#include "mring-util.h"
#include "step-every.h"

#define SLOTS		4U
#define LEN		24U
#define NONE		0

/* what the victim says of itself */
struct notes {
	uint32_t taken[SLOTS + 1];	/* seen by the victim, by message number */
	uint32_t released[SLOTS + 1];
};

/* a victim's operation, and what surrounds it */
struct scene {
	const char *name;
	void (*setup)(void);	/* by the parent, with the survivors attached */
	void (*attach)(void);	/* by the victim, not traced */
	void (*op)(void);	/* by the victim, step by step */
	void (*check)(void);	/* by the parent, before all are read */
	uint32_t sent;		/* messages 1 to this that survivors committed */
	uint32_t victims;	/* the victim sends the next so many */
	bool takes;		/* it receives */
};

static struct mring_mem mem;
static struct notes *notes;
static struct ipcchan_mring prod, cons, victim, other;
/* how often each message came, and came with the word that it is given again */
static uint32_t got[64], again[64];
static const struct scene *scene;

static void send(struct ipcchan_mring *ring, uint64_t seq)
{
	unsigned char buf[LEN];

	msg_fill(buf, LEN, seq);
	EXPECT_EQ(ipcchan_mring_send(ring, buf, LEN, 0), 0);
}

static uint64_t number_of(const void *msg, size_t len)
{
	uint64_t seq;

	memcpy(&seq, msg, sizeof(seq));
	if (len != LEN || seq >= ARRAY_SIZE(got) || !msg_ok(msg, LEN, seq)) {
		TAP_REPORT("step %d: a torn or stale message", step);
		return NONE;
	}
	return seq;
}

/* A surviving consumer's messages, until there are none */
static void drain(struct ipcchan_mring *ring, int64_t timeout_ns)
{
	unsigned char buf[256];
	ssize_t len;
	uint64_t seq;

	while ((len = ipcchan_mring_recv(ring, buf, sizeof(buf), timeout_ns)) > 0) {
		seq = number_of(buf, (size_t)len);
		got[seq]++;
		again[seq] += (uint32_t)ipcchan_mring_again(ring);
		timeout_ns = 0;
	}
	EXPECT_EQ(len, -ETIMEDOUT);
}

/* Two laps by survivors: what nobody can use any more would show. */
static void check_usable(void)
{
	uint32_t i;

	for (i = 0; i < 2 * SLOTS; i++) {
		send(&prod, 40 + i);
		if (i % SLOTS == SLOTS - 1)
			drain(&cons, 0);
	}
	for (i = 0; i < 2 * SLOTS; i++)
		if (got[40 + i] != 1)
			TAP_REPORT("step %d: the ring cannot be used afterwards", step);
}

static void expect_count(uint32_t seq, uint32_t least, uint32_t most)
{
	if (got[seq] < least || got[seq] > most)
		TAP_REPORT("step %d: message %u came %u times, not %u to %u", step, seq,
			   got[seq], least, most);
}

static void check_messages(void)
{
	uint32_t i, last = scene->sent + scene->victims;

	for (i = 1; i <= scene->sent; i++) {
		/* released, or about to be, by one who had seen it */
		if (scene->takes && notes->taken[i])
			expect_count(i, 0, !notes->released[i]);
		else
			expect_count(i, 1, 1);
		if (again[i] != (got[i] && notes->taken[i]) && !scene->takes)
			TAP_REPORT("step %d: message %u said to come again", step, i);
		if (notes->taken[i] && got[i])
			EXPECT_EQ(again[i], 1);
	}
	for (; i <= last; i++)
		expect_count(i, *step_done, 1);
	EXPECT_EQ(got[NONE], 0);
}

/* A new ring, with survivors and what the scene wants */
static void set_up(void)
{
	memset(notes, 0, sizeof(*notes));
	memset(got, 0, sizeof(got));
	memset(again, 0, sizeof(again));
	EXPECT_EQ(mring_format(&mem, LEN, 0), 0);
	mring_start_at(&mem, -3ULL);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	if (scene->setup)
		scene->setup();
}

static void close_survivors(void)
{
	ipcchan_mring_close(&prod);
	ipcchan_mring_close(&cons);
	ipcchan_mring_close(&other);
}

static void survive(void)
{
	if (scene->check)
		scene->check();
	/* one that waits finds the dead by itself, but not at once */
	if (step % 64) {
		EXPECT(ipcchan_mring_recover(&cons) >= 0);
		drain(&cons, 0);
	} else {
		drain(&cons, 0);
		drain(&cons, 15 * MSEC);
	}
	check_messages();
	check_usable();
}

static void every_step(void)
{
	const struct step_scene frame = {
		set_up, scene->attach, scene->op, survive, close_survivors,
	};

	if (!step_can())
		return;
	pattern_init();
	mem = mring_new(SLOTS, LEN, 0);
	notes = shared_mem(4096, true);
	other.c.fd = -1;
	step_every(&frame);
}

static void attach_producer(void)
{
	EXPECT_EQ(mring_producer(&victim, &mem), 0);
}

static void attach_consumer(void)
{
	EXPECT_EQ(mring_consumer(&victim, &mem), 0);
}

static void op_send(void)
{
	void *room;

	if (!ipcchan_mring_reserve(&victim, LEN, &room)) {
		msg_fill(room, LEN, 2);
		ipcchan_mring_commit(&victim);
	}
}

static void op_send_batch(void)
{
	struct iovec vec[3] = { { NULL, LEN }, { NULL, LEN }, { NULL, LEN } };
	int i;

	if (ipcchan_mring_reserve_batch(&victim, vec, 3) == 3) {
		for (i = 0; i < 3; i++)
			msg_fill(vec[i].iov_base, LEN, 2 + (uint64_t)i);
		ipcchan_mring_commit(&victim);
	}
}

static uint64_t take(const void *msg, size_t len)
{
	uint64_t seq = number_of(msg, len);

	notes->taken[seq] = 1;
	return seq;
}

static void op_recv(void)
{
	const void *msg;
	ssize_t len = ipcchan_mring_peek(&victim, &msg);
	uint64_t seq;

	if (len > 0) {
		seq = take(msg, (size_t)len);
		ipcchan_mring_release(&victim);
		notes->released[seq] = 1;
	}
}

static void op_recv_two(void)
{
	op_recv();
	op_recv();
}

static void op_recv_batch(void)
{
	struct iovec vec[2];
	uint64_t first, second;

	if (ipcchan_mring_peek_batch(&victim, vec, 2) == 2) {
		first = take(vec[0].iov_base, vec[0].iov_len);
		second = take(vec[1].iov_base, vec[1].iov_len);
		ipcchan_mring_release(&victim);
		notes->released[first] = 1;
		notes->released[second] = 1;
	}
}

static void op_detach(void)
{
	ipcchan_mring_detach(&victim);
}

static void op_recover(void)
{
	EXPECT(ipcchan_mring_recover(&victim) >= 0);
}

static void setup_one(void)
{
	send(&prod, 1);
}

static void setup_three(void)
{
	uint64_t i;

	for (i = 1; i <= 3; i++)
		send(&prod, i);
}

/* Somebody sleeps, or died asleep: there is somebody to wake. */
static void setup_sleeper(void)
{
	setup_one();
	mem.shared->sleepers[IPCCHAN_CLAIM_CONSUMER] = 1ULL << (cons.c.owner - 1);
	cons.c.own->waiting = 1;
}

/* The claim before is known by the cursor only: its owner was stopped just behind it. */
static void setup_helped(void)
{
	void *room;

	setup_one();
	EXPECT_EQ(mring_producer(&other, &mem), 0);
	EXPECT_EQ(ipcchan_mring_reserve(&other, LEN, &room), 0);
	msg_fill(room, LEN, 3);
	other.c.own->claim[other.c.side] = 0;
}

/* Where the victim has claimed, it must have written down that claim. */
static void check_written_down(void)
{
	if (mem.shared->cursor[other.c.side].word >> 16 != (other.c.pos + 1) << 16 >> 16)
		EXPECT_EQ(other.c.own->claim[other.c.side],
			  ipcchan_claim_make(other.c.pos, 1));
}

static void check_helped(void)
{
	check_written_down();
	if (step % 2) {
		EXPECT_EQ(ipcchan_mring_commit(&other), 0);
		return;
	}
	/* or it dies, too */
	ipcchan_mring_close(&other);
	got[3]++;
}

/* the same on the receiving side */
static void setup_helped_recv(void)
{
	const void *msg;

	setup_three();
	EXPECT_EQ(mring_consumer(&other, &mem), 0);
	EXPECT_EQ(ipcchan_mring_peek(&other, &msg), LEN);
	other.c.own->claim[other.c.side] = 0;
}

static void check_helped_recv(void)
{
	check_written_down();
	if (step % 2) {
		EXPECT_EQ(ipcchan_mring_release(&other), 0);
		got[1]++;
		return;
	}
	/* its message goes to another */
	ipcchan_mring_close(&other);
}

static void reserve_in(struct ipcchan_mring *ring)
{
	void *room;

	EXPECT_EQ(ipcchan_mring_reserve(ring, LEN, &room), 0);
}

static void attach_and_reserve(void)
{
	attach_producer();
	reserve_in(&victim);
}

static void attach_and_peek(void)
{
	const void *msg;

	attach_consumer();
	EXPECT_EQ(ipcchan_mring_peek(&victim, &msg), LEN);
	notes->taken[1] = 1;
}

/* a producer that died with a claim known by the cursor only, before messages */
static void setup_dead_producer(void)
{
	uint64_t before;

	EXPECT_EQ(mring_producer(&other, &mem), 0);
	before = other.c.own->claim[IPCCHAN_CLAIM_PRODUCER];
	reserve_in(&other);
	other.c.own->claim[other.c.side] = before;
	ipcchan_mring_close(&other);
	setup_one();
}

static void setup_dead_consumer(void)
{
	const void *msg;

	setup_three();
	EXPECT_EQ(mring_consumer(&other, &mem), 0);
	EXPECT_EQ(ipcchan_mring_peek(&other, &msg), LEN);
	ipcchan_mring_close(&other);
}

/* Two messages are the victim's to give out again, and then those behind them. */
static void attach_and_adopt(void)
{
	struct iovec vec[2];

	attach_consumer();
	EXPECT_EQ(mring_consumer(&other, &mem), 0);
	EXPECT_EQ(ipcchan_mring_peek_batch(&other, vec, 2), 2);
	ipcchan_mring_close(&other);
	EXPECT_EQ(ipcchan_mring_recover(&victim), 1);
}

/* A producer has found what a dead consumer had, and has offered it. */
static void attach_and_offer(void)
{
	const void *msg;

	attach_consumer();
	EXPECT_EQ(mring_consumer(&other, &mem), 0);
	EXPECT_EQ(ipcchan_mring_peek(&other, &msg), LEN);
	ipcchan_mring_close(&other);
	EXPECT_EQ(mring_producer(&other, &mem), 0);
	ipcchan_mring_detach(&other);
	EXPECT_EQ(mem.shared->orphans, 1);
}

/* It has found it already as it came: what it says then is taken back. */
static void attach_offerer(void)
{
	attach_producer();
	mem.shared->orphans = 0;
}

/* Consumers are told of what the victim leaves to them, when it comes so far. */
static void check_offered(void)
{
	if (*step_done)
		EXPECT_EQ(mem.shared->orphans, 1);
}

static const struct scene scenes[] = {
	{ "send", setup_one, attach_producer, op_send, NULL, 1, 1, false },
	{ "send with somebody asleep", setup_sleeper, attach_producer, op_send, NULL, 1, 1,
	  false },
	{ "send a batch", setup_one, attach_producer, op_send_batch, NULL, 1, 3, false },
	{ "send behind a claim that is not written down", setup_helped, attach_producer,
	  op_send, check_helped, 1, 1, false },
	{ "receive", setup_three, attach_consumer, op_recv, NULL, 3, 0, true },
	{ "receive a batch", setup_three, attach_consumer, op_recv_batch, NULL, 3, 0, true },
	{ "receive behind a claim that is not written down", setup_helped_recv,
	  attach_consumer, op_recv, check_helped_recv, 3, 0, true },
	{ "attach a producer", setup_three, NULL, attach_producer, NULL, 3, 0, false },
	{ "attach a consumer", setup_three, NULL, attach_consumer, NULL, 3, 0, false },
	{ "detach a producer", setup_three, attach_and_reserve, op_detach, NULL, 3, 0, false },
	{ "detach a consumer", setup_three, attach_and_peek, op_detach, NULL, 3, 0, true },
	{ "repair for a dead producer", setup_dead_producer, attach_consumer, op_recover,
	  NULL, 1, 0, false },
	{ "attach over a dead producer", setup_dead_producer, NULL, attach_producer, NULL,
	  1, 0, false },
	{ "repair for a dead consumer", setup_dead_consumer, attach_consumer, op_recover,
	  NULL, 3, 0, true },
	{ "attach over a dead consumer", setup_dead_consumer, NULL, attach_consumer, NULL,
	  3, 0, true },
	{ "receive what is given again", setup_three, attach_and_adopt, op_recv_two, NULL, 3, 0,
	  true },
	{ "offer what a dead consumer had", setup_dead_consumer, attach_offerer, op_recover,
	  check_offered, 3, 0, true },
	{ "receive what is offered", setup_three, attach_and_offer, op_recv_two, NULL, 3, 0,
	  true },
	{ "detach with what is given again", setup_three, attach_and_adopt, op_detach,
	  check_offered, 3, 0, true },
};

static void run_next(void)
{
	static size_t next;

	scene = &scenes[next++];
	every_step();
}

int main(int argc, char **argv)
{
	static struct tap_test tests[ARRAY_SIZE(scenes)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scenes); i++)
		tests[i] = (struct tap_test){ scenes[i].name, run_next };
	return tap_main(argc, argv, tests, (int)ARRAY_SIZE(scenes), 300);
}
