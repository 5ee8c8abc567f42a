// SPDX-License-Identifier: GPL-2.0
/*
 * A target for libFuzzer: the input is what a hostile peer writes into the memory of a
 * ring for several, and the calls that are made meanwhile.  Each must end, stay inside of
 * the memory, and give what is documented.  Run by mring-fuzz.sh.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <ipcchan/bring.h>
#include <ipcchan/mring.h>

#include "fuzz.h"

#define SLOTS		4U
#define MSG_SIZE	56U
#define BATCH		5U

static struct ipcchan_claim_shared *mem;
static size_t mem_size;
static struct ipcchan_claim_life life;

static struct ipcchan_mring prod, cons;
static struct ipcchan_bring sender, reader;

/* A hostile write: where a word is that somebody looks at, and nearly what is right */
static void scribble(void)
{
	uint64_t near = mem->cursor[take(1) % 2].word >> IPCCHAN_CURSOR_POS_SHIFT;
	uint64_t pos = near + take(1) % 16 - 8, value = 0;
	struct ipcchan_claim_peer *peer = &mem->peers[take(1) % 4];

	switch (take(1) % 8) {
	case 0:
		value = take(8);
		memcpy((char *)mem + take(2) % (mem_size / 8) * 8, &value, sizeof(value));
		break;
	case 1:
		((char *)mem)[take(2) % mem_size] = (char)take(1);
		break;
	case 2:
		mem->cursor[take(1) % 2].word = pos << IPCCHAN_CURSOR_POS_SHIFT | take(2);
		break;
	case 3:
		peer->claim[take(1) % 2] = pos << IPCCHAN_CURSOR_POS_SHIFT | take(2);
		break;
	case 4:
		peer->role = (uint32_t)take(1) % 4;
		break;
	case 5:
		mem->sleepers[take(1) % 2] = take(8);
		mem->readers = (uint32_t)take(1);
		break;
	default:
		value = pos / SLOTS << IPCCHAN_SLOT_LAP_SHIFT |
			take(1) % 4 << IPCCHAN_SLOT_STATE_SHIFT | take(1) % 80;
		memcpy((char *)mem + sizeof(*mem) + pos % SLOTS * 64, &value, sizeof(value));
	}
}

static void check_message(const void *msg, size_t len)
{
	CHECK(len && len <= MSG_SIZE && (const char *)msg > (const char *)mem &&
	      (const char *)msg + len <= (const char *)mem + mem_size);
	read_all(msg, len);
}

/* bad memory, nothing pending, or what attach had said: it has been tried with any memory */
static bool failed(ssize_t ret)
{
	return ret == -EBADMSG || ret == -EINVAL || ret == -EPROTO || ret == -EXDEV ||
		ret == -EUSERS;
}

static void many(unsigned int what)
{
	struct iovec vec[BATCH];
	const void *msg;
	ssize_t ret;
	uint32_t i;

	switch (what % 6) {
	case 0:
		ret = ipcchan_mring_send(&prod, "message", 8, 0);
		CHECK(!ret || ret == -ETIMEDOUT || failed(ret));
		break;
	case 1:
		for (i = 0; i < BATCH; i++)
			vec[i].iov_len = 1 + take(1) % MSG_SIZE;
		ret = ipcchan_mring_reserve_batch(&prod, vec, BATCH);
		CHECK((ret > 0 && ret <= (ssize_t)BATCH) || ret == -EAGAIN || failed(ret));
		for (i = 0; (ssize_t)i < ret; i++) {
			check_message(vec[i].iov_base, vec[i].iov_len);
			memset(vec[i].iov_base, 1, vec[i].iov_len);
		}
		ret = ipcchan_mring_commit(&prod);
		CHECK(!ret || failed(ret));
		break;
	case 2:
		ret = ipcchan_mring_peek(&cons, &msg);
		CHECK(ret > 0 || ret == -EAGAIN || failed(ret));
		if (ret > 0)
			check_message(msg, (size_t)ret);
		ret = ipcchan_mring_release(&cons);
		CHECK(!ret || failed(ret));
		break;
	case 3:
		ret = ipcchan_mring_peek_batch(&cons, vec, BATCH);
		CHECK((ret > 0 && ret <= (ssize_t)BATCH) || ret == -EAGAIN || failed(ret));
		for (i = 0; (ssize_t)i < ret; i++)
			check_message(vec[i].iov_base, vec[i].iov_len);
		ret = ipcchan_mring_release(&cons);
		CHECK(!ret || failed(ret));
		break;
	case 4:
		ret = ipcchan_mring_recover(what & 64 ? &prod : &cons);
		CHECK(ret >= 0 || failed(ret));
		break;
	default:
		ret = ipcchan_mring_wait(what & 64 ? &prod : &cons, 0);
		CHECK(!ret || ret == -ETIMEDOUT || failed(ret));
	}
}

static void broadcast(unsigned int what)
{
	unsigned char buf[MSG_SIZE];
	const void *msg;
	ssize_t ret;
	void *room;

	switch (what % 5) {
	case 0:
		ret = ipcchan_bring_send(&sender, "message", 8, 0);
		CHECK(!ret || ret == -ETIMEDOUT || failed(ret));
		break;
	case 1:
		ret = ipcchan_bring_reserve(&sender, MSG_SIZE, &room);
		CHECK(!ret || ret == -EAGAIN || failed(ret));
		if (!ret)
			memset(room, 1, MSG_SIZE);
		ret = ipcchan_bring_commit(&sender);
		CHECK(!ret || failed(ret));
		break;
	case 2:
		ret = ipcchan_bring_recv(&reader, buf, sizeof(buf), 0, NULL);
		CHECK(ret > 0 || ret == -ETIMEDOUT || failed(ret));
		break;
	case 3:
		ret = ipcchan_bring_peek(&reader, &msg, NULL);
		CHECK(ret > 0 || ret == -EAGAIN || failed(ret));
		if (ret > 0)
			check_message(msg, (size_t)ret);
		ret = ipcchan_bring_release(&reader);
		CHECK(!ret || ret == -ESTALE || failed(ret));
		break;
	default:
		ret = ipcchan_bring_recover(&reader);
		CHECK(ret >= 0 || failed(ret));
	}
}

/* Whatever is there, attaching to it works or does not. */
static void attach(bool to_broadcast)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();

	if (to_broadcast) {
		ipcchan_bring_attach_producer(&sender, mem, mem_size, &bell, &life);
		ipcchan_bring_attach_reader(&reader, mem, mem_size, &bell, &life);
		return;
	}
	ipcchan_mring_attach(&prod, mem, mem_size, IPCCHAN_CLAIM_PRODUCER, &bell, &life);
	ipcchan_mring_attach(&cons, mem, mem_size, IPCCHAN_CLAIM_CONSUMER, &bell, &life);
}

static void detach(bool from_broadcast)
{
	if (from_broadcast) {
		ipcchan_bring_detach(&sender);
		ipcchan_bring_detach(&reader);
		return;
	}
	ipcchan_mring_detach(&prod);
	ipcchan_mring_detach(&cons);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int what;
	bool to_all;

	input = data;
	input_left = size;
	to_all = take(1) & 1;
	if (!mem) {
		mem_size = ipcchan_mring_mem_size(SLOTS, MSG_SIZE);
		mem = aligned_alloc(64, mem_size);
		life.fd = memfd_create("life", MFD_CLOEXEC);
		CHECK(mem && life.fd >= 0);
	}
	CHECK(!(to_all ? ipcchan_bring_format : ipcchan_mring_format)(mem, mem_size, MSG_SIZE,
								      0, &life));
	attach(to_all);
	while (input_left) {
		what = (unsigned int)take(1);
		if (what % 32 == 31) {
			detach(to_all);
			attach(to_all);
		} else if (what & 128) {
			scribble();
		} else if (to_all) {
			broadcast(what);
		} else {
			many(what);
		}
	}
	detach(to_all);
	return 0;
}
