// SPDX-License-Identifier: GPL-2.0
/*
 * What a handle of either ring keeps from one call to the next.  Linked with --wrap:
 * where the library asks how much time is left, a hostile peer acts.
 */
#include "../../user/lib/peer.h"
#include "slots-util.h"

static struct ipcchan_ring_shared *ring;
static struct ipcchan_ring prod, cons;
static struct ipcchan_slots_shared *slots;
static struct ipcchan_slots out, in;

static void setup(void)
{
	ring = ring_new(256, 0, 0);
	EXPECT_EQ(ring_attach(&prod, ring, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, ring, IPCCHAN_RING_CONSUMER), 0);
	slots = slots_new(8, 24, 0, 0);
	EXPECT_EQ(slots_attach(&out, slots, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(slots_attach(&in, slots, IPCCHAN_RING_CONSUMER), 0);
}

int64_t __real_ipcchan_time_left_ns(int64_t deadline);
int64_t __wrap_ipcchan_time_left_ns(int64_t deadline);
void __wrap_ipcchan_peer_close(struct ipcchan_peer *peer);
void __real_ipcchan_peer_close(struct ipcchan_peer *peer);

/* the word of a message that comes and goes, by how often it does */
static ipcchan_ring_word *flickers;
static int comes;

#define COMES_MAX	100

int64_t __wrap_ipcchan_time_left_ns(int64_t deadline)
{
	if (!flickers)
		return __real_ipcchan_time_left_ns(deadline);
	comes++;
	*flickers = 8ULL << 32 | 1;
	return 0;
}

/* a wait has found the message */
void __wrap_ipcchan_peer_close(struct ipcchan_peer *peer)
{
	__real_ipcchan_peer_close(peer);
	if (flickers && comes < COMES_MAX)
		*flickers = (uint32_t)(1 - slots->count);
}

/* a message that is there whenever a wait looks, and gone when it is to be taken */
static void test_flicker(void)
{
	char buf[64];

	setup();
	flickers = slots_word(slots, 0);
	comes = 0;
	EXPECT_EQ(ipcchan_slots_recv(&in, buf, sizeof(buf), MSEC), -ETIMEDOUT);
	EXPECT_EQ(comes, 1);
	comes = 0;
	EXPECT_EQ(ipcchan_slots_recv_many(&in, buf, 8, 2, MSEC), -ETIMEDOUT);
	EXPECT_EQ(comes, 1);
	flickers = NULL;
}

/* what was pending is not published, nor given back, behind an error */
static void test_pending(void)
{
	const void *msg;
	void *room;

	setup();
	while (!ipcchan_ring_send(&prod, pattern(0), 100, 0))
		;
	EXPECT_EQ(ipcchan_ring_reserve(&prod, 8, &room), 0);
	ring->head = 4;
	EXPECT_EQ(ipcchan_ring_wait(&prod, 100, 0), -EBADMSG);
	EXPECT_EQ(ipcchan_ring_commit(&prod), -EBADMSG);

	EXPECT_EQ(ipcchan_slots_send(&out, pattern(0), 8, 0), 0);
	EXPECT_EQ(ipcchan_slots_peek(&in, &msg), 8);
	*slots_word(slots, 0) = 77;
	EXPECT_EQ(ipcchan_slots_wait(&in, 0), -EBADMSG);
	EXPECT_EQ(ipcchan_slots_release(&in), -EBADMSG);
	EXPECT_EQ(slots->head, 0);
}

/* a wait that may last, behind two messages or more, leaves the pauses; behind fewer not */
static void test_pauses(void)
{
	int i;

	setup();
	cons.peer.pace = 3;
	prod.peer.pace = 3;
	in.peer.pace = 3;
	out.peer.pace = 3;
	EXPECT_EQ(ipcchan_ring_wait(&cons, 0, 0), -ETIMEDOUT);
	EXPECT_EQ(cons.peer.rest, 0);
	EXPECT_EQ(ipcchan_ring_wait(&cons, 0, MSEC), -ETIMEDOUT);
	EXPECT(cons.peer.rest > 0);
	EXPECT_EQ(ipcchan_slots_wait(&in, 0), -ETIMEDOUT);
	EXPECT_EQ(in.peer.rest, 0);
	EXPECT_EQ(ipcchan_slots_wait(&in, MSEC), -ETIMEDOUT);
	EXPECT(in.peer.rest > 0);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(ipcchan_ring_send(&prod, pattern(0), 8, 0), 0);
		EXPECT_EQ(ipcchan_slots_send(&out, pattern(0), 8, 0), 0);
	}
	EXPECT_EQ(ipcchan_ring_wait(&prod, 8, MSEC), 0);
	EXPECT_EQ(prod.peer.rest, 0);
	EXPECT_EQ(ipcchan_ring_wait(&prod, 8, MSEC), 0);
	EXPECT(prod.peer.rest > 0);
	EXPECT_EQ(ipcchan_slots_wait(&out, MSEC), 0);
	EXPECT_EQ(out.peer.rest, 0);
	EXPECT_EQ(ipcchan_slots_wait(&out, MSEC), 0);
	EXPECT(out.peer.rest > 0);
}

/* each call on a handle of the other side; nothing moves by it */
static void test_wrong_side(void)
{
	static char buf[64];
	struct iovec vec = { buf, 24 };

	setup();
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(0), 24, 0), 0);
	EXPECT_EQ(ipcchan_ring_recv(&prod, buf, 64, 0), -EINVAL);
	EXPECT_EQ(ipcchan_ring_recv_many(&prod, &vec, 1, 0), -EINVAL);
	EXPECT_EQ(ipcchan_ring_recv_many(&prod, &vec, 0, 0), -EINVAL);
	EXPECT_EQ(ipcchan_ring_send(&cons, buf, 24, 0), -EINVAL);
	EXPECT_EQ(ipcchan_ring_send_many(&cons, &vec, 1, 0), -EINVAL);
	EXPECT_EQ(ring->tail, 32);
	EXPECT_EQ(ring->head, 0);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 24);

	EXPECT_EQ(ipcchan_slots_send(&out, pattern(0), 24, 0), 0);
	EXPECT_EQ(ipcchan_slots_recv(&out, buf, 64, 0), -EINVAL);
	EXPECT_EQ(ipcchan_slots_recv_many(&out, buf, 24, 1, 0), -EINVAL);
	EXPECT_EQ(ipcchan_slots_send(&in, buf, 24, 0), -EINVAL);
	EXPECT_EQ(ipcchan_slots_send_many(&in, buf, 24, 1, 0), -EINVAL);
	EXPECT_EQ(ipcchan_slots_send_many(&in, buf, 24, 0, 0), -EINVAL);
	EXPECT_EQ(slots->head, 0);
	EXPECT_EQ((uint32_t)*slots_word(slots, 1), (uint32_t)(2 - slots->count));
	EXPECT_EQ(ipcchan_slots_recv(&in, buf, 64, 0), 24);
	/* an error is told first */
	ring->layout++;
	EXPECT_EQ(ring_attach(&cons, ring, IPCCHAN_RING_CONSUMER), -EPROTO);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), -EPROTO);
}

static const struct tap_test tests[] = {
	{ "nothing is pending behind an error", test_pending },
	{ "pauses before a wait", test_pauses },
	{ "a handle of the other side", test_wrong_side },
	{ "a message that comes and goes", test_flicker },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
