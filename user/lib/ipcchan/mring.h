/* SPDX-License-Identifier: MIT */
/*
 * Ring of messages for several producers and several consumers over any shared
 * memory: a channel's buffer, a memfd, a mapped file.  Each message goes to one
 * consumer.
 *
 * struct ipcchan_mring is one participant's private handle.  It may be used by one
 * thread at a time; handles of one process belong on different cache lines.  The
 * shared memory may be written by a hostile peer: no call reads or writes
 * outside of it, or loops past its timeout; what does not make sense is
 * reported as -EBADMSG, now and by every later call, and of a channel's buffer once to who
 * listens, as <ipcchan/ring.h> has it.  A memfd that a hostile peer has needs
 * F_SEAL_SHRINK: see "Trust" there.
 *
 * A message has up to the length that the ring was formatted for.  Layout, memory
 * orders and the proof of a death are described in <ipcchan/claim.h>.
 *
 * A participant may be killed at any instruction.  What it had committed is there, what
 * it had only reserved is not: consumers step over it.  Messages that a consumer had
 * peeked at and not released are given to another consumer, one by one, and
 * ipcchan_mring_again() says so: the dead one may have acted on them or not, and only
 * the program can know which.  The dead are looked for by whoever has waited for
 * a while (10 ms at first, up to IPCCHAN_CLAIM_NAP_NS), or waits again and again and has
 * not looked for as long, at attach, and by ipcchan_mring_recover(); not by one who spins
 * and always finds something at its first looks.  A participant that
 * is stopped, but alive, holds up those who come to its slot.
 *
 * The order is that of the claims: messages of one producer come to one consumer in the
 * order in which they were reserved, but for those that are given again.
 */
#ifndef IPCCHAN_MRING_H
#define IPCCHAN_MRING_H

#include <sys/uio.h>

#include <ipcchan/claim.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define IPCCHAN_MRING_MAGIC	0x4d435049U	/* "IPCM" */
#define IPCCHAN_MRING_LAYOUT	1U

/* Nobody sleeps on this ring: all spin.  It spares each message a full fence. */
#define IPCCHAN_MRING_SPIN	IPCCHAN_CLAIM_SPIN

/**
 * struct ipcchan_mring - a participant's handle; all fields are private
 * @c: what it has in common with other rings
 * @len: bytes of the pending messages, a producer's
 */
struct ipcchan_mring {
	struct ipcchan_claim c;
	uint32_t len[IPCCHAN_CLAIM_BATCH];
};

/**
 * ipcchan_mring_mem_size() - bytes of shared memory for a ring
 * @slots: messages, rounded up to a power of two, at least 2
 * @msg_size: longest message, bytes; 56 and then each 64 more fill whole cache lines
 *
 * Return: bytes, 0 when there is no such ring: none, more than 2^24 slots, more than
 * IPCCHAN_SLOT_LEN_MASK bytes, or more in all than fit in memory.
 */
size_t ipcchan_mring_mem_size(size_t slots, size_t msg_size);

/**
 * ipcchan_mring_format() - make an empty ring, before anybody attaches
 * @mem: 64-aligned
 * @size: bytes at @mem; the largest power of two of slots that fits is taken
 * @msg_size: longest message, bytes
 * @flags: IPCCHAN_MRING_*
 * @life: the file by whose locks the kernel proves who is alive
 *
 * Return: 0; -EINVAL (alignment, sizes, unknown flag, @life), -EBADF, -ENOTCONN (a channel's
 * descriptor that is not attached).
 */
int ipcchan_mring_format(void *mem, size_t size, size_t msg_size, uint32_t flags,
			 const struct ipcchan_claim_life *life);

/**
 * ipcchan_mring_attach() - become a participant of a formatted ring
 * @ring: out
 * @mem: 64-aligned and writable
 * @size: bytes at @mem, at least those that the ring was formatted with
 * @side: producer or consumer
 * @bell: what to sleep on, copied; may be NULL for a ring with IPCCHAN_MRING_SPIN
 * @life: the same file, or channel, and start as at format; a descriptor is opened beside it
 *
 * Settles what the dead have left, as ipcchan_mring_recover().
 *
 * Return: 0; -EINVAL (alignment, side, no bell, no @life), -EPROTO (not a ring, other
 * layout, larger than @size), -EXDEV (@life is another file or channel, or starts elsewhere),
 * -EUSERS (all IPCCHAN_CLAIM_PEERS entries are those of the living or, for a producer, of
 * dead consumers whose messages no other has received yet), -ENOENT (@life is no descriptor, or
 * there is no /proc), -ENOTCONN as for ipcchan_mring_format(), -EBADMSG, -EACCES, -EMFILE and
 * what else open(), fcntl() and IPCCHAN_IOC_ATTACH say, or what the bell's wake says.
 */
int ipcchan_mring_attach(struct ipcchan_mring *ring, void *mem, size_t size,
			 enum ipcchan_claim_side side, const struct ipcchan_bell *bell,
			 const struct ipcchan_claim_life *life);

/**
 * ipcchan_mring_detach() - leave; give up what is reserved, hand on what is peeked at
 * @ring: handle; every later call but attach says -EINVAL
 *
 * What is peeked at and not released goes to another consumer, as after a death.
 */
void ipcchan_mring_detach(struct ipcchan_mring *ring);

/**
 * ipcchan_mring_close() - drop the handle without a word in the shared memory
 * @ring: handle; every later call but attach says -EINVAL
 *
 * For a child of fork() that has a copy of its parent's handle.  The participant is
 * dead when the last copy is closed.
 */
void ipcchan_mring_close(struct ipcchan_mring *ring);

/**
 * ipcchan_mring_recover() - look for the dead, and settle what they had claimed
 * @ring: handle
 *
 * Makes up to two system calls for each participant, and for each that is dead wakes who
 * may be waiting for what it had.  A waiting call does it by itself; it is for programs that
 * only poll.
 *
 * Return: how many were found dead; -EBADMSG and other errors of the handle.
 */
int ipcchan_mring_recover(struct ipcchan_mring *ring);

/**
 * ipcchan_mring_set_wait() - choose what this participant does while it waits
 * @ring: handle
 * @mode: from now on; IPCCHAN_WAIT_ADAPTIVE after attach, IPCCHAN_WAIT_SPIN on a ring
 *	with IPCCHAN_MRING_SPIN
 *
 * The peer whose CPU counts is the one who last woke this one.
 *
 * Return: 0; -EINVAL (no such mode, or one that sleeps on a ring with
 * IPCCHAN_MRING_SPIN), or the handle's error.
 */
int ipcchan_mring_set_wait(struct ipcchan_mring *ring, enum ipcchan_wait_mode mode);

/**
 * ipcchan_mring_wait() - spin and sleep until the ring may be worth another try
 * @ring: handle
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * What it has seen may be another's by then.  One that spins is not disturbed by signals.
 *
 * Return: 0; -ETIMEDOUT, -EINTR, -EINVAL (@timeout_ns below IPCCHAN_WAIT_FOREVER),
 * -EBADMSG, or what the bell says.
 */
int ipcchan_mring_wait(struct ipcchan_mring *ring, int64_t timeout_ns);

/**
 * ipcchan_mring_send() - copy one message in, waiting for room
 * @ring: a producer's handle
 * @msg: what to send
 * @len: bytes, 1 to ipcchan_mring_max_len()
 * @timeout_ns: nanoseconds in all, 0 to try once, IPCCHAN_WAIT_FOREVER
 *
 * Return: 0; as ipcchan_mring_reserve(), ipcchan_mring_wait() and ipcchan_mring_commit(),
 * but -ETIMEDOUT instead of -EAGAIN.
 */
int ipcchan_mring_send(struct ipcchan_mring *ring, const void *msg, size_t len,
		       int64_t timeout_ns);

/**
 * ipcchan_mring_recv() - copy one message out, waiting for it
 * @ring: a consumer's handle
 * @buf: out, the message
 * @size: bytes of room at @buf
 * @timeout_ns: as for ipcchan_mring_send()
 *
 * Return: bytes; -EMSGSIZE (it is longer than @size, and stays this consumer's
 * until the next call), as ipcchan_mring_peek() and ipcchan_mring_wait(), but -ETIMEDOUT
 * instead of -EAGAIN.
 */
ssize_t ipcchan_mring_recv(struct ipcchan_mring *ring, void *buf, size_t size,
			   int64_t timeout_ns);

/**
 * ipcchan_mring_reserve_batch() - room for several messages, by one claim
 * @ring: a producer's handle
 * @vec: bytes wanted in each iov_len; out, 8-aligned, each iov_base
 * @count: messages, 1 to IPCCHAN_CLAIM_BATCH
 *
 * Return: how many there is room for now, the first ones of @vec; -EAGAIN (full),
 * -EMSGSIZE, -EINVAL (@count, not a producer), -EBUSY (something is reserved), -EBADMSG.
 */
int ipcchan_mring_reserve_batch(struct ipcchan_mring *ring, struct iovec *vec,
				uint32_t count);

/**
 * ipcchan_mring_peek_batch() - several of the oldest messages, by one claim
 * @ring: a consumer's handle
 * @vec: out, the messages, valid until ipcchan_mring_release()
 * @count: messages at most, 1 to IPCCHAN_CLAIM_BATCH
 *
 * All of them are released together.  Those that are given again come one at a time.
 *
 * Return: how many; -EAGAIN (empty), -EINVAL (@count, not a consumer), -EBUSY (something
 * is peeked at), -EBADMSG.
 */
int ipcchan_mring_peek_batch(struct ipcchan_mring *ring, struct iovec *vec,
			     uint32_t count);

/* The next is an out-of-line part of what follows, not to be called directly. */

/**
 * ipcchan_mring_peek_slow() - claim with what is rare
 * @ring: a consumer's handle
 *
 * Return: 1, a message is pending; -EAGAIN, -EBUSY, -EBADMSG.
 */
int ipcchan_mring_peek_slow(struct ipcchan_mring *ring);

/**
 * ipcchan_mring_max_len() - longest message that the ring takes
 * @ring: handle
 *
 * Return: bytes, what the ring was formatted for, rounded up to whole slots.
 */
static inline size_t ipcchan_mring_max_len(const struct ipcchan_mring *ring)
{
	return ring->c.max_len;
}

/**
 * ipcchan_mring_again() - has the peeked message been given before?
 * @ring: a consumer's handle
 *
 * Return: 1 when a consumer had it that died or left before it released it, else 0.
 * After ipcchan_mring_recv() it is said of the message received.
 */
static inline int ipcchan_mring_again(const struct ipcchan_mring *ring)
{
	return ring->c.again != 0;
}

/* what a published slot says: a producer has a message, a consumer room for the next lap */
static inline uint64_t ipcchan_mring_word(const struct ipcchan_mring *ring,
					  enum ipcchan_claim_side side, uint32_t i)
{
	const struct ipcchan_claim *c = &ring->c;

	if (side == IPCCHAN_CLAIM_PRODUCER)
		return ipcchan_slot_make(c, c->pos + i, IPCCHAN_SLOT_READY, ring->len[i]);
	return ipcchan_slot_make(c, c->pos + i + c->mask + 1, IPCCHAN_SLOT_FREE, 0);
}

/* Publish what is pending, in order, and wake who waits for it. */
static inline int ipcchan_mring_publish(struct ipcchan_mring *ring,
					enum ipcchan_claim_side side)
{
	struct ipcchan_claim *c = &ring->c;
	enum ipcchan_claim_side peer = side == IPCCHAN_CLAIM_PRODUCER ?
		IPCCHAN_CLAIM_CONSUMER : IPCCHAN_CLAIM_PRODUCER;
	uint32_t i, n = c->count;

	/* what is claimed is others' to wait for, whatever has failed since */
	if (__builtin_expect(!n || c->side != side, 0))
		return c->err < 0 ? c->err : -EINVAL;
	c->count = 0;
	if (c->flags & IPCCHAN_CLAIM_SPIN || n > 1)
		__atomic_store_n(c->slot, ipcchan_mring_word(ring, side, 0),
				 __ATOMIC_RELEASE);
	else
		__atomic_store_n(c->slot, ipcchan_mring_word(ring, side, 0),
				 __ATOMIC_SEQ_CST);
	for (i = 1; i < n; i++)
		__atomic_store_n(ipcchan_slot_at(c, c->pos + i),
				 ipcchan_mring_word(ring, side, i), __ATOMIC_RELEASE);
	if (c->flags & IPCCHAN_CLAIM_SPIN)
		return c->err;
	/* one for all stores of a batch */
	if (n > 1)
		ipcchan_peer_fence();
	if (__builtin_expect(!__atomic_load_n(&c->shared->sleepers[peer],
					      __ATOMIC_SEQ_CST), 1))
		return c->err;
	ipcchan_claim_wake(c, peer, n);
	return c->err;
}

/**
 * ipcchan_mring_reserve() - room to build a message in place
 * @ring: a producer's handle
 * @len: bytes, 1 to ipcchan_mring_max_len()
 * @msg: out, 8-aligned, @len bytes that no consumer sees yet
 *
 * The place in the order is taken with it: consumers wait for the commit.
 *
 * Return: 0; -EAGAIN (full), -EMSGSIZE, -EINVAL (not a producer), -EBUSY (a batch is
 * reserved), -EBADMSG.  A second reserve before the commit replaces the first.
 */
static inline int ipcchan_mring_reserve(struct ipcchan_mring *ring, size_t len,
					void **msg)
{
	struct ipcchan_claim *c = &ring->c;
	int ret;

	if (__builtin_expect(c->err < 0, 0))
		return c->err;
	if (__builtin_expect((uint64_t)len - 1 >= c->max_len, 0))
		return -EMSGSIZE;
	if (__builtin_expect(c->count || c->side != IPCCHAN_CLAIM_PRODUCER, 0)) {
		if (c->side != IPCCHAN_CLAIM_PRODUCER)
			return -EINVAL;
		if (c->count > 1)
			return -EBUSY;
	} else {
		ret = ipcchan_claim_take(c, IPCCHAN_CLAIM_PRODUCE, 1);
		if (__builtin_expect(ret < 0, 0))
			return ret;
	}
	ring->len[0] = (uint32_t)len;
	*msg = c->slot + 1;
	return 0;
}

/**
 * ipcchan_mring_commit() - publish what is reserved, wake as many sleeping consumers
 * @ring: a producer's handle
 *
 * Return: 0; -EINVAL (nothing reserved), or the handle's error, as what the bell's wake
 * says here or said in the reserve: what is reserved is published all the same.
 */
static inline int ipcchan_mring_commit(struct ipcchan_mring *ring)
{
	return ipcchan_mring_publish(ring, IPCCHAN_CLAIM_PRODUCER);
}

/**
 * ipcchan_mring_peek() - the oldest message, in place
 * @ring: a consumer's handle
 * @msg: out, 8-aligned, valid until ipcchan_mring_release()
 *
 * It is this consumer's from now on.  A hostile peer may change the bytes
 * while they are read, though not their number: copy what is checked and then used.
 *
 * Return: bytes; -EAGAIN (empty), -EINVAL (not a consumer), -EBUSY (a batch is peeked
 * at), -EBADMSG.  A second peek before the release gives the same message.
 */
static inline ssize_t ipcchan_mring_peek(struct ipcchan_mring *ring, const void **msg)
{
	struct ipcchan_claim *c = &ring->c;
	uint64_t word;
	int ret;

	if (__builtin_expect(c->err < 0, 0))
		return c->err;
	if (__builtin_expect(c->count || c->adopted || c->again ||
			     c->side != IPCCHAN_CLAIM_CONSUMER ||
			     __atomic_load_n(&c->shared->orphans, __ATOMIC_RELAXED), 0)) {
		ret = ipcchan_mring_peek_slow(ring);
		if (ret < 0)
			return ret;
	} else {
		ret = ipcchan_claim_take(c, IPCCHAN_CLAIM_CONSUME, 1);
		if (ret < 0)
			return ret;
	}
	word = __atomic_load_n(c->slot, __ATOMIC_ACQUIRE);
	if (__builtin_expect(ipcchan_slot_state(word) == IPCCHAN_SLOT_SKIP, 0)) {
		ret = ipcchan_mring_peek_slow(ring);
		if (ret < 0)
			return ret;
		word = __atomic_load_n(c->slot, __ATOMIC_ACQUIRE);
	}
	if (__builtin_expect(ipcchan_slot_state(word) != IPCCHAN_SLOT_READY ||
			     ipcchan_slot_len(word) - 1 >= c->max_len, 0)) {
		ipcchan_claim_fail(c, -EBADMSG);
		return -EBADMSG;
	}
	*msg = c->slot + 1;
	return ipcchan_slot_len(word);
}

/**
 * ipcchan_mring_release() - give what is peeked at back, wake as many sleeping producers
 * @ring: a consumer's handle
 *
 * Return: 0; -EINVAL (nothing peeked at), or as ipcchan_mring_commit().
 */
static inline int ipcchan_mring_release(struct ipcchan_mring *ring)
{
	return ipcchan_mring_publish(ring, IPCCHAN_CLAIM_CONSUMER);
}

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_MRING_H */
