/* SPDX-License-Identifier: MIT */
/*
 * Single-producer single-consumer ring of variable-size messages over any
 * shared memory: a channel's buffer, a memfd, a mapped file.
 *
 * struct ipcchan_ring is one side's private handle.  It may be used by one
 * thread at a time; two handles in one process belong on different cache lines.
 * The shared memory may be written by a hostile peer: no call reads or writes
 * outside of it, or loops past its timeout; what does not make
 * sense is reported as -EBADMSG, now and by every later call.  A handle whose bell is a
 * channel's then makes one more system call, IPCCHAN_IOC_REPORT with the offset at
 * which the ring begins: who listens, as "ipcchan monitor", learns of it, once.  Of the
 * rings of one endpoint the kernel tells one a second.
 *
 * A call of one side on a handle of the other is refused with -EINVAL where it copies,
 * by ipcchan_ring_send() and ipcchan_ring_recv() and those for many.  The calls in place,
 * from ipcchan_ring_reserve() to ipcchan_ring_release_more(), do not look: on the wrong
 * handle they take messages for room, and send or receive what was not sent.
 *
 * Batches.  What is built by reserve and commit_more, or given back by peek and
 * release_more, is published by the next commit, release or flush.  Nobody waits
 * for what the peer merely holds back: a commit_more publishes at once while the
 * consumer sleeps or is about to, and what it holds back from one that goes to
 * sleep later is published before this side waits in any way: by a reserve that
 * finds the ring full, by every wait, and when an eighth of the ring is held
 * back.  What is left is a producer that neither commits nor waits nor flushes:
 * it has broken its promise that more follows, as with MSG_MORE of send(2).  The
 * consumer's release_more publishes when an eighth of the ring is held back and
 * when the last message that is known of has been released, so that a consumer
 * that finds the ring empty holds nothing back.
 *
 * Layout (Documentation/ring-layout.rst has it byte by byte).  Positions are
 * 64-bit byte counts that are never masked: a position modulo the capacity, a
 * power of two, is the offset in the data area.  The messages between head and
 * tail are the consumer's, the rest is the producer's.  A message is a record: a
 * 64-bit word (length in the low half, IPCCHAN_RING_REC_* in the high half), the
 * bytes, and up to 7 bytes to the next multiple of 8.  A record never wraps: where
 * the room before the end of the data area is too short, a padding record fills
 * it, which is published together with the message behind it.
 *
 * Trust.  Each side reads its own position from shared memory once, at attach.
 * Each shared word is loaded once for each decision, into a private copy, and
 * the copy is checked and used.  No check helps where the peer can take the memory
 * away: who touches what was cut off a file gets SIGBUS.  So memory that is shared with a
 * hostile peer is a channel's buffer, whose size never changes, or a memfd with
 * F_SEAL_SHRINK.  Who has not made that itself looks for the seal, and then for the
 * size, before it maps it.
 *
 * Orders.  A position is published with release order and read with acquire
 * order, so that bytes written before it are seen behind it, and bytes read
 * before it are no longer needed.  How a peer that sleeps is woken is described in
 * <ipcchan/peer.h>.
 */
#ifndef IPCCHAN_RING_H
#define IPCCHAN_RING_H

#include <errno.h>
#include <sys/uio.h>

#include <ipcchan.h>
#include <ipcchan/peer.h>
#include <ipcchan/writeback.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#if __GCC_ATOMIC_LLONG_LOCK_FREE != 2
#error "a lock-free 64-bit atomic is needed: one with a lock is not shared by processes"
#endif

enum ipcchan_ring_side {
	IPCCHAN_RING_PRODUCER,
	IPCCHAN_RING_CONSUMER,
};

/*
 * Nobody sleeps on this ring: both sides spin.  It spares the producer and the
 * consumer the full fence that a peer needs which may sleep.
 */
#define IPCCHAN_RING_SPIN	(1U << 0)

#define IPCCHAN_RING_MAGIC	0x52435049U	/* "IPCR" */
#define IPCCHAN_RING_LAYOUT	1U
#define IPCCHAN_RING_MIN_CAPACITY	64U

#define IPCCHAN_RING_REC_MSG	0x4d53U		/* a message */
#define IPCCHAN_RING_REC_PAD	0x5041U		/* skip to the end of the data */
#define IPCCHAN_RING_REC_HDR	8U		/* bytes before the message */

/**
 * struct ipcchan_ring_shared - what the two sides share, at the start of the memory
 * @magic: IPCCHAN_RING_MAGIC, written last
 * @layout: IPCCHAN_RING_LAYOUT
 * @capacity: bytes of the data area, a power of two
 * @flags: IPCCHAN_RING_*
 * @tail: position behind the last published message, written by the producer
 * @head: position of the oldest message, written by the consumer
 * @peers: by which the sides, enum ipcchan_ring_side, wait and wake
 * @reserved0: zero, as are the others
 * @reserved1: the rest of the producer's line
 * @reserved2: the rest of the consumer's line
 * @data: the data area
 *
 * What one side writes all the time has a line of 128 bytes for itself; @peers has one,
 * too, which both write only where they wait, wake and attach.  Two lines of 64 that are
 * fetched together are one line of 128.
 */
struct ipcchan_ring_shared {
	uint32_t magic;
	uint32_t layout;
	uint64_t capacity;
	uint32_t flags;
	uint32_t reserved0[27];
	uint64_t tail;
	uint64_t reserved1[15];
	uint64_t head;
	uint64_t reserved2[15];
	struct ipcchan_peer_shared peers;
#ifndef __cplusplus
	char data[];	/* C++ has no such member */
#endif
};

/* the first word of a record; the same memory holds messages of any type */
typedef uint64_t __attribute__((__may_alias__)) ipcchan_ring_word;

/**
 * struct ipcchan_ring - one side's handle; all fields are private
 * @own: this side's position, with what is held back
 * @limit: how far @own may go, by what is known of the peer: for the producer
 *	head + capacity, for the consumer tail
 * @pending: what the pending commit or release adds to @own, 0 when none is pending
 * @published: the position that the peer knows
 * @hold: bytes that may be held back
 * @due: consumer: the position up to which nothing is to be published
 * @seen: consumer: the first word of the last record, which was a good one
 * @seen_size: bytes of that record
 * @waited: @own at the last wait
 * @data: the data area
 * @mask: capacity - 1
 * @max_len: longest message, bytes
 * @own_index: where @own is published
 * @peer_index: where the peer publishes
 * @bias: what @limit adds to the peer's position
 * @err: 0, or the error that every call returns
 * @side: which side this is
 * @peer: how this side waits for the other
 * @writer: consumer: what is done with lines that were read
 */
struct ipcchan_ring {
	uint64_t own;
	uint64_t limit;
	uint64_t pending;
	uint64_t published;
	uint64_t hold;
	uint64_t due;
	uint64_t seen;
	uint64_t seen_size;
	uint64_t waited;
	char *data;
	uint64_t mask;
	uint64_t max_len;
	uint64_t *own_index;
	const uint64_t *peer_index;
	uint64_t bias;
	int err;
	enum ipcchan_ring_side side;
	struct ipcchan_peer peer;
	struct ipcchan_writer writer;
};

/**
 * ipcchan_ring_mem_size() - bytes of shared memory for a ring
 * @capacity: bytes of messages with their headers, rounded up to a power of two
 *	and to IPCCHAN_RING_MIN_CAPACITY
 *
 * Return: bytes, 0 when @capacity is 0 or too large (above 4 GiB; 1 GiB where
 * size_t has 32 bits).
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
 * @mem: 64-aligned and writable, by the consumer too, who writes its position:
 *	over a channel's buffer both sides need IPCCHAN_ROLE_SEND
 * @size: bytes at @mem, at least those that the ring was formatted with
 * @side: which one; each is one thread's at a time
 * @bell: what to sleep on, copied; may be NULL for a ring with IPCCHAN_RING_SPIN: then
 *	nobody but the caller learns of corruption
 *
 * A side may be given up and attached again, by another process: it goes on
 * where the last one stopped.  What had been published is there, what had only
 * been reserved or held back is not, and what had been received but not released
 * comes again.  A sleeping peer is woken: the last holder of this side
 * may have died between publishing and waking.
 *
 * Return: 0; -EINVAL (alignment, side, no bell), -EPROTO (not a ring, other
 * layout, larger than @size), -EBADMSG, or what the bell's wake says.
 */
int ipcchan_ring_attach(struct ipcchan_ring *ring, void *mem, size_t size,
			enum ipcchan_ring_side side,
			const struct ipcchan_bell *bell);

/**
 * ipcchan_ring_set_wait() - choose what this side does while it waits
 * @ring: either side's handle
 * @mode: from now on; IPCCHAN_WAIT_ADAPTIVE after attach, IPCCHAN_WAIT_SPIN on a
 *	ring with IPCCHAN_RING_SPIN
 *
 * Return: 0; -EINVAL (no such mode, or one that sleeps on a ring with
 * IPCCHAN_RING_SPIN), or the handle's error.
 */
int ipcchan_ring_set_wait(struct ipcchan_ring *ring, enum ipcchan_wait_mode mode);

/**
 * ipcchan_ring_set_writeback() - choose what to do with lines that were read
 * @ring: the consumer's handle
 * @how: from now on; IPCCHAN_WRITEBACK_PROBE after attach, which does nothing where
 *	nothing is found to pay
 *
 * A probe tries each way that the CPU has in turn, over the next 40 rounds of the
 * ring at most, or 16 where one takes longer than 1 ms, while messages come as ever: a
 * fraction of a millisecond for a ring of 64 KiB whose producer sends as fast as it can.
 * Rounds of which the consumer has slept, or waited for more than 20 us, for more than an
 * eighth of the time are not measured: behind 40 of them the probe ends, and what was done
 * before it is done on.
 *
 * Return: 0; -EINVAL (not the consumer's handle, no such way), -EOPNOTSUPP (not on
 * this CPU), or the handle's error.
 */
int ipcchan_ring_set_writeback(struct ipcchan_ring *ring, enum ipcchan_writeback how);

/**
 * ipcchan_ring_writeback() - what is done with lines that were read
 * @ring: the consumer's handle
 *
 * Return: IPCCHAN_WRITEBACK_PROBE until a probe has ended, then what it has found
 * or the caller has chosen.
 */
enum ipcchan_writeback ipcchan_ring_writeback(const struct ipcchan_ring *ring);

/**
 * ipcchan_ring_wait() - sleep until the ring may be worth another try
 * @ring: either side's handle
 * @len: producer: bytes wanted; consumer: ignored
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * Publishes what is held back.  Sleeps at most once, and may return early.
 *
 * Return: 0; -ETIMEDOUT, -EINTR, -EMSGSIZE, -EINVAL (@timeout_ns below
 * IPCCHAN_WAIT_FOREVER), -EBADMSG, or what the bell's wait says.
 */
int ipcchan_ring_wait(struct ipcchan_ring *ring, size_t len, int64_t timeout_ns);

/**
 * ipcchan_ring_send() - copy one message in, waiting for room
 * @ring: the producer's handle
 * @msg: what to send
 * @len: bytes, 1 to ipcchan_ring_max_len()
 * @timeout_ns: nanoseconds in all, 0 to try once, IPCCHAN_WAIT_FOREVER
 *
 * Return: 0; -EINVAL (the consumer's handle), as ipcchan_ring_reserve(),
 * ipcchan_ring_wait() and ipcchan_ring_commit(), but -ETIMEDOUT instead of -EAGAIN.
 */
int ipcchan_ring_send(struct ipcchan_ring *ring, const void *msg, size_t len,
		      int64_t timeout_ns);

/**
 * ipcchan_ring_recv() - copy one message out, waiting for it
 * @ring: the consumer's handle
 * @buf: out, the message
 * @size: bytes of room at @buf
 * @timeout_ns: as for ipcchan_ring_send()
 *
 * Return: bytes; -EMSGSIZE (it is longer than @size and stays), -EINVAL (the
 * producer's handle), as ipcchan_ring_peek() and ipcchan_ring_wait(), but -ETIMEDOUT
 * instead of -EAGAIN.
 */
ssize_t ipcchan_ring_recv(struct ipcchan_ring *ring, void *buf, size_t size,
			  int64_t timeout_ns);

/**
 * ipcchan_ring_arm() - have the peer ring when the ring is worth another try
 * @ring: either side's handle
 * @len: as for ipcchan_ring_wait()
 *
 * For a side that sleeps elsewhere, in epoll_wait() or io_uring.  What is held back is
 * published.  Its word,
 * ipcchan_ring_bell_word(), is 1 from then on; the peer sets it to 0 and wakes it.  So
 * ipcchan_bell_watch() for 1, or ipcchan_bell_eventfd(), is called once, before the
 * first arm, and then in each turn of the loop
 *
 *	take all that there is; arm; if it says 1, sleep; disarm
 *
 * loses no wake-up.  What is watched and not armed has POLLPRI.
 *
 * Return: 1 (armed); 0 (not armed: look at the ring again); -EOPNOTSUPP (a ring with
 * IPCCHAN_RING_SPIN, whose peer wakes nobody), -EMSGSIZE, -EBADMSG.
 */
int ipcchan_ring_arm(struct ipcchan_ring *ring, size_t len);

/**
 * ipcchan_ring_disarm() - undo ipcchan_ring_arm()
 * @ring: either side's handle
 *
 * Spares the peer a wake-up that nobody needs.  Does nothing after an attach that failed.
 */
void ipcchan_ring_disarm(struct ipcchan_ring *ring);

/**
 * ipcchan_ring_bell_word() - the word that the peer rings
 * @ring: either side's handle, attached without an error
 *
 * Return: its address, for ipcchan_bell_watch() and ipcchan_bell_eventfd().
 */
static inline const uint32_t *ipcchan_ring_bell_word(const struct ipcchan_ring *ring)
{
	return ipcchan_peer_own_word(&ring->peer);
}

/**
 * ipcchan_ring_send_many() - copy messages in, published together
 * @ring: the producer's handle
 * @msgs: what to send, each as for ipcchan_ring_send()
 * @count: number of messages
 * @timeout_ns: as for ipcchan_ring_send(), for all of them
 *
 * Where the ring is full, those before are published and the rest waits.
 *
 * Return: messages sent, less than @count when the rest would fail or take too
 * long; as ipcchan_ring_send() when that is true of the first; -EINVAL (the consumer's
 * handle); 0 for none.
 */
ssize_t ipcchan_ring_send_many(struct ipcchan_ring *ring,
			       const struct iovec *msgs, unsigned int count,
			       int64_t timeout_ns);

/**
 * ipcchan_ring_recv_many() - copy messages out, released together
 * @ring: the consumer's handle
 * @msgs: rooms for them; the length of each that is filled becomes the message's
 * @count: number of rooms
 * @timeout_ns: as for ipcchan_ring_recv(), for the first of them
 *
 * Waits for the first message only, and takes what is there.
 *
 * Return: messages received, less than @count when there are no more or the next
 * does not fit its room; as ipcchan_ring_recv() when that is true of the first;
 * -EINVAL (the producer's handle); 0 for none.
 */
ssize_t ipcchan_ring_recv_many(struct ipcchan_ring *ring, struct iovec *msgs,
			       unsigned int count, int64_t timeout_ns);

/* The next three are out-of-line parts of what follows, not to be called directly. */

/**
 * ipcchan_ring_fail() - make an error that of every later call
 * @ring: either side's handle
 * @err: negative errno
 *
 * Return: @err.
 */
int ipcchan_ring_fail(struct ipcchan_ring *ring, int err);

/**
 * ipcchan_ring_wake() - wake the peer if it sleeps
 * @ring: either side's handle
 *
 * Return: 0, or what the bell's wake says.
 */
int ipcchan_ring_wake(struct ipcchan_ring *ring);

/**
 * ipcchan_ring_probe() - the next step of a probe of writing back
 * @ring: the consumer's handle
 */
void ipcchan_ring_probe(struct ipcchan_ring *ring);

/**
 * ipcchan_ring_max_len() - longest message that the ring takes
 * @ring: either side's handle
 *
 * A longer one might never fit: in a ring that is empty, but whose position is
 * just behind the middle of the data area.
 *
 * Return: bytes.
 */
static inline size_t ipcchan_ring_max_len(const struct ipcchan_ring *ring)
{
	return (size_t)ring->max_len;
}

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#include <ipcchan/ring_inline.h>

#endif /* IPCCHAN_RING_H */
