/* SPDX-License-Identifier: MIT */
/*
 * Broadcast ring over any shared memory: one or several producers, and any number of
 * readers, each of which sees each message.  A slow reader holds up nobody: what it
 * did not read in time is overwritten, and it is told how many messages that were.
 *
 * struct ipcchan_bring is one participant's private handle.  It may be used by one
 * thread at a time; handles of one process belong on different cache lines.  The
 * shared memory may be written by a hostile peer: no call reads or writes outside of it,
 * or loops past its timeout; what does not make sense is reported as -EBADMSG,
 * now and by every later call, and of a channel's buffer once to who listens, as
 * <ipcchan/ring.h> has it.  A memfd that a hostile peer has needs F_SEAL_SHRINK: see
 * "Trust" there.
 *
 * Slots, claims, memory orders and the proof of a death are described in
 * <ipcchan/claim.h>.  Producers are participants; readers are not in the table, write
 * nothing but a word before they sleep, and on a ring with IPCCHAN_BRING_SPIN
 * nothing at all: there the memory may be mapped for reading only.
 *
 * A producer marks the slot before it writes, so that a reader who finds the same word
 * before and after it has read the bytes has read one message.  The mark is stored with
 * release order, behind the claim: who finds a slot of a later lap than its own finds
 * the cursor moved, or the ring makes no sense.  Between the mark and the
 * bytes stores must not change places, nor loads between the bytes and the second look:
 * the bytes are stored with release and loaded with acquire order where the ring
 * copies, and there is a fence where the program reads and writes in place.
 *
 * A producer that is killed in the middle of a message leaves a slot that is stepped
 * over, when somebody has found it dead; see <ipcchan/mring.h>.  One that is stopped there,
 * but alive, holds up readers, and after one lap the other producers.
 */
#ifndef IPCCHAN_BRING_H
#define IPCCHAN_BRING_H

#include <sys/uio.h>

#include <ipcchan/claim.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define IPCCHAN_BRING_MAGIC	0x42435049U	/* "IPCB" */
#define IPCCHAN_BRING_LAYOUT	1U

/* Nobody sleeps on this ring: all spin.  It spares each message a full fence. */
#define IPCCHAN_BRING_SPIN	IPCCHAN_CLAIM_SPIN

/**
 * struct ipcchan_bring - a producer's or a reader's handle; all fields are private
 * @c: what it has in common with other rings; a reader's position is in it
 * @lost: messages that a reader has not been told of yet
 * @len: bytes of the pending messages, a producer's
 */
struct ipcchan_bring {
	struct ipcchan_claim c;
	uint64_t lost;
	uint32_t len[IPCCHAN_CLAIM_BATCH];
};

/**
 * ipcchan_bring_mem_size() - bytes of shared memory for a ring
 * @slots: messages, rounded up to a power of two, at least 2
 * @msg_size: longest message, bytes; 56 and then each 64 more fill whole cache lines
 *
 * Return: as ipcchan_mring_mem_size().
 */
size_t ipcchan_bring_mem_size(size_t slots, size_t msg_size);

/**
 * ipcchan_bring_format() - make an empty ring, before anybody attaches
 * @mem: 64-aligned
 * @size: bytes at @mem; the largest power of two of slots that fits is taken
 * @msg_size: longest message, bytes
 * @flags: IPCCHAN_BRING_*
 * @life: the file by whose locks the kernel proves who is alive
 *
 * Return: as ipcchan_mring_format().
 */
int ipcchan_bring_format(void *mem, size_t size, size_t msg_size, uint32_t flags,
			 const struct ipcchan_claim_life *life);

/**
 * ipcchan_bring_attach_producer() - become a producer
 * @ring: out
 * @mem: 64-aligned and writable
 * @size: bytes at @mem, at least those that the ring was formatted with
 * @bell: what to sleep on, copied; may be NULL for a ring with IPCCHAN_BRING_SPIN
 * @life: the same file and start as at format; a descriptor is opened beside it
 *
 * Return: as ipcchan_mring_attach().
 */
int ipcchan_bring_attach_producer(struct ipcchan_bring *ring, void *mem, size_t size,
				  const struct ipcchan_bell *bell,
				  const struct ipcchan_claim_life *life);

/**
 * ipcchan_bring_attach_reader() - read what is sent from now on
 * @ring: out
 * @mem: 64-aligned; writable, unless the ring has IPCCHAN_BRING_SPIN and @life is NULL
 * @size: bytes at @mem, at least those that the ring was formatted with
 * @bell: as for ipcchan_bring_attach_producer()
 * @life: the same, or NULL for a reader that leaves it to others to settle what
 *	the dead have left
 *
 * Return: as ipcchan_mring_attach(), but never -EUSERS.
 */
int ipcchan_bring_attach_reader(struct ipcchan_bring *ring, void *mem, size_t size,
				const struct ipcchan_bell *bell,
				const struct ipcchan_claim_life *life);

/**
 * ipcchan_bring_detach() - leave; give up what is reserved
 * @ring: handle; every later call but attach says -EINVAL
 */
void ipcchan_bring_detach(struct ipcchan_bring *ring);

/**
 * ipcchan_bring_close() - drop the handle without a word in the shared memory
 * @ring: handle; every later call but attach says -EINVAL
 *
 * As ipcchan_mring_close().
 */
void ipcchan_bring_close(struct ipcchan_bring *ring);

/**
 * ipcchan_bring_recover() - look for the dead, and give up what they had reserved
 * @ring: handle
 *
 * As ipcchan_mring_recover().
 *
 * Return: how many were found dead, 0 for a reader without @life; -EBADMSG and other
 * errors of the handle.
 */
int ipcchan_bring_recover(struct ipcchan_bring *ring);

/**
 * ipcchan_bring_set_wait() - choose what this participant does while it waits
 * @ring: handle
 * @mode: as for ipcchan_mring_set_wait()
 *
 * Return: as ipcchan_mring_set_wait().
 */
int ipcchan_bring_set_wait(struct ipcchan_bring *ring, enum ipcchan_wait_mode mode);

/**
 * ipcchan_bring_wait() - spin and sleep until the ring may be worth another try
 * @ring: handle
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * Return: as ipcchan_mring_wait().
 */
int ipcchan_bring_wait(struct ipcchan_bring *ring, int64_t timeout_ns);

/**
 * ipcchan_bring_send() - copy one message in
 * @ring: a producer's handle
 * @msg: what to send
 * @len: bytes, 1 to ipcchan_bring_max_len()
 * @timeout_ns: nanoseconds in all, 0 to try once, IPCCHAN_WAIT_FOREVER; it waits only for
 *	a producer that has been in the middle of a message for a whole lap
 *
 * Return: 0; as ipcchan_bring_reserve(), ipcchan_bring_wait() and ipcchan_bring_commit(),
 * but -ETIMEDOUT instead of -EAGAIN.
 */
int ipcchan_bring_send(struct ipcchan_bring *ring, const void *msg, size_t len,
		       int64_t timeout_ns);

/**
 * ipcchan_bring_recv() - copy the next message out, waiting for it
 * @ring: a reader's handle
 * @buf: out, the message
 * @size: bytes of room at @buf
 * @timeout_ns: as for ipcchan_bring_send()
 * @lost: out, messages that this reader has lost since it was last told; written when a
 *	message is returned; or NULL.  What a producer gave up is stepped over and does not
 *	count, unless this reader was overrun, when nobody knows any more what it was.
 *
 * Return: bytes; -EMSGSIZE (it is longer than @size, and stays until it is overwritten),
 * as ipcchan_bring_peek() and ipcchan_bring_wait(), but -ETIMEDOUT instead of -EAGAIN.
 */
ssize_t ipcchan_bring_recv(struct ipcchan_bring *ring, void *buf, size_t size,
			   int64_t timeout_ns, uint64_t *lost);

/**
 * ipcchan_bring_reserve() - room to build a message in place
 * @ring: a producer's handle
 * @len: bytes, 1 to ipcchan_bring_max_len()
 * @msg: out, 8-aligned, @len bytes
 *
 * The oldest message is gone with it, and readers wait for the commit.
 *
 * Return: 0; -EAGAIN (a producer is in the middle of a message for a lap), -EMSGSIZE,
 * -EINVAL (not a producer), -EBUSY (a batch is reserved), -EBADMSG.  A second reserve
 * before the commit replaces the first.
 */
int ipcchan_bring_reserve(struct ipcchan_bring *ring, size_t len, void **msg);

/**
 * ipcchan_bring_reserve_batch() - room for several messages, by one claim
 * @ring: a producer's handle
 * @vec: bytes wanted in each iov_len; out, 8-aligned, each iov_base
 * @count: messages, 1 to IPCCHAN_CLAIM_BATCH
 *
 * Return: how many there is room for now, the first ones of @vec; as
 * ipcchan_bring_reserve(), and -EINVAL (@count).
 */
int ipcchan_bring_reserve_batch(struct ipcchan_bring *ring, struct iovec *vec,
				uint32_t count);

/**
 * ipcchan_bring_commit() - publish what is reserved, wake the readers that sleep
 * @ring: a producer's handle
 *
 * One system call wakes all of them.
 *
 * Return: 0; -EINVAL (nothing reserved), or what the bell's wake says: the message is
 * published all the same, and every later call says so again.
 */
int ipcchan_bring_commit(struct ipcchan_bring *ring);

/**
 * ipcchan_bring_peek() - the next message, in place
 * @ring: a reader's handle
 * @msg: out, 8-aligned; the bytes may be overwritten at any time
 * @lost: as for ipcchan_bring_recv()
 *
 * What has been read is only to be believed when ipcchan_bring_release() says so.
 *
 * Return: bytes; -EAGAIN (none yet), -EINVAL (not a reader), -EBADMSG.  A second peek
 * before the release gives the same message, or a later one.
 */
ssize_t ipcchan_bring_peek(struct ipcchan_bring *ring, const void **msg, uint64_t *lost);

/**
 * ipcchan_bring_release() - go on to the next message
 * @ring: a reader's handle
 *
 * Return: 0, what was read in place was the message; -ESTALE, it was overwritten meanwhile
 * and counts as lost; -EINVAL (nothing peeked at), -EBADMSG.
 */
int ipcchan_bring_release(struct ipcchan_bring *ring);

/**
 * ipcchan_bring_max_len() - longest message that the ring takes
 * @ring: handle
 *
 * Return: bytes, what the ring was formatted for, rounded up to whole slots.
 */
static inline size_t ipcchan_bring_max_len(const struct ipcchan_bring *ring)
{
	return ring->c.max_len;
}

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_BRING_H */
