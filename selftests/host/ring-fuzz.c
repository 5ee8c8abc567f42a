// SPDX-License-Identifier: GPL-2.0
/*
 * A target for libFuzzer: the input is what a hostile peer writes into the memory
 * of a ring, and the calls that are made meanwhile. Each must end, stay inside of
 * the memory, and give what is documented. Run by ring-fuzz.sh.
 */
#include "fuzz.h"
#include "slots-util.h"

#define RING_CAPACITY	512U
#define SLOTS_COUNT	8U
#define SLOT_LEN	24U
#define SIDES		2

static char *mem;
static size_t mem_size;

static bool inside(const void *msg, size_t len, size_t max)
{
	const char *at = msg;

	return len > 0 && len <= max && at > mem && at + len <= mem + mem_size;
}

/* A hostile write: a word or a byte, often one that nearly makes sense. */
static void scribble(uint64_t position)
{
	size_t at = take(2) % mem_size;
	uint64_t value;

	switch (take(1) % 4) {
	case 0:
		mem[at] = (char)take(1);
		return;
	case 1:
		value = take(8);
		break;
	case 2:
		value = position + take(2) - (1U << 15);
		break;
	default:
		value = take(1) << 32 | take(1);
		if (value & 1)
			value = (value >> 32 & 2 ? IPCCHAN_RING_REC_PAD :
				 (uint64_t)IPCCHAN_RING_REC_MSG) << 32 | value % 1024;
	}
	memcpy(mem + at / 8 * 8, &value, sizeof(value));
}

static struct ipcchan_ring ring[SIDES];
static struct ipcchan_slots slots[SIDES];

static bool failed(ssize_t ret)
{
	return ret == -EBADMSG || ret == -EPROTO;
}

static void ring_produce(struct ipcchan_ring *prod, unsigned int what)
{
	static unsigned char bytes[RING_CAPACITY];
	struct iovec msgs[3] = { { bytes, take(1) }, { bytes, 8 }, { bytes, take(1) } };
	size_t len = take(2) % (RING_CAPACITY / 2);
	void *room;
	ssize_t ret;

	switch (what % 4) {
	case 0:
		ret = ipcchan_ring_send(prod, bytes, len, 0);
		CHECK(!ret || ret == -ETIMEDOUT || ret == -EMSGSIZE || failed(ret));
		break;
	case 1:
		ret = ipcchan_ring_send_many(prod, msgs, 3, 0);
		CHECK((ret > 0 && ret <= 3) || ret == -ETIMEDOUT ||
		      ret == -EMSGSIZE || failed(ret));
		break;
	case 2:
		ret = ipcchan_ring_reserve(prod, len, &room);
		CHECK(!ret || ret == -EAGAIN || ret == -EMSGSIZE || failed(ret));
		if (ret)
			break;
		CHECK(inside(room, len, RING_CAPACITY));
		memset(room, 1, len);
		CHECK(!ipcchan_ring_commit_more(prod));
		break;
	default:
		ret = ipcchan_ring_wait(prod, len, 0);
		CHECK(!ret || ret == -ETIMEDOUT || ret == -EMSGSIZE || failed(ret));
		ret = ipcchan_ring_flush(prod);
		CHECK(!ret || failed(ret));
	}
}

static void ring_consume(struct ipcchan_ring *cons, unsigned int what)
{
	unsigned char bytes[3][RING_CAPACITY];
	struct iovec msgs[3] = { { bytes[0], RING_CAPACITY }, { bytes[1], take(1) },
				 { bytes[2], RING_CAPACITY } };
	const void *msg;
	ssize_t ret;

	switch (what % 4) {
	case 0:
		ret = ipcchan_ring_recv(cons, bytes, take(2) % sizeof(bytes), 0);
		CHECK(ret > 0 || ret == -ETIMEDOUT || ret == -EMSGSIZE || failed(ret));
		break;
	case 1:
		ret = ipcchan_ring_recv_many(cons, msgs, 3, 0);
		CHECK((ret > 0 && ret <= 3) || ret == -ETIMEDOUT ||
		      ret == -EMSGSIZE || failed(ret));
		break;
	case 2:
		ret = ipcchan_ring_peek(cons, &msg);
		CHECK(ret > 0 || ret == -EAGAIN || failed(ret));
		if (ret < 0)
			break;
		CHECK(inside(msg, (size_t)ret, ipcchan_ring_max_len(cons)));
		read_all(msg, (size_t)ret);
		CHECK(!ipcchan_ring_release_more(cons));
		break;
	default:
		ret = ipcchan_ring_wait(cons, 0, 0);
		CHECK(!ret || ret == -ETIMEDOUT || failed(ret));
		ret = ipcchan_ring_flush(cons);
		CHECK(!ret || failed(ret));
	}
}

static void slots_produce(struct ipcchan_slots *prod, unsigned int what)
{
	static const unsigned char bytes[3 * 256];
	size_t len = take(1);
	void *room;
	ssize_t ret;

	switch (what % 4) {
	case 0:
		ret = ipcchan_slots_send(prod, bytes, len, 0);
		CHECK(!ret || ret == -ETIMEDOUT || ret == -EMSGSIZE || failed(ret));
		break;
	case 1:
		ret = ipcchan_slots_send_many(prod, bytes, len, 3, 0);
		CHECK((ret > 0 && ret <= 3) || ret == -ETIMEDOUT ||
		      ret == -EMSGSIZE || failed(ret));
		break;
	case 2:
		ret = ipcchan_slots_reserve(prod, len, &room);
		CHECK(!ret || ret == -EAGAIN || ret == -EMSGSIZE || failed(ret));
		if (ret)
			break;
		CHECK(inside(room, len, ipcchan_slots_max_len(prod)));
		memset(room, 1, len);
		CHECK(!ipcchan_slots_commit_more(prod));
		break;
	default:
		ret = ipcchan_slots_wait(prod, 0);
		CHECK(!ret || ret == -ETIMEDOUT || failed(ret));
		ret = ipcchan_slots_flush(prod);
		CHECK(!ret || failed(ret));
	}
}

static void slots_consume(struct ipcchan_slots *cons, unsigned int what)
{
	unsigned char bytes[3 * IPCCHAN_SLOTS_MAX_LEN];
	const void *msg;
	ssize_t ret;

	switch (what % 4) {
	case 0:
		ret = ipcchan_slots_recv(cons, bytes, take(1), 0);
		CHECK(ret > 0 || ret == -ETIMEDOUT || ret == -EMSGSIZE || failed(ret));
		break;
	case 1:
		ret = ipcchan_slots_recv_many(cons, bytes, take(1) % 64, 3, 0);
		CHECK((ret > 0 && ret <= 3) || ret == -ETIMEDOUT ||
		      ret == -EMSGSIZE || failed(ret));
		break;
	case 2:
		ret = ipcchan_slots_peek(cons, &msg);
		CHECK(ret > 0 || ret == -EAGAIN || failed(ret));
		if (ret < 0)
			break;
		CHECK(inside(msg, (size_t)ret, ipcchan_slots_max_len(cons)));
		read_all(msg, (size_t)ret);
		CHECK(!ipcchan_slots_release_more(cons));
		break;
	default:
		ret = ipcchan_slots_wait(cons, 0);
		CHECK(!ret || ret == -ETIMEDOUT || failed(ret));
		ret = ipcchan_slots_flush(cons);
		CHECK(!ret || failed(ret));
	}
}

/* Take @side; one that cannot be taken stays as it fails. */
static void attach(bool use_slots, enum ipcchan_ring_side side)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	int ret = use_slots ?
		  ipcchan_slots_attach(&slots[side], mem, mem_size, side, &bell) :
		  ipcchan_ring_attach(&ring[side], mem, mem_size, side, &bell);

	CHECK(!ret || failed(ret));
}

static uint64_t position(bool use_slots)
{
	const char *at = mem + (use_slots ?
				offsetof(struct ipcchan_slots_shared, head) :
				offsetof(struct ipcchan_ring_shared, head));
	uint64_t pos;

	memcpy(&pos, at, sizeof(pos));
	return pos;
}

static void step(bool use_slots)
{
	unsigned int what = (unsigned int)take(1);

	switch (what % 8) {
	case 0:
		attach(use_slots, (enum ipcchan_ring_side)(what >> 3 & 1));
		break;
	case 1 ... 2:
		scribble(position(use_slots));
		break;
	case 3 ... 4:
		if (use_slots)
			slots_produce(&slots[IPCCHAN_RING_PRODUCER], what >> 3);
		else
			ring_produce(&ring[IPCCHAN_RING_PRODUCER], what >> 3);
		break;
	default:
		if (use_slots)
			slots_consume(&slots[IPCCHAN_RING_CONSUMER], what >> 3);
		else
			ring_consume(&ring[IPCCHAN_RING_CONSUMER], what >> 3);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ipcchan_ring_shared *ring_mem;
	static struct ipcchan_slots_shared *slots_mem;
	bool use_slots;

	if (!ring_mem) {
		ring_mem = ring_new(RING_CAPACITY, 0, 0);
		slots_mem = slots_new(SLOTS_COUNT, SLOT_LEN, 0, 0);
	}
	input = data;
	input_left = size;
	use_slots = take(1) & 1;
	if (use_slots) {
		mem = (char *)slots_mem;
		mem_size = ipcchan_slots_mem_size(SLOTS_COUNT, SLOT_LEN);
		CHECK(!ipcchan_slots_format(mem, mem_size, SLOT_LEN, 0));
	} else {
		mem = (char *)ring_mem;
		mem_size = ipcchan_ring_mem_size(RING_CAPACITY);
		CHECK(!ipcchan_ring_format(mem, mem_size, 0));
		/* to either end of the numbers */
		ring_mem->head = (take(1) - 128) * 8;
		ring_mem->tail = ring_mem->head;
	}
	attach(use_slots, IPCCHAN_RING_PRODUCER);
	attach(use_slots, IPCCHAN_RING_CONSUMER);
	while (input_left)
		step(use_slots);
	return 0;
}
