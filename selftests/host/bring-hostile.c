// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile peer of a broadcast ring: whatever is in the shared memory, a call gives an
 * error that is documented or a message that lies inside of a slot, and ends.  Run under
 * AddressSanitizer too; the memory ends at a page that nobody may touch.
 */
#include "claim-hostile.h"

static struct ipcchan_bring prod, reader;

static void setup(void)
{
	mem = bring_new(SLOTS, MSG_SIZE, 0);
	EXPECT_EQ(bring_producer(&prod, &mem), 0);
	EXPECT_EQ(bring_reader(&reader, &mem), 0);
	claims[0] = &prod.c;
	claims[1] = &reader.c;
}

/* the reader is at position 4, of lap 1, and the cursor at @tail */
static void bad_for_reader(uint64_t slot0, uint64_t tail, int want)
{
	const void *msg;

	setup();
	*slot_word(0) = slot0;
	mem.shared->cursor[0].word = tail << 16;
	EXPECT_EQ(ipcchan_bring_peek(&reader, &msg, NULL), want);
	if (want != -EBADMSG)
		return;
	*slot_word(0) = 0;
	EXPECT_EQ(ipcchan_bring_peek(&reader, &msg, NULL), want);
	EXPECT_EQ(ipcchan_bring_release(&reader), want);
	EXPECT_EQ(ipcchan_bring_wait(&reader, SEC), want);
	EXPECT_EQ(ipcchan_bring_recv(&reader, (char[8]){ 0 }, 8, SEC, NULL), want);
}

static void test_reader(void)
{
	bad_for_reader(WORD(1, IPCCHAN_SLOT_READY, 8), 5, 8);
	bad_for_reader(WORD(1, IPCCHAN_SLOT_WRITING, 8), 5, -EAGAIN);
	bad_for_reader(WORD(1, IPCCHAN_SLOT_FREE, 8), 5, -EAGAIN);
	bad_for_reader(WORD(1, IPCCHAN_SLOT_READY, 0), 5, -EBADMSG);
	bad_for_reader(WORD(1, IPCCHAN_SLOT_READY, MSG_SIZE + 1), 5, -EBADMSG);
	bad_for_reader(WORD(1, IPCCHAN_SLOT_READY, IPCCHAN_SLOT_LEN_MASK), 5, -EBADMSG);
	/* overwritten, says the slot; the cursor does not say so, or goes back */
	bad_for_reader(WORD(2, IPCCHAN_SLOT_READY, 8), 5, -EBADMSG);
	bad_for_reader(WORD(2, IPCCHAN_SLOT_READY, 8), 8, -EBADMSG);
	bad_for_reader(WORD(2, IPCCHAN_SLOT_READY, 8), 3, -EBADMSG);
	bad_for_reader(WORD(2, IPCCHAN_SLOT_READY, 8), 0, -EBADMSG);
	bad_for_reader(~0ULL, 1ULL << 47, -EAGAIN);
}

static void scribble(uint64_t *state)
{
	struct ipcchan_claim_shared *s = mem.shared;
	uint64_t r = rnd(state), value = rnd(state), pos = r >> 8 & 63;
	uint64_t near = __atomic_load_n(&s->cursor[0].word, __ATOMIC_RELAXED) >> 16;
	struct ipcchan_claim_peer *peer = &s->peers[r >> 24 & 3];

	switch (r % 8) {
	case 0:
		scribble_byte(s, mem.size, r >> 8, value);
		break;
	case 1:
		__atomic_store_n(&s->readers, (uint32_t)value, __ATOMIC_RELAXED);
		__atomic_store_n(&s->sleepers[0], value, __ATOMIC_RELAXED);
		break;
	case 2:
		__atomic_store_n(&s->cursor[0].word, near_cursor(near, value),
				 __ATOMIC_RELAXED);
		break;
	case 3:
		__atomic_store_n(&peer->claim[r >> 28 & 1], near_claim(near, value),
				 __ATOMIC_RELAXED);
		__atomic_store_n(&peer->role, (uint32_t)(value >> 16) % 4, __ATOMIC_RELAXED);
		break;
	default:
		__atomic_store_n(slot_word(pos), near_slot(near, value), __ATOMIC_RELAXED);
	}
}

static void try_read(uint64_t r)
{
	unsigned char buf[MSG_SIZE];
	const void *msg;
	ssize_t len;

	if (r & 1) {
		len = ipcchan_bring_recv(&reader, buf, sizeof(buf), r % 64 == 1, NULL);
	} else {
		len = ipcchan_bring_peek(&reader, &msg, NULL);
		if (len > 0) {
			memcpy(buf, msg, (size_t)len);
			check_error(ipcchan_bring_release(&reader), -ESTALE);
		}
	}
	check_error(len, -ESTALE);
	seen.received += len > 0;
	EXPECT(len <= (ssize_t)MSG_SIZE);
}

static void try_send(uint64_t r)
{
	unsigned char buf[MSG_SIZE] = { 1 };
	int ret = ipcchan_bring_send(&prod, buf, 1 + r % MSG_SIZE, 0);

	check_error(ret, -ESTALE);
	seen.sent += !ret;
}

static void renew(uint64_t r)
{
	if (!worn_out(r))
		return;
	ipcchan_bring_detach(&prod);
	ipcchan_bring_detach(&reader);
	if (r % 4)
		EXPECT_EQ(ipcchan_bring_format(mem.shared, mem.size, MSG_SIZE, 0,
					       &mem.life), 0);
	/* what these say depends on what is there; they must not touch what is not */
	bring_producer(&prod, &mem);
	bring_reader(&reader, &mem);
}

static void use_both(uint64_t *state, bool between)
{
	uint64_t r = rnd(state);

	if (between && r % 4 == 0)
		scribble(state);
	try_send(r >> 8);
	try_read(r >> 16);
	if (r % 128 == 1)
		check_error(ipcchan_bring_recover(&reader), -ESTALE);
	renew(r >> 32);
}

static const struct tap_test tests[] = {
	{ "a reader's words", test_reader },
	{ "anything, between the calls", test_between },
	{ "anything, beside the calls", test_beside },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
