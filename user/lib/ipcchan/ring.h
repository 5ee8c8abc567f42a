/* SPDX-License-Identifier: MIT */
/*
 * Single-producer single-consumer ring of variable-size messages over any
 * shared memory: a channel's buffer, a memfd, a mapped file.
 *
 * struct ipcchan_ring is one side's private handle.  It may be used by one
 * thread at a time.  The shared memory may be written by a hostile peer: no
 * call reads or writes outside of it or loops for ever; what does not make
 * sense is reported as -EBADMSG, now and by every later call.
 */
#ifndef IPCCHAN_RING_H
#define IPCCHAN_RING_H

#include <ipcchan.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ipcchan_ring_side {
	IPCCHAN_RING_PRODUCER,
	IPCCHAN_RING_CONSUMER,
};

/*
 * Nobody sleeps on this ring: both sides spin.  It spares the producer and the
 * consumer the full fence that a sleeping peer needs.
 */
#define IPCCHAN_RING_SPIN	(1U << 0)

struct ipcchan_ring;

/**
 * ipcchan_ring_mem_size() - bytes of shared memory for a ring
 * @capacity: bytes of messages with their headers, rounded up to a power of two
 *
 * Return: bytes, 0 when @capacity is 0 or too large.
 */
size_t ipcchan_ring_mem_size(size_t capacity);

/**
 * ipcchan_ring_format() - make an empty ring, before either side attaches
 * @mem: 64-aligned
 * @size: bytes at @mem; the largest power of two that fits is the capacity
 * @flags: IPCCHAN_RING_*
 *
 * Return: 0; -EINVAL (alignment, size too small, unknown flag).
 */
int ipcchan_ring_format(void *mem, size_t size, uint32_t flags);

/**
 * ipcchan_ring_attach() - become one side of a formatted ring
 * @ring: out
 * @bell: what to sleep on; NULL for a ring with IPCCHAN_RING_SPIN
 *
 * A side may be given up and attached again, by another process: it goes on
 * where the last one stopped.
 *
 * Return: 0; -EINVAL (alignment, no bell), -EPROTO (not a ring, other layout),
 * -EBADMSG.
 */
int ipcchan_ring_attach(struct ipcchan_ring *ring, void *mem, size_t size,
			enum ipcchan_ring_side side,
			const struct ipcchan_bell *bell);

/**
 * ipcchan_ring_max_len() - longest message that the ring takes, bytes
 */
static inline size_t ipcchan_ring_max_len(const struct ipcchan_ring *ring);

/**
 * ipcchan_ring_reserve() - room to build the next message in place
 * @len: bytes, 1 to ipcchan_ring_max_len()
 * @msg: out, 8-aligned, @len bytes that the consumer does not see yet
 *
 * Return: 0; -EAGAIN (full), -EMSGSIZE, -EBADMSG.  A second reserve before the
 * commit replaces the first.
 */
static inline int ipcchan_ring_reserve(struct ipcchan_ring *ring, size_t len,
				       void **msg);

/**
 * ipcchan_ring_commit() - publish the reserved message, wake a sleeping consumer
 *
 * Return: 0; -EINVAL (nothing reserved), or what the bell's wake says: the message is published
 * all the same.
 */
static inline int ipcchan_ring_commit(struct ipcchan_ring *ring);

/**
 * ipcchan_ring_peek() - the oldest message, in place
 * @msg: out, 8-aligned, valid until ipcchan_ring_release()
 *
 * Return: bytes; -EAGAIN (empty), -EBADMSG.
 */
static inline ssize_t ipcchan_ring_peek(struct ipcchan_ring *ring,
					const void **msg);

/**
 * ipcchan_ring_release() - give the peeked message back, wake a sleeping producer
 *
 * Return: 0; -EINVAL (nothing peeked), or as ipcchan_ring_commit().
 */
static inline int ipcchan_ring_release(struct ipcchan_ring *ring);

/**
 * ipcchan_ring_wait() - sleep until the ring may be worth another try
 * @len: producer: bytes wanted; consumer: ignored
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * Spins on a ring with IPCCHAN_RING_SPIN.
 *
 * Return: 0; -ETIMEDOUT, -EINTR, -EMSGSIZE, -EBADMSG.
 */
int ipcchan_ring_wait(struct ipcchan_ring *ring, size_t len, int64_t timeout_ns);

/**
 * ipcchan_ring_send() - copy one message in, waiting for room
 * Return: 0; as ipcchan_ring_reserve() and ipcchan_ring_wait().
 */
int ipcchan_ring_send(struct ipcchan_ring *ring, const void *msg, size_t len,
		      int64_t timeout_ns);

/**
 * ipcchan_ring_recv() - copy one message out, waiting for it
 * Return: bytes; -EMSGSIZE (it is longer than @size and stays), as
 * ipcchan_ring_peek() and ipcchan_ring_wait().
 */
ssize_t ipcchan_ring_recv(struct ipcchan_ring *ring, void *buf, size_t size,
			  int64_t timeout_ns);

#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_RING_H */
