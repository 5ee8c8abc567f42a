// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile peer of a ring for several: whatever is in the shared memory, a call gives an
 * error that is documented or a message that lies inside of a slot, and ends.  Run under
 * AddressSanitizer too; the memory ends at a page that nobody may touch.
 *
 * Linked with --wrap: whoever tries an entry's lock is counted, and hindered.
 */
#include "claim-hostile.h"

static struct ipcchan_mring prod, cons;

#define CURSOR(pos, owner, count)	((uint64_t)(pos) << 16 | (owner) << 8 | (count))

static void setup(void)
{
	mem = mring_new(SLOTS, MSG_SIZE, 0);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	claims[0] = &prod.c;
	claims[1] = &cons.c;
}

static void bad_for_producer(uint64_t slot0, uint64_t tail, int want)
{
	void *room;

	setup();
	*slot_word(0) = slot0;
	mem.shared->cursor[0].word = tail;
	EXPECT_EQ(ipcchan_mring_reserve(&prod, 8, &room), want);
	if (want != -EBADMSG)
		return;
	*slot_word(0) = 0;
	mem.shared->cursor[0].word = 0;
	EXPECT_EQ(ipcchan_mring_reserve(&prod, 8, &room), want);
	EXPECT_EQ(ipcchan_mring_commit(&prod), want);
	EXPECT_EQ(ipcchan_mring_wait(&prod, SEC), want);
	EXPECT_EQ(ipcchan_mring_recover(&prod), want);
}

static void test_producer(void)
{
	bad_for_producer(0, 0, 0);
	/* messages where nobody has claimed, laps that are to come or long gone */
	bad_for_producer(WORD(0, IPCCHAN_SLOT_READY, 8), 0, -EBADMSG);
	bad_for_producer(WORD(0, IPCCHAN_SLOT_FREE, 8), 0, -EBADMSG);
	bad_for_producer(WORD(1, IPCCHAN_SLOT_FREE, 0), 0, -EBADMSG);
	bad_for_producer(WORD(2, IPCCHAN_SLOT_FREE, 0), CURSOR(0, 1, 1), -EBADMSG);
	bad_for_producer(WORD(77, IPCCHAN_SLOT_FREE, 0), CURSOR(8, 1, 1), -EBADMSG);
	bad_for_producer(0, CURSOR(8, 1, 1), -EBADMSG);
	/* the lap before: full */
	bad_for_producer(0, CURSOR(4, 1, 1), -EAGAIN);
	/* owners that there are not */
	bad_for_producer(0, CURSOR(0, 65, 1), -EBADMSG);
	bad_for_producer(0, CURSOR(0, 255, 255), -EBADMSG);
	bad_for_producer(0, CURSOR(0, 64, 255), 0);
}

static void bad_for_consumer(uint64_t slot0, uint64_t head, int want)
{
	struct iovec vec[2];
	const void *msg;
	char buf[8];

	setup();
	*slot_word(0) = slot0;
	mem.shared->cursor[1].word = head;
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), want);
	setup();
	*slot_word(0) = slot0;
	mem.shared->cursor[1].word = head;
	EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 2), want > 0 ? 1 : want);
	if (want != -EBADMSG)
		return;
	*slot_word(0) = 0;
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), want);
	EXPECT_EQ(ipcchan_mring_release(&cons), want);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 8, SEC), want);
}

static void test_consumer(void)
{
	bad_for_consumer(WORD(0, IPCCHAN_SLOT_READY, 8), 0, 8);
	bad_for_consumer(WORD(0, IPCCHAN_SLOT_READY, MSG_SIZE), 0, MSG_SIZE);
	bad_for_consumer(WORD(0, IPCCHAN_SLOT_FREE, 8), 0, -EAGAIN);
	bad_for_consumer(WORD(0, IPCCHAN_SLOT_WRITING, 8), 0, -EAGAIN);
	bad_for_consumer(WORD(0, IPCCHAN_SLOT_SKIP, 8), 0, -EAGAIN);
	bad_for_consumer(WORD(0, IPCCHAN_SLOT_READY, 0), 0, -EBADMSG);
	bad_for_consumer(WORD(0, IPCCHAN_SLOT_READY, MSG_SIZE + 1), 0, -EBADMSG);
	bad_for_consumer(WORD(0, IPCCHAN_SLOT_READY, IPCCHAN_SLOT_LEN_MASK), 0, -EBADMSG);
	bad_for_consumer(WORD(1, IPCCHAN_SLOT_READY, 8), 0, -EBADMSG);
	bad_for_consumer(WORD(5, IPCCHAN_SLOT_READY, 8), CURSOR(8, 0, 0), -EBADMSG);
	bad_for_consumer(WORD(0, IPCCHAN_SLOT_READY, 8), CURSOR(0, 99, 9), -EBADMSG);
}

/* entries of the dead, with claims of anything */
static void test_entries(void)
{
	static const uint64_t claims[] = {
		0, CURSOR(0, 1, 1), CURSOR(0, 2, 255), CURSOR(1ULL << 47, 2, 64),
		CURSOR(-1ULL, 1, 65), ~0ULL, CURSOR(2, 255, 4), CURSOR(0, 2, 1),
	};
	static const uint32_t roles[] = { 1, 2, 3, 0x80000000, ~0U };
	char buf[MSG_SIZE];
	size_t i, j;
	int k;

	for (i = 0; i < ARRAY_SIZE(claims); i++) {
		for (j = 0; j < ARRAY_SIZE(roles); j++) {
			setup();
			EXPECT_EQ(ipcchan_mring_send(&prod, pattern(1), 8, 0), 0);
			mem.shared->peers[9].claim[0] = claims[i];
			mem.shared->peers[9].claim[1] = claims[i];
			mem.shared->peers[9].role = roles[j];
			mem.shared->sleepers[0] = ~0ULL;
			mem.shared->sleepers[1] = ~0ULL;
			EXPECT_EQ(ipcchan_mring_recover(&cons), 1);
			for (k = 0; k < 80; k++) {
				ssize_t len = ipcchan_mring_recv(&cons, buf, sizeof(buf), 0);

				EXPECT(len == 8 || len == -ETIMEDOUT || len == -EBADMSG);
			}
			EXPECT_EQ(cons.c.adopted, 0);
			ipcchan_mring_detach(&prod);
			ipcchan_mring_detach(&cons);
		}
	}
}

int __real_ipcchan_claim_lock(const struct ipcchan_claim *c, uint32_t index);
int __wrap_ipcchan_claim_lock(const struct ipcchan_claim *c, uint32_t index);

/* the entries of nobody */
#define FIRST_DEAD	2

/* what the dead are said to be, 0 for no hindrance; the message that is theirs for a moment */
static uint32_t dead_role, locks;
static uint64_t *fleeting, fleeting_word;

/* Each look for the dead undoes what the last has settled. */
int __wrap_ipcchan_claim_lock(const struct ipcchan_claim *c, uint32_t index)
{
	uint32_t i;

	locks++;
	if (dead_role) {
		mem.shared->orphans = 1;
		for (i = FIRST_DEAD; i < IPCCHAN_CLAIM_PEERS; i++)
			mem.shared->peers[i].role = dead_role;
		*fleeting = index == FIRST_DEAD ? fleeting_word : 0;
	}
	return __real_ipcchan_claim_lock(c, index);
}

/* Receive without waiting where the first @skips slots are to be stepped over. */
static void hinder(uint32_t skips, uint32_t role, bool batch)
{
	uint32_t slots = 8192, i;
	struct iovec vec[2];
	const void *msg;

	mem = mring_new(slots, MSG_SIZE, 0);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	for (i = 0; i < skips; i++)
		*word_at(i) = WORD(0, IPCCHAN_SLOT_SKIP, 0);
	fleeting = word_at(slots - 1);
	fleeting_word = WORD(0, IPCCHAN_SLOT_READY, 8);
	mem.shared->peers[FIRST_DEAD].claim[1] = CURSOR(slots - 1, 0, 1);
	dead_role = role;
	mem.shared->orphans = 1;
	locks = 0;
	if (batch)
		EXPECT_EQ(ipcchan_mring_peek_batch(&cons, vec, 2), -EAGAIN);
	else
		EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), -EAGAIN);
	EXPECT(locks <= 3 * IPCCHAN_CLAIM_PEERS);
	dead_role = 0;
	ipcchan_mring_detach(&prod);
	ipcchan_mring_detach(&cons);
}

static void test_system_calls(void)
{
	hinder(8191, 3, false);
	hinder(8191, 3, true);
	hinder(0, IPCCHAN_CLAIM_CONSUMER + 1, false);
	hinder(0, IPCCHAN_CLAIM_CONSUMER + 1, true);
}

static void scribble(uint64_t *state)
{
	struct ipcchan_claim_shared *s = mem.shared;
	uint64_t r = rnd(state), value = rnd(state), pos = r >> 8 & 63;
	uint64_t *cursor = &s->cursor[r >> 20 & 1].word;
	struct ipcchan_claim_peer *peer = &s->peers[r >> 24 & 3];
	/* the word that would be right, more or less */
	uint64_t near = __atomic_load_n(cursor, __ATOMIC_RELAXED) >> 16;

	switch (r % 16) {
	case 0:
		scribble_byte(s, mem.size, r >> 8, value);
		break;
	case 1:
		scribble_word(s, mem.size, r >> 8, value);
		break;
	case 2:
		__atomic_store_n(&s->sleepers[r >> 8 & 1], value, __ATOMIC_RELAXED);
		break;
	case 3 ... 5:
		__atomic_store_n(cursor, near_cursor(near, value), __ATOMIC_RELAXED);
		break;
	case 6:
		__atomic_store_n(&peer->claim[r >> 28 & 1], near_claim(near, value),
				 __ATOMIC_RELAXED);
		break;
	case 7:
		__atomic_store_n(&peer->role, (uint32_t)value % 4, __ATOMIC_RELAXED);
		break;
	default:
		__atomic_store_n(slot_word(pos), near_slot(near, value), __ATOMIC_RELAXED);
	}
}

static void check_message(const void *msg, size_t len)
{
	const char *at = msg;

	if (at < mem.shared->data || (uintptr_t)at % 8 || !len || len > MSG_SIZE ||
	    at + len > (const char *)mem.shared + mem.size) {
		TAP_REPORT("a message outside of the ring, of %zu bytes", len);
		return;
	}
	read_all(msg, len);
	seen.received++;
}

static void try_send(uint64_t r)
{
	struct iovec vec[8];
	void *room;
	int i, ret;

	if (r & 1) {
		for (i = 0; i < 8; i++)
			vec[i].iov_len = 1 + (size_t)(r >> 8) % MSG_SIZE;
		ret = ipcchan_mring_reserve_batch(&prod, vec, 8);
		for (i = 0; i < ret; i++)
			memset(vec[i].iov_base, 1, vec[i].iov_len);
	} else {
		ret = ipcchan_mring_reserve(&prod, MSG_SIZE, &room);
		if (!ret)
			memset(room, 2, MSG_SIZE);
	}
	check_error(ret, 0);
	if (ret < 0)
		return;
	check_error(ipcchan_mring_commit(&prod), 0);
	seen.sent++;
}

static void try_recv(uint64_t r)
{
	struct iovec vec[8];
	const void *msg;
	ssize_t len;
	int i;

	if (r & 1) {
		len = ipcchan_mring_peek_batch(&cons, vec, 8);
		for (i = 0; i < len; i++)
			check_message(vec[i].iov_base, vec[i].iov_len);
	} else {
		len = ipcchan_mring_peek(&cons, &msg);
		if (len > 0)
			check_message(msg, (size_t)len);
	}
	check_error(len, 0);
	if (len > 0)
		check_error(ipcchan_mring_release(&cons), 0);
}

static void try_wait(void)
{
	char buf[MSG_SIZE];
	ssize_t len = ipcchan_mring_recv(&cons, buf, sizeof(buf), MSEC);

	check_error(len, 0);
	EXPECT(len <= (ssize_t)MSG_SIZE);
}

static void renew(uint64_t r)
{
	if (!worn_out(r))
		return;
	ipcchan_mring_detach(&prod);
	ipcchan_mring_detach(&cons);
	if (r % 4)
		EXPECT_EQ(mring_format(&mem, MSG_SIZE, 0), 0);
	/* what these say depends on what is there; they must not touch what is not */
	mring_producer(&prod, &mem);
	mring_consumer(&cons, &mem);
}

static void use_both(uint64_t *state, bool between)
{
	uint64_t r = rnd(state);

	if (between && r % 4 == 0)
		scribble(state);
	try_send(r >> 8);
	try_recv(r >> 16);
	if (r % 256 == 0)
		try_wait();
	if (r % 128 == 1)
		check_error(ipcchan_mring_recover(&cons), 0);
	renew(r >> 32);
}

static const struct tap_test tests[] = {
	{ "a producer's words", test_producer },
	{ "a consumer's words", test_consumer },
	{ "entries of the dead", test_entries },
	{ "how many system calls one call makes", test_system_calls },
	{ "anything, between the calls", test_between },
	{ "anything, beside the calls", test_beside },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
