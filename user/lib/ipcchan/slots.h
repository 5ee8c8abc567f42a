/* SPDX-License-Identifier: MIT */
/*
 * Single-producer single-consumer ring of slots of one size, for latency: a
 * message and the word that publishes it are in one cache line, so that one line
 * goes from one CPU to the other where <ipcchan/ring.h> needs two.
 *
 * struct ipcchan_slots is one side's private handle.  It may be used by one
 * thread at a time; two handles in one process belong on different cache lines.
 * The shared memory may be written by a hostile peer: no call reads or writes
 * outside of it, or loops past its timeout; what does not make sense is reported
 * as -EBADMSG, now and by every later call, and of a channel's buffer once to who
 * listens, as with the other ring.  As there, the calls that copy refuse a handle of
 * the other side with -EINVAL, and those in place do not look.
 *
 * Layout (Documentation/ring-layout.rst has it byte by byte).  Positions count
 * messages, with 64 bits, and are never masked: position modulo the number of
 * slots, a power of two, is the slot.  A slot is a 64-bit word and the message
 * behind it.  The word's high half is the message's length, its low half the
 * sequence number: position + 1 when the slot holds the message of that position,
 * as much less as there are slots while it does not yet; both modulo 2^32.  The
 * consumer writes no slot, so that it needs no line for itself alone; it tells how
 * far it is by @head, which the producer reads only when it has used up what it
 * knows to be free.  That sequence numbers make a queue of slots is Dmitry
 * Vyukov's idea (bounded MPMC queue, 2010); one producer needs no second number
 * that says that a slot is free.
 *
 * Batches.  A message is seen as soon as its word is written: what commit_more
 * saves is the full fence and the look whether the consumer sleeps.  It wakes one
 * that is seen to sleep without the fence; for one that went to sleep just before,
 * the next commit, flush, wait, or reserve that finds no room makes up for it.
 * ipcchan_slots_send_many() looks behind 64 messages, and with the fence at its end.
 * The consumer's release_more publishes when an eighth of the slots is held back
 * and when a peek finds nothing.
 *
 * Trust.  Each side takes its position from shared memory once, at attach: the
 * consumer that of @head, the producer that behind the published slots from @head
 * on.  Each shared word is loaded once for each decision, and the copy is checked
 * and used.  What memory may be shared with a hostile peer is said in <ipcchan/ring.h>.
 *
 * How a peer that sleeps is woken is described in <ipcchan/peer.h>.
 */
#ifndef IPCCHAN_SLOTS_H
#define IPCCHAN_SLOTS_H

#include <ipcchan/ring.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define IPCCHAN_SLOTS_MAGIC	0x53435049U	/* "IPCS" */
#define IPCCHAN_SLOTS_LAYOUT	1U
#define IPCCHAN_SLOTS_MAX_LEN	1016U
#define IPCCHAN_SLOTS_MIN_COUNT	4U
#define IPCCHAN_SLOTS_MAX_COUNT	(1U << 22)

/**
 * struct ipcchan_slots_shared - what the two sides share, at the start of the memory
 * @magic: IPCCHAN_SLOTS_MAGIC, written last
 * @layout: IPCCHAN_SLOTS_LAYOUT
 * @count: number of slots, a power of two
 * @slot_size: bytes of a slot with its word, a power of two from 16
 * @flags: IPCCHAN_RING_SPIN or 0
 * @reserved0: zero, as is the other
 * @head: position of the oldest message, written by the consumer
 * @reserved1: the rest of the consumer's line
 * @peers: by which the sides, enum ipcchan_ring_side, wait and wake
 * @data: the slots
 */
struct ipcchan_slots_shared {
	uint32_t magic;
	uint32_t layout;
	uint32_t count;
	uint32_t slot_size;
	uint32_t flags;
	uint32_t reserved0[27];
	uint64_t head;
	uint64_t reserved1[15];
	struct ipcchan_peer_shared peers;
#ifndef __cplusplus
	char data[];	/* C++ has no such member */
#endif
};

/**
 * struct ipcchan_slots - one side's handle; all fields are private
 * @own: this side's position
 * @limit: producer: how far @own may go, by what is known of the consumer;
 *	consumer: where it last found nothing
 * @done: producer: the consumer has been woken up to here; consumer: the position
 *	that the producer knows
 * @waited: @own at the last wait
 * @data: the slots
 * @mask: number of slots - 1
 * @shift: a slot has 1 << @shift bytes
 * @max_len: longest message, bytes
 * @len: of the pending message, 0 when none is pending
 * @hold: messages whose release may be held back
 * @close: consumer: for so many messages after it has found nothing no lines are
 *	fetched ahead; it may be on the producer's heels
 * @head: where the consumer publishes
 * @err: 0, or the error that every call returns
 * @side: which side this is
 * @peer: how this side waits for the other
 */
struct ipcchan_slots {
	uint64_t own;
	uint64_t limit;
	uint64_t done;
	uint64_t waited;
	char *data;
	uint64_t mask;
	uint32_t shift;
	uint32_t max_len;
	uint32_t len;
	uint32_t hold;
	uint64_t close;
	uint64_t *head;
	int err;
	enum ipcchan_ring_side side;
	struct ipcchan_peer peer;
};

/**
 * ipcchan_slots_mem_size() - bytes of shared memory for a ring of slots
 * @count: messages, rounded up to a power of two and to IPCCHAN_SLOTS_MIN_COUNT
 * @len: longest message, bytes; a slot has 8 more, and at least 16 in all, rounded
 *	up to a power of two: 8, 24 and 56 waste nothing
 *
 * Return: bytes, 0 when @count is 0 or above IPCCHAN_SLOTS_MAX_COUNT, or @len 0 or
 * above IPCCHAN_SLOTS_MAX_LEN.
 */
size_t ipcchan_slots_mem_size(size_t count, size_t len);

/**
 * ipcchan_slots_format() - make an empty ring, before either side attaches
 * @mem: 64-aligned
 * @size: bytes at @mem; the largest power of two of slots that fits is their number
 * @len: as for ipcchan_slots_mem_size()
 * @flags: IPCCHAN_RING_SPIN or 0
 *
 * Return: 0; -EINVAL (alignment, size too small, length, unknown flag).
 */
int ipcchan_slots_format(void *mem, size_t size, size_t len, uint32_t flags);

/**
 * ipcchan_slots_attach() - become one side of a formatted ring
 * @slots: out
 * @mem: 64-aligned and writable, by the consumer too, who writes its position:
 *	over a channel's buffer both sides need IPCCHAN_ROLE_SEND
 * @size: bytes at @mem, at least those that the ring was formatted with
 * @side: which one; each is one thread's at a time
 * @bell: what to sleep on, copied; may be NULL for a ring with IPCCHAN_RING_SPIN
 *
 * A side may be given up and attached again, by another process: it goes on
 * where the last one stopped.  What had been committed is there, what had only
 * been reserved is not, and what had been received but not released comes again.
 * A sleeping peer is woken: the last holder of this side may have died between
 * publishing and waking.
 *
 * Return: 0; -EINVAL (alignment, side, no bell), -EPROTO (not a ring of slots,
 * other layout, larger than @size), or what the bell's wake says.
 */
int ipcchan_slots_attach(struct ipcchan_slots *slots, void *mem, size_t size,
			 enum ipcchan_ring_side side,
			 const struct ipcchan_bell *bell);

/**
 * ipcchan_slots_set_wait() - choose what this side does while it waits
 * @slots: either side's handle
 * @mode: from now on; IPCCHAN_WAIT_ADAPTIVE after attach, IPCCHAN_WAIT_SPIN on a
 *	ring with IPCCHAN_RING_SPIN
 *
 * Return: 0; -EINVAL (no such mode, or one that sleeps on a ring with
 * IPCCHAN_RING_SPIN), or the handle's error.
 */
int ipcchan_slots_set_wait(struct ipcchan_slots *slots, enum ipcchan_wait_mode mode);

/**
 * ipcchan_slots_wait() - wait until the ring may be worth another try
 * @slots: either side's handle
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * Publishes what is held back.  Sleeps at most once, and may return early.
 *
 * Return: 0; -ETIMEDOUT, -EINTR, -EINVAL (@timeout_ns below IPCCHAN_WAIT_FOREVER),
 * -EBADMSG, or what the bell's wait says.
 */
int ipcchan_slots_wait(struct ipcchan_slots *slots, int64_t timeout_ns);

/**
 * ipcchan_slots_send() - copy one message in, waiting for room
 * @slots: the producer's handle
 * @msg: what to send
 * @len: bytes, 1 to ipcchan_slots_max_len()
 * @timeout_ns: nanoseconds in all, 0 to try once, IPCCHAN_WAIT_FOREVER
 *
 * Return: 0; -EINVAL (the consumer's handle), as ipcchan_slots_reserve(),
 * ipcchan_slots_wait() and ipcchan_slots_commit(), but -ETIMEDOUT instead of -EAGAIN.
 */
int ipcchan_slots_send(struct ipcchan_slots *slots, const void *msg, size_t len,
		       int64_t timeout_ns);

/**
 * ipcchan_slots_recv() - copy one message out, waiting for it
 * @slots: the consumer's handle
 * @buf: out, the message
 * @size: bytes of room at @buf
 * @timeout_ns: as for ipcchan_slots_send()
 *
 * Return: bytes; -EMSGSIZE (it is longer than @size and stays), -EINVAL (the
 * producer's handle), as ipcchan_slots_peek() and ipcchan_slots_wait(), but -ETIMEDOUT
 * instead of -EAGAIN.
 */
ssize_t ipcchan_slots_recv(struct ipcchan_slots *slots, void *buf, size_t size,
			   int64_t timeout_ns);

/**
 * ipcchan_slots_send_many() - copy messages of one length in
 * @slots: the producer's handle
 * @msgs: the messages, one behind the other
 * @len: bytes of each
 * @count: number of messages
 * @timeout_ns: as for ipcchan_slots_send(), for all of them
 *
 * Return: messages sent, less than @count when the rest would take too long; as
 * ipcchan_slots_send() when that is true of the first; -EINVAL (the consumer's handle);
 * 0 for none.
 */
ssize_t ipcchan_slots_send_many(struct ipcchan_slots *slots, const void *msgs,
				size_t len, unsigned int count, int64_t timeout_ns);

/**
 * ipcchan_slots_recv_many() - copy messages of one length out, released together
 * @slots: the consumer's handle
 * @msgs: out, the messages, one behind the other
 * @len: bytes of each
 * @count: room at @msgs, messages
 * @timeout_ns: as for ipcchan_slots_recv(), for the first of them
 *
 * Waits for the first message only, and takes what is there.
 *
 * Return: messages received, less than @count when there are no more or the next
 * has another length; -EMSGSIZE when the first has, otherwise as
 * ipcchan_slots_recv(); -EINVAL (the producer's handle); 0 for none.
 */
ssize_t ipcchan_slots_recv_many(struct ipcchan_slots *slots, void *msgs, size_t len,
				unsigned int count, int64_t timeout_ns);

/* The next two are out-of-line parts of what follows, not to be called directly. */

/**
 * ipcchan_slots_fail() - make an error that of every later call
 * @slots: either side's handle
 * @err: negative errno
 *
 * Return: @err.
 */
int ipcchan_slots_fail(struct ipcchan_slots *slots, int err);

/**
 * ipcchan_slots_wake() - wake the peer if it sleeps
 * @slots: either side's handle
 *
 * Return: 0, or what the bell's wake says.
 */
int ipcchan_slots_wake(struct ipcchan_slots *slots);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#include <ipcchan/slots_inline.h>

#endif /* IPCCHAN_SLOTS_H */
