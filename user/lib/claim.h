/* SPDX-License-Identifier: MIT */
/*
 * What the rings of <ipcchan/claim.h> share inside of the library.  As there, a
 * handle may be used by one thread at a time.
 */
#ifndef IPCCHAN_LIB_CLAIM_H
#define IPCCHAN_LIB_CLAIM_H

#include <stdbool.h>
#include <sys/uio.h>

#include <ipcchan/claim.h>

/* Is it worth another try?  The loads have the order that it is given. */
typedef bool (*ipcchan_claim_ready_fn)(struct ipcchan_claim *c, int order);

/**
 * struct ipcchan_claim_kind - a kind of ring
 * @magic: by which it is known
 * @layout: its version
 * @first_lap: the lap of the first position; the slots are of lap 0, and hold nothing
 */
struct ipcchan_claim_kind {
	uint32_t magic;
	uint32_t layout;
	uint32_t first_lap;
};

/**
 * struct ipcchan_claim_spec - what to attach to
 * @kind: of the ring
 * @mem: the shared memory
 * @size: bytes at @mem
 * @bell: what to sleep on; may be NULL for a ring where nobody sleeps
 */
struct ipcchan_claim_spec {
	const struct ipcchan_claim_kind *kind;
	void *mem;
	size_t size;
	const struct ipcchan_bell *bell;
};

/**
 * ipcchan_claim_mem_size() - bytes of shared memory
 * @slots: at least so many
 * @msg_size: longest message, bytes
 *
 * Return: bytes, 0 when it is too large.
 */
size_t ipcchan_claim_mem_size(size_t slots, size_t msg_size);

/**
 * ipcchan_claim_format() - make an empty ring
 * @spec: memory; @bell is not used
 * @msg_size: longest message, bytes
 * @flags: IPCCHAN_CLAIM_SPIN or 0
 * @life: the file whose locks are used
 *
 * Return: 0; -EINVAL, or what fstat() and IPCCHAN_IOC_INFO say.
 */
int ipcchan_claim_format(const struct ipcchan_claim_spec *spec, size_t msg_size,
			 uint32_t flags, const struct ipcchan_claim_life *life);

/**
 * ipcchan_claim_view() - a handle without an entry, which claims nothing
 * @c: out
 * @spec: what to attach to
 * @life: the file whose locks are used; NULL for one that cannot repair
 *
 * Return: 0; -EINVAL, -EPROTO, -EXDEV, or what open() says.
 */
int ipcchan_claim_view(struct ipcchan_claim *c, const struct ipcchan_claim_spec *spec,
		       const struct ipcchan_claim_life *life);

/**
 * ipcchan_claim_attach() - become a participant
 * @c: out
 * @spec: what to attach to
 * @mode: which side, and how it looks at slots
 * @life: the file whose locks are used
 *
 * Return: 0; -EINVAL, -EPROTO, -EXDEV (another file or channel than the ring's), -EUSERS, or
 * what open() and fcntl() say.
 */
int ipcchan_claim_attach(struct ipcchan_claim *c, const struct ipcchan_claim_spec *spec,
			 enum ipcchan_claim_mode mode, const struct ipcchan_claim_life *life);

/**
 * ipcchan_claim_close() - give the lock back, as death does
 * @c: handle; every later call is refused
 */
void ipcchan_claim_close(struct ipcchan_claim *c);

/**
 * ipcchan_claim_refuse() - close a handle that was not attached after all
 * @c: handle
 * @err: why, which every later call says; it has been reported if it is to be
 *
 * Return: @err.
 */
int ipcchan_claim_refuse(struct ipcchan_claim *c, int err);

/**
 * ipcchan_claim_detach() - settle what is pending, and leave
 * @c: handle; every later call is refused
 */
void ipcchan_claim_detach(struct ipcchan_claim *c);

/**
 * ipcchan_claim_recover() - settle what the dead had claimed
 * @c: handle
 *
 * Return: how many were found dead; the error of the handle.
 */
int ipcchan_claim_recover(struct ipcchan_claim *c);

/**
 * ipcchan_claim_settle() - settle what the owner of an entry had claimed
 * @c: handle, which holds the entry's lock
 * @index: of the entry
 *
 * Return: messages of a dead consumer's that it had not released: the entry is still
 * in use; 0: it is not.
 */
uint32_t ipcchan_claim_settle(struct ipcchan_claim *c, uint32_t index);

/**
 * ipcchan_claim_adopt() - give out again what a dead consumer had
 * @c: a consumer's handle, which holds the entry's lock and goes on holding it
 * @index: of the entry
 */
void ipcchan_claim_adopt(struct ipcchan_claim *c, uint32_t index);

/**
 * ipcchan_claim_offer() - tell consumers that a dead one's messages are to be given out
 * @c: handle, which does not hold the entry's lock any more
 *
 * One that sleeps is woken.
 */
void ipcchan_claim_offer(struct ipcchan_claim *c);

/* Are there such messages, as far as this consumer has been told? */
static inline bool ipcchan_claim_orphans(const struct ipcchan_claim *c, int order)
{
	return c->mode == IPCCHAN_CLAIM_CONSUME &&
		__atomic_load_n(&c->shared->orphans, order);
}

/**
 * struct ipcchan_claim_file - by what a file, or a channel, is known
 * @id: of the channel, 0 for a file
 * @dev: its device, as stat() tells it
 * @ino: its inode, which all channels share
 */
struct ipcchan_claim_file {
	uint32_t id;
	uint64_t dev;
	uint64_t ino;
};

/**
 * ipcchan_claim_name() - find out which file it is
 * @fd: open, and attached if it is of a channel
 * @file: out
 *
 * Return: 0; what fstat() and IPCCHAN_IOC_INFO say.
 */
int ipcchan_claim_name(int fd, struct ipcchan_claim_file *file);

/**
 * ipcchan_claim_open_life() - open the file whose locks are used for this handle alone
 * @c: handle, whose header has been read
 * @life: the file; it has to be the one that the ring was formatted with
 *
 * Return: 0; -EXDEV, another one; what open(), fstat(), IPCCHAN_IOC_INFO and _ATTACH say.
 * ipcchan_claim_close() closes it, also then.
 */
int ipcchan_claim_open_life(struct ipcchan_claim *c, const struct ipcchan_claim_life *life);

/**
 * ipcchan_claim_lock() - take the lock of an entry
 * @c: handle
 * @index: of the entry
 *
 * Return: 0; -EAGAIN (its owner lives), or what fcntl() says.
 */
int ipcchan_claim_lock(const struct ipcchan_claim *c, uint32_t index);

/**
 * ipcchan_claim_unlock() - give the lock of an entry back
 * @c: handle
 * @index: of the entry
 */
void ipcchan_claim_unlock(const struct ipcchan_claim *c, uint32_t index);

/**
 * ipcchan_claim_adopt_next() - the next message of a dead consumer's claim
 * @c: a consumer's handle; the message becomes its pending claim
 *
 * Return: 1; 0 when there is none; the error of the handle.
 */
int ipcchan_claim_adopt_next(struct ipcchan_claim *c);

/**
 * ipcchan_claim_wait() - spin and sleep until @ready or the end of the time
 * @c: handle
 * @ready: is it worth another try?
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * Return: 0; -ETIMEDOUT, -EINTR, -EINVAL, or what the bell's wait says.
 */
int ipcchan_claim_wait(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready,
		       int64_t timeout_ns);

/**
 * ipcchan_claim_ready() - is the next position ready?
 * @c: handle
 * @order: of the loads
 *
 * Return: whether a claim is worth a try.
 */
bool ipcchan_claim_ready(struct ipcchan_claim *c, int order);

/**
 * struct ipcchan_claim_timer - the end of the time of a call that waits repeatedly
 * @started: @deadline is set
 * @deadline: see ipcchan_claim_wait_timer()
 */
struct ipcchan_claim_timer {
	bool started;
	int64_t deadline;
};

/**
 * ipcchan_claim_wait_timer() - ipcchan_claim_wait() for a call with one time in all
 * @c: handle
 * @ready: is it worth another try?
 * @timer: of the call, zero at first
 * @timeout_ns: of the call
 *
 * Return: as ipcchan_claim_wait().
 */
int ipcchan_claim_wait_timer(struct ipcchan_claim *c, ipcchan_claim_ready_fn ready,
			     struct ipcchan_claim_timer *timer, int64_t timeout_ns);

/**
 * ipcchan_claim_set_wait() - change what this handle does while it waits
 * @c: handle
 * @mode: from now on
 *
 * Return: 0; -EINVAL (unknown mode, or one that sleeps where nobody may), or the
 * handle's error.
 */
int ipcchan_claim_set_wait(struct ipcchan_claim *c, enum ipcchan_wait_mode mode);

/**
 * ipcchan_claim_wake_readers() - wake all readers of a broadcast that sleep
 * @c: handle
 *
 * A bell that fails is the handle's error.
 */
void ipcchan_claim_wake_readers(struct ipcchan_claim *c);

/* May this side have a claim of @count messages now?  Return: 0; -EINVAL, -EBUSY */
static inline int ipcchan_claim_may_batch(const struct ipcchan_claim *c,
					  enum ipcchan_claim_side side, uint32_t count)
{
	if (c->err)
		return c->err;
	if (c->side != side || !count || count > IPCCHAN_CLAIM_BATCH)
		return -EINVAL;
	return c->count ? -EBUSY : 0;
}

/* Likewise of a producer, for messages of the lengths in @vec.  Return: -EMSGSIZE, too */
static inline int ipcchan_claim_may_reserve(const struct ipcchan_claim *c,
					    const struct iovec *vec, uint32_t count)
{
	int ret = ipcchan_claim_may_batch(c, IPCCHAN_CLAIM_PRODUCER, count);
	uint32_t i;

	for (i = 0; !ret && i < count; i++)
		if ((uint64_t)vec[i].iov_len - 1 >= c->max_len)
			ret = -EMSGSIZE;
	return ret;
}

/* Where the messages of the pending claim are, @n of them; @len is out, their lengths. */
static inline void ipcchan_claim_rooms(const struct ipcchan_claim *c, struct iovec *vec,
				       uint32_t *len, int n)
{
	uint32_t i;

	for (i = 0; (int)i < n; i++) {
		len[i] = (uint32_t)vec[i].iov_len;
		vec[i].iov_base = ipcchan_slot_at(c, c->pos + i) + 1;
	}
}

#endif /* IPCCHAN_LIB_CLAIM_H */
